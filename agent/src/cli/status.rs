//! `status`: whether the agent is enrolled and well, from its files; a running agent is not disturbed.
// SPDX-License-Identifier: Apache-2.0

use super::{Arguments, Exit, Terminal, print_json};
use crate::bundle::BundleState;
use crate::clock::{Clock as _, SystemClock};
use crate::identity::{Identity, IdentityError};
use crate::run::is_running;
use crate::status::Status;
use cairn_schemas::time::Timestamp;
use serde::Serialize;
use std::io::Write;

#[derive(Serialize)]
struct Report {
    enrolled: bool,
    running: bool,
    collector: Option<String>,
    engagement: Option<String>,
    agent_id: Option<String>,
    last_run: Option<Status>,
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let identity = match Identity::load(&arguments.data) {
        Ok(identity) => Some(identity),
        Err(IdentityError::NotEnrolled(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let report = Report {
        enrolled: identity.is_some(),
        running: is_running(&arguments.data),
        collector: identity.as_ref().map(|identity| identity.url.clone()),
        engagement: identity.as_ref().map(|identity| identity.engagement.clone()),
        agent_id: identity.as_ref().map(|identity| identity.agent_id.to_string()),
        last_run: Status::load(&arguments.data)?,
    };
    if arguments.json {
        print_json(terminal.out, &report)?;
    } else {
        print(terminal.out, &report, SystemClock.now().timestamp())?;
    }
    // Without a network nobody enrols: who collects is well all the same.
    let collects = report.running && report.last_run.is_some_and(|last| last.bundle.is_some());
    Ok(if report.enrolled || collects { Exit::Done } else { Exit::NotEnrolled })
}

fn print(out: &mut dyn Write, report: &Report, now: Timestamp) -> std::io::Result<()> {
    let mut line = |name: &str, value: String| writeln!(out, "{name:<14} {value}");
    match (&report.collector, &report.engagement) {
        (Some(url), Some(engagement)) => line("enrolled", format!("at {url}, engagement {engagement}"))?,
        _ => line("enrolled", "no; run `cairn-agent enroll --join-file FILE`".to_owned())?,
    }
    line("running", if report.running { "yes" } else { "no" }.to_owned())?;
    let Some(last) = &report.last_run else { return Ok(()) };
    let ago = |moment: Timestamp| format!("{moment} ({} s ago)", (now.0 - moment.0).max(0));
    line("last word", ago(last.updated_at))?;
    let spool = &last.spool;
    line(
        "spool",
        format!(
            "{} batches, {} bytes; {} slots not sealed yet",
            spool.batches, spool.bytes, spool.pending_slots
        ),
    )?;
    if let Some(bundle) = &last.bundle {
        let BundleState { path, key, batches, bytes, until } = bundle;
        line("bundle", format!("{path}: {batches} batches, {bytes} bytes, until {until}"))?;
        line("key", key.clone())?;
    }
    if let Some(trouble) = &spool.trouble {
        line("trouble", trouble.clone())?;
    }
    if !last.directives.measures(now) {
        line("at rest", "the collector asks it not to measure now".to_owned())?;
    }
    let taken = if last.bundle.is_some() { "written" } else { "acknowledged" };
    line(taken, last.last_ack_at.map_or_else(|| "nothing yet".to_owned(), ago))?;
    if let (Some(error), Some(at)) = (&last.last_error, last.last_error_at) {
        line(if last.failing { "failing" } else { "last error" }, format!("{error}; {}", ago(at)))?;
    }
    if let Some(seconds) = last.clock_behind_s.filter(|seconds| seconds.abs() > 1) {
        let side = if seconds > 0 { "behind" } else { "ahead of" };
        line("clock", format!("{} s {side} the collector's", seconds.abs()))?;
    }
    for (sampler, why) in &last.failing_samplers {
        line("cannot read", format!("{sampler}: {why}"))?;
    }
    for remark in &last.remarks {
        line("remark", remark.clone())?;
    }
    if let (Some(cpu), Some(resident)) = (last.cpu_ratio, last.resident_bytes) {
        line("own cost", format!("{:.3} % of a core, {:.1} MB resident", cpu * 100.0, resident / 1e6))?;
    }
    Ok(())
}
