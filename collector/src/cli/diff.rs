//! `cairn diff`: what changed between two assessments, and why. Finds what both were computed from where it is kept;
//! the parting of the change is the method's.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, NotFound, Place, assess, assessments};
use crate::estate;
use crate::evidence;
use anyhow::Context as _;
use cairn_assess::difference::{Side, difference};
use cairn_assess::estate::Estate;
use cairn_assess::policy::Policy;
use cairn_schemas::assessment::Assessment;
use cairn_schemas::change::VerdictLevel;
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};

mod text;

/// Says what changed between two assessments, and why: every change in parts, one a cause, that add up to it exactly.
///
/// Both are computed again with one cause changed at a time, from their evidence files or from what the store still
/// holds. What was known then and is no longer is said as a remainder.
///
/// Exit codes: 0 nothing that matters; 10 drift: hosts, servers, servers that stay or servers that are ready changed by
/// one and by 5 %, the net ratio by 5 %, the readiness score by 3 points, or the cash a year by 10 %; 11 a condition of
/// a phase changed its state.
#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The earlier one: its number, or a file `cairn bundle` wrote.
    before: String,
    /// The later one, likewise.
    after: String,
    /// Policy file one of them was made with, where it was not the standard policy; once for each.
    #[arg(long, value_name = "F")]
    policy: Vec<PathBuf>,
    /// Scenario file one of them was made with; once for each.
    #[arg(long, value_name = "F")]
    scenario: Vec<PathBuf>,
    /// Prints it as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// An assessment with what it was computed from, as far as that is kept.
struct Found {
    assessment: Assessment,
    inputs: Option<(Estate, Policy)>,
}

pub(super) fn run(args: &Diff, out: &mut impl Write) -> anyhow::Result<Exit> {
    let policies = policies(&args.policy, &args.scenario)?;
    let (before, after) = (found(args, &args.before, &policies)?, found(args, &args.after, &policies)?);
    let (a, b) = (&before.assessment.engagement, &after.assessment.engagement);
    anyhow::ensure!(
        a == b,
        "{} is of engagement {}, {} of {}: nothing crosses an engagement",
        args.before,
        a.escape_debug(),
        args.after,
        b.escape_debug()
    );
    let told = difference(&before.side(), &after.side());
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &told)?;
        writeln!(out)?;
    } else {
        text::write(&told, out)?;
    }
    Ok(match told.verdict.level {
        VerdictLevel::Nothing => Exit::Done,
        VerdictLevel::Drift => Exit::Drift,
        VerdictLevel::TriggerChanged => Exit::TriggerChanged,
    })
}

impl Found {
    fn side(&self) -> Side<'_> {
        Side {
            assessment: &self.assessment,
            inputs: self.inputs.as_ref().map(|(estate, policy)| (estate, policy)),
        }
    }
}

/// Every policy one of the assessments may have been made with.
fn policies(files: &[PathBuf], scenarios: &[PathBuf]) -> anyhow::Result<Vec<Policy>> {
    let files = std::iter::once(None).chain(files.iter().map(|file| Some(file.as_path())));
    let mut policies = Vec::new();
    for file in files {
        policies.push(assess::policy_of(file, None)?);
        for scenario in scenarios {
            policies.push(assess::policy_of(file, Some(scenario))?);
        }
    }
    Ok(policies)
}

fn found(args: &Diff, which: &str, policies: &[Policy]) -> anyhow::Result<Found> {
    match which.parse::<u64>() {
        Ok(id) => in_store(args, id, policies),
        Err(_) => in_file(which),
    }
}

fn in_file(path: &str) -> anyhow::Result<Found> {
    if !Path::new(path).exists() {
        anyhow::bail!(NotFound(format!("{path:?} is neither the number of an assessment nor a file")));
    }
    let file = std::fs::File::open(path).with_context(|| format!("reading {path}"))?;
    let opened = evidence::open(file).map_err(|why| anyhow::anyhow!("{path}: {}", why.escape_debug()))?;
    Ok(Found { assessment: opened.assessment, inputs: Some((opened.estate, opened.policy)) })
}

/// An assessment of the store; its inputs are those kept with it, else its window as the store knows it today.
fn in_store(args: &Diff, id: u64, policies: &[Policy]) -> anyhow::Result<Found> {
    args.place.existing_file()?;
    let store = args.place.open()?;
    let assessment = assessments::find(&store, Some(id))?;
    if let Some(inputs) = evidence::kept(&store, id)? {
        return Ok(Found { assessment, inputs: Some(inputs) });
    }
    let Some(policy) = policies.iter().find(|policy| policy.reference() == assessment.policy) else {
        let policy = &assessment.policy;
        tracing::warn!(
            "assessment {id} was made with policy {} {}, which is not here; give its file with --policy or --scenario, \
             or its evidence, and its changes are parted exactly",
            policy.name.escape_debug(),
            policy.version.escape_debug()
        );
        return Ok(Found { assessment, inputs: None });
    };
    let estate = estate::load(&store, assessment.window)?;
    // Measurements past their time are no estate that was not measured.
    let is_lost = assessment.coverage.covered_s > 0 && estate.servers.iter().all(|s| s.weeks.is_empty());
    let inputs = (!is_lost).then(|| (estate, policy.clone()));
    Ok(Found { assessment, inputs })
}
