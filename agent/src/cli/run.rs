//! `run`: samples and ships until stopped.
// SPDX-License-Identifier: Apache-2.0

use super::bounded_log::BoundedLog;
use super::{Arguments, Exit, Terminal};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::run::{Ended, Host, run as sample_and_ship};
use anyhow::anyhow;
use std::sync::Arc;

pub(super) fn run(arguments: &Arguments, terminal: &Terminal<'_>) -> anyhow::Result<Exit> {
    let config = Config::load(&arguments.data, arguments.environment, arguments.flags)
        .map_err(|why| anyhow!("configuration: {why}"))?;
    log(terminal);
    let ended = sample_and_ship(&arguments.data, &host(arguments), &config, arguments.trial)?;
    // A service that is stopped while its collector is away has done its work: the spool keeps the rest.
    let partial = ended == Ended::Undelivered && arguments.trial.stop_after.is_some();
    Ok(if partial { Exit::Partial } else { Exit::Done })
}

/// Logs to standard error.
pub(super) fn log(terminal: &Terminal<'_>) {
    let log = tracing_subscriber::fmt()
        .with_writer(BoundedLog::new(std::io::stderr(), Box::new(SystemClock)))
        .with_ansi(terminal.colour)
        .with_target(false)
        .finish();
    // A second run in one process, in a test say, keeps the first one's log.
    let _ = tracing::subscriber::set_global_default(log);
}

/// The machine the program runs on.
pub(super) fn host(arguments: &Arguments) -> Host {
    let (root, service) = (arguments.root.clone(), arguments.service.clone());
    Host { root, clock: Arc::new(SystemClock), service }
}
