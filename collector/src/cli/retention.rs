//! `cairn retention`: how long what is kept, and removing what is past its time.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place, now, progress};
use crate::config::Config;
use crate::store::care::{CLASSES, Care as _, Removed, Retention};
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::Write;

/// How long what is kept, and removing what is past its time.
///
/// `cairn serve` applies it once a day. Times are set in the section [retention] of cairn.toml in the data
/// directory, in days or as "forever": minutes = 400.
#[derive(Debug, Args)]
pub(super) struct RetentionArgs {
    #[command(flatten)]
    place: Place,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Shows each class, how long it is kept, and why.
    Show,
    /// Removes what is past its time, now.
    Apply {
        /// Counts what would be removed, and removes nothing.
        #[arg(long)]
        dry_run: bool,
        /// Who has it applied; goes into the audit.
        #[arg(long, value_name = "WHO", default_value = "retention")]
        by: String,
    },
}

pub(super) fn run(args: &RetentionArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    let kept = Config::load(&args.place.data_dir()?)?.retention;
    match &args.verb {
        Verb::Show => show(&kept, args.json, out)?,
        Verb::Apply { dry_run, by } => {
            args.place.existing_file()?;
            let (store, now) = (args.place.open()?, now()?);
            let removed = progress::during("looking for what is past its time", || {
                store.retain(&kept, by, now, *dry_run)
            })?;
            tell(&removed, *dry_run, args.json, out)?;
        }
    }
    Ok(Exit::Done)
}

fn show(kept: &Retention, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    if json {
        let rows = CLASSES.iter().map(|class| {
            let days = |keep| match keep {
                crate::store::care::Keep::Days(days) => Some(days),
                crate::store::care::Keep::Forever => None,
            };
            json!({ "class": class.name, "what": class.what, "days": days(kept.of(class)),
                    "default_days": days(class.default), "reason": class.reason })
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&rows.collect::<Vec<_>>())?)?;
        return Ok(());
    }
    for class in CLASSES {
        let own = if kept.of(class) == class.default { String::new() } else { " (set)".to_owned() };
        writeln!(out, "{:12} {}{own}: {}", class.name, kept.of(class), class.what)?;
        writeln!(out, "{:12} {}", "", class.reason)?;
    }
    writeln!(
        out,
        "Never removed: reviewed and issued assessments, and whatever an issued one can be recomputed from."
    )?;
    Ok(())
}

fn tell(removed: &Removed, dry_run: bool, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    if json {
        let report = json!({ "dry_run": dry_run, "removed": removed });
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else if removed.is_empty() {
        writeln!(out, "nothing is past its time")?;
    } else {
        let verb = if dry_run { "would be removed" } else { "removed" };
        for (class, count) in removed {
            writeln!(out, "{class}: {count} {verb}")?;
        }
    }
    Ok(())
}
