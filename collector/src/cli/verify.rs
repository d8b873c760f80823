//! `cairn verify`: computes an assessment again from its evidence and compares the bytes. Needs no store.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, assess, progress};
use crate::evidence::{self, Difference, Opened, Outcome, fingerprint};
use anyhow::Context as _;
use clap::Args;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;

/// Computes an assessment again from the file `cairn bundle` wrote, and compares the bytes.
///
/// Exit codes: 0 the same, 6 it comes out otherwise, 7 the file is damaged, changed, or signed with another key than
/// expected, 8 this program is of another version than the one that made it and comes to something else.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The file.
    file: PathBuf,
    /// Fingerprint of the key that must have signed it, as `cairn bundle` printed it: the signature alone proves only
    /// that nobody has changed the file since somebody signed it.
    #[arg(long, value_name = "SHA256")]
    expect_key: Option<String>,
    /// Computes with this policy instead of the one in the file, and says what comes out otherwise.
    #[arg(long, value_name = "F")]
    policy: Option<PathBuf>,
    /// Prints the result as JSON.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document<'a> {
    outcome: &'static str,
    key: &'a str,
    manifest: &'a evidence::Manifest,
    differences: Vec<[&'a str; 3]>,
}

pub(super) fn run(args: &Verify, out: &mut impl Write) -> anyhow::Result<Exit> {
    let file = std::fs::File::open(&args.file).with_context(|| format!("reading {}", args.file.display()))?;
    let policy = args.policy.as_deref().map(|path| assess::policy_of(Some(path), None)).transpose()?;
    let opened = match progress::during("reading the file", || evidence::open(file)) {
        Ok(opened) => opened,
        Err(why) => return refused(args, &why, out),
    };
    let key = fingerprint(&opened.public_key);
    if let Some(expected) = &args.expect_key
        && !expected.trim().eq_ignore_ascii_case(&key)
    {
        let why = format!("it is signed with key {key}, expected was {}", expected.trim().escape_debug());
        return refused(args, &why, out);
    }
    let outcome = progress::during("computing it again", || evidence::recompute(&opened, policy.as_ref()))?;
    if args.json {
        write_json(&opened, &key, &outcome, out)?;
    } else {
        write(&opened, &key, &outcome, args.policy.is_some(), out)?;
    }
    Ok(match outcome {
        Outcome::Same => Exit::Done,
        Outcome::Differs(_) => Exit::Differs,
        Outcome::OtherVersion(_) => Exit::OtherVersion,
    })
}

fn refused(args: &Verify, why: &str, out: &mut impl Write) -> anyhow::Result<Exit> {
    if args.json {
        let document = serde_json::json!({ "outcome": "refused", "why": why });
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)?;
    } else {
        writeln!(out, "REFUSED: {}: {}", args.file.display(), why.escape_debug())?;
    }
    Ok(Exit::Refused)
}

fn differences(outcome: &Outcome) -> &[Difference] {
    match outcome {
        Outcome::Same => &[],
        Outcome::Differs(found) | Outcome::OtherVersion(found) => found,
    }
}

fn write_json(opened: &Opened, key: &str, outcome: &Outcome, out: &mut impl Write) -> anyhow::Result<()> {
    let word = match outcome {
        Outcome::Same => "same",
        Outcome::Differs(_) => "differs",
        Outcome::OtherVersion(_) => "other_version",
    };
    let found = differences(outcome).iter();
    let differences = found.map(|d| [d.path.as_str(), d.evidence.as_str(), d.computed.as_str()]).collect();
    let document = Document { outcome: word, key, manifest: &opened.manifest, differences };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    Ok(writeln!(out)?)
}

fn write(
    opened: &Opened,
    key: &str,
    outcome: &Outcome,
    other_policy: bool,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let manifest = &opened.manifest;
    let engagement = manifest.engagement.escape_debug();
    writeln!(out, "assessment {} of {engagement}, made for {}", manifest.assessment, manifest.moment)?;
    let (tool, method) = (manifest.tool_version.escape_debug(), manifest.method_version.escape_debug());
    writeln!(out, "  made by   cairn {tool}, method {method}")?;
    writeln!(out, "  signed    key {key}; compare it with what `cairn bundle` printed")?;
    for part in &manifest.parts {
        writeln!(out, "  part      {} {} bytes, SHA-256 {}", part.name, part.bytes, part.sha256)?;
    }
    match outcome {
        Outcome::Same => return writeln!(out, "SAME: computed again, byte for byte"),
        Outcome::Differs(_) if other_policy => writeln!(out, "DIFFERS, computed with the policy given:")?,
        Outcome::Differs(_) => writeln!(out, "DIFFERS: computed again, something else comes out:")?,
        Outcome::OtherVersion(_) => writeln!(
            out,
            "OTHER VERSION: this is cairn {}, method {}; only the version that made it says whether it is the same. \
             This one comes to:",
            env!("CARGO_PKG_VERSION"),
            cairn_assess::METHOD_VERSION
        )?,
    }
    differences(outcome).iter().try_for_each(|Difference { path, evidence, computed }| {
        let (path, evidence) = (path.escape_debug(), evidence.escape_debug());
        writeln!(out, "  {path}: {evidence} in the file, {} here", computed.escape_debug())
    })
}
