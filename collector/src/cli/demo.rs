//! `cairn demo`: a whole assessment with nothing installed, on one screen, then served.
// SPDX-License-Identifier: Apache-2.0

use super::report::{Format, Style, render};
use super::serve::ended;
use super::{Exit, assess, demo_agent, now, people};
use crate::demo::{self, Added, Agent, Look, Machine, Summary};
use crate::join;
use crate::serve::{self, Running};
use crate::simulate::Population;
use crate::store::sqlite::SqliteStore;
use anyhow::Context as _;
use cairn_assess::policy::Policy;
use cairn_schemas::time::{HOUR_S, Timestamp};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal as _, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A whole assessment with nothing installed: a real agent here, a simulated estate beside it.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Simulated servers.
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=5_000))]
    servers: u16,
    /// Simulated days; from 28 on they always hold the end of a month.
    #[arg(long, default_value_t = 28, value_name = "D", value_parser = clap::value_parser!(u16).range(1..=366))]
    days: u16,
    /// Another seed gives another estate; the same one the same estate.
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// Directory for everything; must be new or empty [default: ./cairn-demo-<date>-<time>].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How long the real agent measures this machine.
    #[arg(long, default_value_t = 8, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(6..=3_600))]
    agent_seconds: u64,
    /// End after the result instead of serving the pages.
    #[arg(long)]
    no_serve: bool,
    /// Loopback address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR")]
    listen: SocketAddr,
}

pub(super) fn run(args: &Demo, out: &mut impl Write) -> anyhow::Result<Exit> {
    anyhow::ensure!(args.listen.ip().is_loopback(), "--listen {} is not loopback", args.listen);
    let now = now()?;
    let dir = fresh_directory(args.out.as_deref(), now)?;
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    let config = serve::Config {
        data_dir: dir.join("data"),
        listen: args.listen,
        names: Vec::new(),
        tls: false,
        pages: false,
        engagement: demo::ENGAGEMENT.parse()?,
    };
    std::fs::create_dir(&config.data_dir).with_context(|| format!("making {}", config.data_dir.display()))?;
    let running = runtime.block_on(serve::start(config))?;
    show(args, &dir, &running, now, out)?;
    if !args.no_serve {
        let store = SqliteStore::open(&dir.join("data"), &demo::ENGAGEMENT.parse()?)?;
        let link = people::link(&store, &running.place, &people::whoami(), crate::clock::now())?;
        writeln!(out, "  Open {link}")?;
        writeln!(out, "  It signs you in, once and within an hour. Serving until Ctrl-C.")?;
        out.flush()?;
        runtime.block_on(ended())?;
        writeln!(out)?;
    }
    runtime.block_on(running.stop());
    Ok(Exit::Done)
}

/// Everything between a running collector and the screen that shows the result.
fn show(
    args: &Demo,
    dir: &Path,
    running: &Running,
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let store = SqliteStore::open(&dir.join("data"), &demo::ENGAGEMENT.parse()?)?;
    let place = &running.place;
    let terms = join::Terms { ttl_s: HOUR_S, uses: 1, ring: String::new() };
    let join = join::give(&store, place, &terms, "the demo", now)?;
    let program = std::env::current_exe().context("finding this program")?;
    let (agent_data, log) = (dir.join("agent"), dir.join("agent.log"));
    let steps = Steps::new();
    steps.say(&format!("a real agent measures this machine for {} seconds", args.agent_seconds));
    let agent = Agent::start((&program, demo_agent::VERB), &agent_data, &log, &join, args.agent_seconds)?;

    let population = Population::new(args.servers.into(), args.days.into(), now, args.seed);
    let added = steps.count("simulating an estate", population.len(), |step| {
        demo::add_simulated(&store, &population, |added: &Added| step(added.servers))
    })?;
    demo::record_simulated_trigger(&store, now)?;
    steps.wait("waiting for the agent", || agent.finish())?;

    let (assessment, window) = steps.wait("assessing", || -> anyhow::Result<_> {
        let window = demo::window_of(&store, &population)?;
        let assessment = assess::assess(&store, &Policy::default(), window, now)?;
        assess::send(&store, &assessment, None, now)?;
        Ok((assessment, window))
    })?;
    let report = dir.join("report.html");
    let json = dir.join("assessment.json");
    for (path, format) in [(&report, Format::Html), (&json, Format::Json)] {
        std::fs::write(path, render(&assessment, None, format, &Style::default())?)
            .with_context(|| format!("writing {}", path.display()))?;
    }

    let shown = |path: &Path| path.display().to_string();
    let here = format!("--data {} --engagement {}", dir.join("data").display(), demo::ENGAGEMENT);
    let places = [
        (shown(&report), "the report".to_owned()),
        (shown(&json), "every figure".to_owned()),
        (format!("cairn journey {here}"), "what opens the next phase".to_owned()),
        (format!("cairn people link {here}"), "another link to the pages, while they are served".to_owned()),
    ];
    let machine = Machine::measured(&store, window)?;
    let summary = Summary {
        assessment: &assessment,
        population: &population,
        added,
        machine: machine.as_ref(),
        places: &places,
    };
    summary.write(look(), out)?;
    Ok(out.flush()?)
}

/// The terminal this is shown on.
fn look() -> Look {
    let terminal = console::Term::stdout();
    let columns = if terminal.is_term() { usize::from(terminal.size().1) } else { 100 };
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    Look { columns, colour: terminal.is_term() && !no_colour }
}

/// Makes the directory, which must be new or empty: a demonstration overwrites nothing.
fn fresh_directory(asked: Option<&Path>, now: Timestamp) -> anyhow::Result<PathBuf> {
    let stamp = || now.to_string().replace(['-', ':', 'Z'], "").replace('T', "-");
    let dir = asked.map_or_else(|| PathBuf::from(format!("cairn-demo-{}", stamp())), Path::to_owned);
    std::fs::create_dir_all(&dir).with_context(|| format!("making {}", dir.display()))?;
    let mut entries = std::fs::read_dir(&dir).with_context(|| format!("reading {}", dir.display()))?;
    anyhow::ensure!(
        entries.next().is_none(),
        "{} is not empty: a demonstration overwrites nothing; name a new directory with --out",
        dir.display()
    );
    Ok(dir)
}

/// Progress on standard error: a bar on a terminal, a line a step elsewhere.
struct Steps {
    terminal: bool,
}

impl Steps {
    fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal() }
    }

    fn say(&self, text: &str) {
        // Nobody who does not read the progress is to lose the result.
        let _ = writeln!(std::io::stderr(), "  {text}");
    }

    /// A step that counts what it has done.
    fn count<T>(&self, text: &str, all: usize, work: impl FnOnce(&dyn Fn(usize)) -> T) -> T {
        if !self.terminal {
            self.say(&format!("{text}: {all} servers"));
            return work(&|_| {});
        }
        let bar = ProgressBar::new(all as u64).with_message(text.to_owned());
        bar.set_style(style("  {msg} {bar:30.cyan/dim} {pos}/{len} servers"));
        let result = work(&|done| bar.set_position(done as u64));
        bar.finish_and_clear();
        result
    }

    /// A step that only takes its time.
    fn wait<T>(&self, text: &str, work: impl FnOnce() -> T) -> T {
        if !self.terminal {
            self.say(text);
            return work();
        }
        let spinner = ProgressBar::new_spinner().with_message(text.to_owned());
        spinner.set_style(style("  {spinner:.cyan} {msg} ({elapsed})"));
        spinner.enable_steady_tick(Duration::from_millis(120));
        let result = work();
        spinner.finish_and_clear();
        result
    }
}

/// A template of ours always parses; were it wrong, the plain style would serve.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━━─")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten() {
        let outer = tempfile::tempdir().unwrap();
        let dir = outer.path().join("new");
        assert_eq!(fresh_directory(Some(&dir), Timestamp(0)).unwrap(), dir);
        std::fs::write(dir.join("report.html"), "mine").unwrap();
        let error = fresh_directory(Some(&dir), Timestamp(0)).unwrap_err().to_string();
        assert!(error.contains("is not empty") && error.contains("--out"), "{error}");
    }
}
