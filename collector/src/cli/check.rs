//! `cairn check`: whether all that is kept can be read and agrees with itself.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place, progress};
use crate::number::terminal_safe;
use crate::store::care::{Care as _, Checkup};
use crate::store::sqlite::SqliteStore;
use clap::Args;
use std::io::Write;

/// Looks whether all that is kept can be read and agrees with itself; changes nothing.
///
/// The file's own structure; every day block, weekly summary and waiting batch, with its signature; weekly
/// summaries against their day blocks; the chain of the audit log. Ends with 5 when something is wrong.
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    place: Place,
    /// Recompute every weekly summary, not some.
    #[arg(long)]
    full: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Check, out: &mut impl Write) -> anyhow::Result<Exit> {
    let file = args.place.existing_file()?;
    let store = SqliteStore::read_only(&file, &args.place.name()?)?;
    let found = progress::during("reading all that is kept", || store.check(args.full))?;
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?;
    } else {
        print(&found, out)?;
    }
    Ok(if found.faults.is_empty() { Exit::Done } else { Exit::Partial })
}

/// What was looked at, then what is wrong.
fn print(found: &Checkup, out: &mut impl Write) -> std::io::Result<()> {
    let looked: Vec<String> =
        found.looked_at.iter().map(|(what, count)| format!("{what}: {count}")).collect();
    writeln!(out, "looked at, schema version {}: {}", found.version, looked.join(", "))?;
    for fault in &found.faults {
        let (which, why) = (terminal_safe(&fault.which), terminal_safe(&fault.why));
        writeln!(out, "WRONG {} {which}: {why}", fault.what)?;
    }
    match found.faults.len() {
        0 => writeln!(out, "all of it is sound"),
        n => writeln!(out, "{n} found wrong; nothing was changed. The last good backup: cairn backup --list"),
    }
}

/// The same as text.
pub(super) fn said(found: &Checkup) -> String {
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = print(found, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}
