//! `cairn bundle`: a signed file with which anybody computes an assessment again.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place, assess, assessments, progress, tell};
use crate::estate;
use crate::evidence::{self, Inputs, SigningKey, fingerprint};
use anyhow::Context as _;
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes a signed file with which anybody computes an assessment again, byte for byte: `cairn verify`.
///
/// It holds what the assessment was computed from: all servers with their facts, decisions and load, the policy, the
/// moment. That is kept with reviewed and issued assessments for ever, with drafts for a while; afterwards what is known
/// must be what it was then. `cairn assess --bundle` writes the file at once.
#[derive(Debug, Args)]
pub(super) struct Bundle {
    /// Number of the assessment.
    id: u64,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Policy file the assessment was made with, where that is no longer kept and was not the standard policy.
    #[arg(long, value_name = "F")]
    policy: Option<PathBuf>,
    /// Scenario file it was made with.
    #[arg(long, value_name = "F")]
    scenario: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Bundle, out: &mut impl Write) -> anyhow::Result<Exit> {
    let is_given = args.policy.is_some() || args.scenario.is_some();
    let given = assess::policy_of(args.policy.as_deref(), args.scenario.as_deref())?;
    args.place.existing_file()?;
    let store = args.place.open()?;
    let assessment = &assessments::find(&store, Some(args.id))?;
    let (estate, policy) = match evidence::kept(&store, args.id)? {
        Some((estate, _)) if is_given => (estate, given),
        Some(kept) => kept,
        None => (estate::load(&store, assessment.window)?, given),
    };
    let inputs = Inputs { estate: &estate, policy: &policy, assessment };
    let data_dir = args.place.data_dir()?;
    let line = progress::during("packing it", || write(inputs, &data_dir, &args.out))?;
    tell(out, args.json, &line, &serde_json::json!({ "assessment": args.id, "file": args.out }))?;
    Ok(Exit::Done)
}

/// Writes evidence into a file; gives the line that says so.
pub(super) fn write(inputs: Inputs<'_>, data_dir: &Path, to: &Path) -> anyhow::Result<String> {
    let key = SigningKey::open(data_dir)?;
    let file = evidence::write(inputs, &key)?;
    std::fs::write(to, &file).with_context(|| format!("writing {}", to.display()))?;
    let (id, bytes, key) = (inputs.assessment.id, file.len(), fingerprint(key.public()));
    Ok(format!("evidence of assessment {id} is in {}: {bytes} bytes, signed with key {key}", to.display()))
}
