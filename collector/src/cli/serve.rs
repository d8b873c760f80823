//! `cairn serve`: the collector, until it is told to end.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place};
use crate::bounds::CONNECTIONS_MAX;
use crate::clock;
use crate::serve::{self, Config, Running};
use anyhow::Context as _;
use clap::Args;
use rustix::process::{Resource, getrlimit, setrlimit};
use std::io::{IsTerminal as _, Write};
use std::net::SocketAddr;

/// Arguments of `cairn serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    place: Place,
    /// Address to listen on. Loopback speaks plain HTTP and shows the pages; any other address speaks TLS
    /// and takes agents only, unless --pages is given. Port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// Further name agents and people reach this listener by; the first one stands in join strings.
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Shows the pages beyond loopback too, to people who sign in: somebody has to have a password (`cairn people`).
    #[arg(long)]
    pages: bool,
    /// Speak TLS on loopback too: behind a forwarder, or to measure it.
    #[arg(long)]
    tls: bool,
}

/// Serves until SIGINT or SIGTERM. With `CAIRN_NOW` its clock begins there and goes on.
///
/// # Errors
/// The collector cannot be started.
pub fn run(args: ServeArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    if let Some(moment) = super::given_now()? {
        tracing::warn!(%moment, "CAIRN_NOW is set: the clock begins there");
        clock::begin_at(moment);
    }
    let config = Config {
        data_dir: args.place.data_dir()?,
        listen: args.listen,
        names: args.names,
        tls: args.tls,
        pages: args.pages,
        engagement: args.place.engagement.parse()?,
    };
    raise_descriptors();
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    runtime.block_on(async {
        let running = serve::start(config).await?;
        announce(&running, &args.place, out)?;
        ended().await?;
        tracing::info!("ending: requests may finish");
        running.stop().await;
        Ok(Exit::Done)
    })
}

/// Raises the limit of open files as far as it goes: a shell's is a tenth of the connections there are places for.
fn raise_descriptors() {
    const BESIDE_CONNECTIONS: u64 = 200;
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let raised = setrlimit(Resource::Nofile, limit);
    let now = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    if now < CONNECTIONS_MAX as u64 + BESIDE_CONNECTIONS {
        let error = raised.err().map(|error| error.to_string()).unwrap_or_default();
        tracing::warn!(
            now,
            error,
            "open files are limited to less than the connections there are places for"
        );
    }
}

/// Says where it listens. The link that signs in is for whoever sits there: it is shown on a terminal and nowhere that
/// may be kept as a log; elsewhere `cairn people link` makes one.
fn announce(running: &Running, place: &Place, out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(out, "listening on {}", running.place.url)?;
    writeln!(
        out,
        "join string for an agent: cairn token create    (then: cairn-agent enroll --join-file F)"
    )?;
    if !running.has_pages {
        writeln!(out, "pages: not here; --pages shows them to people who sign in")?;
    } else if std::io::stdout().is_terminal() {
        let link =
            super::people::link(&place.open()?, &running.place, &super::people::whoami(), clock::now())?;
        writeln!(out, "pages: {link}")?;
        writeln!(out, "       signs you in once, within an hour; another: cairn people link")?;
    } else {
        writeln!(out, "pages: {}/    (cairn people link makes a link that signs you in)", running.place.url)?;
    }
    Ok(out.flush()?)
}

/// Resolves at SIGINT or SIGTERM.
pub(super) async fn ended() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.context("listening for SIGINT"),
        _ = term.recv() => Ok(()),
    }
}
