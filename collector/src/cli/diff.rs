//! `cairn diff`: what changed between two assessments, and why. Finds what both were computed from where it is kept;
//! the parting of the change is the method's.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, NotFound, Place, assess, assessments};
use crate::changes::Known;
use crate::evidence;
use anyhow::Context as _;
use cairn_assess::difference::difference;
use cairn_assess::policy::Policy;
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

fn found(args: &Diff, which: &str, policies: &[Policy]) -> anyhow::Result<Known> {
    match which.parse::<u64>() {
        Ok(id) => in_store(args, id, policies),
        Err(_) => in_file(which),
    }
}

fn in_file(path: &str) -> anyhow::Result<Known> {
    if !Path::new(path).exists() {
        anyhow::bail!(NotFound(format!("{path:?} is neither the number of an assessment nor a file")));
    }
    let file = std::fs::File::open(path).with_context(|| format!("reading {path}"))?;
    let opened = evidence::open(file).map_err(|why| anyhow::anyhow!("{path}: {}", why.escape_debug()))?;
    Ok(Known { assessment: opened.assessment, inputs: Some((opened.estate, opened.policy)) })
}

fn in_store(args: &Diff, id: u64, policies: &[Policy]) -> anyhow::Result<Known> {
    args.place.existing_file()?;
    let store = args.place.open()?;
    let known = Known::of(&store, assessments::find(&store, Some(id))?, policies)?;
    let policy = &known.assessment.policy;
    if known.inputs.is_none() && policies.iter().all(|other| other.reference() != *policy) {
        tracing::warn!(
            "assessment {id} was made with policy {} {}, which is not here; give its file with --policy or --scenario, \
             or its evidence, and its changes are parted exactly",
            policy.name.escape_debug(),
            policy.version.escape_debug()
        );
    }
    Ok(known)
}
