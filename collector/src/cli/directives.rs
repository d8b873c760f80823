//! `cairn directives`: what agents are asked to do, by ring. They hear of it with their next acknowledgement and
//! heed it within bounds of their own.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place, now};
pub(super) use crate::join::ring;
use crate::store::Store as _;
use cairn_schemas::directives::{Directives, MeasuringWindow};
use cairn_schemas::time::Timestamp;
use clap::{Args, Subcommand};
use std::io::Write;

/// Arguments of `cairn directives`.
#[derive(Debug, Args)]
pub(super) struct DirectivesArgs {
    #[command(flatten)]
    place: Place,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Option<DirectivesVerb>,
}

#[derive(Debug, Subcommand)]
enum DirectivesVerb {
    /// Changes what a ring, or everybody, is asked to do; what is not named stays as it is.
    Set(Box<SetArgs>),
    /// Takes the directives of a ring, or everybody's, back.
    Clear(Whom),
}

#[derive(Debug, Args)]
struct Whom {
    /// Ring of agents [default: everybody].
    #[arg(long, default_value = "", hide_default_value = true, value_parser = ring)]
    ring: String,
    /// Who decides; goes into the audit.
    #[arg(long)]
    by: String,
}

#[derive(Debug, Args)]
struct SetArgs {
    #[command(flatten)]
    whom: Whom,
    /// Rest until --resume. Of everybody, it holds for every ring.
    #[arg(long, conflicts_with = "resume")]
    pause: bool,
    /// Ends a pause.
    #[arg(long)]
    resume: bool,
    /// Rest before this moment (RFC 3339).
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse_rfc3339)]
    from: Option<Timestamp>,
    /// Rest from this moment on.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse_rfc3339)]
    until: Option<Timestamp>,
    /// Measure within these only, in UTC: "mon-fri 06:00-22:00". May be repeated; "always" lifts it.
    #[arg(long = "window", value_name = "WINDOW")]
    windows: Vec<String>,
    /// Seconds of slots in a batch (60 to 21600).
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(60..=21_600))]
    batch_every: Option<u32>,
    /// Seconds between two words of a resting agent (60 to 86400).
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(60..=86_400))]
    check_in_every: Option<u32>,
}

/// Shows, sets or takes back.
///
/// # Errors
/// The store cannot be read or written, or a window is none.
pub(super) fn run(args: &DirectivesArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    let store = args.place.open()?;
    match &args.verb {
        None => {}
        Some(DirectivesVerb::Clear(whom)) => {
            store.put_directives(&whom.ring, None, &whom.by, now()?)?;
        }
        Some(DirectivesVerb::Set(set)) => {
            let held = store.directives()?.into_iter().find(|(ring, _)| *ring == set.whom.ring);
            let directives = changed(held.map(|(_, directives)| directives).unwrap_or_default(), set)?;
            store.put_directives(&set.whom.ring, Some(&directives), &set.whom.by, now()?)?;
        }
    }
    let held = store.directives()?;
    if args.json {
        let rows: Vec<_> =
            held.iter().map(|(ring, d)| serde_json::json!({ "ring": ring, "directives": d })).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
    } else if held.is_empty() {
        writeln!(out, "no directives: every agent measures always, and ships every 15 minutes")?;
    } else {
        for (ring, directives) in &held {
            let whom = if ring.is_empty() { "everybody".to_owned() } else { format!("ring {ring}") };
            writeln!(out, "{whom}: {}", words(directives))?;
        }
    }
    Ok(Exit::Done)
}

fn changed(mut directives: Directives, set: &SetArgs) -> anyhow::Result<Directives> {
    directives.paused = (directives.paused || set.pause) && !set.resume;
    directives.measure_from = set.from.or(directives.measure_from);
    directives.measure_until = set.until.or(directives.measure_until);
    directives.batch_every_s = set.batch_every.or(directives.batch_every_s);
    directives.check_in_every_s = set.check_in_every.or(directives.check_in_every_s);
    if !set.windows.is_empty() {
        let named = set.windows.iter().filter(|text| *text != "always");
        let windows: Result<Vec<_>, String> = named.map(|text| MeasuringWindow::parse(text)).collect();
        directives.windows = windows.map_err(anyhow::Error::msg)?;
    }
    let (from, until) = (directives.measure_from, directives.measure_until);
    anyhow::ensure!(from.zip(until).is_none_or(|(from, until)| from < until), "--until is not after --from");
    Ok(directives.bounded())
}

/// The directives in one line for people.
fn words(directives: &Directives) -> String {
    let mut words = Vec::new();
    if directives.paused {
        words.push("rest until told otherwise".to_owned());
    }
    words.extend(directives.measure_from.map(|from| format!("measure from {from}")));
    words.extend(directives.measure_until.map(|until| format!("measure until {until}")));
    words.extend(directives.windows.iter().map(|window| format!("measure {window} UTC")));
    words.extend(directives.batch_every_s.map(|seconds| format!("a batch every {seconds} s")));
    words.extend(directives.check_in_every_s.map(|seconds| format!("at rest a word every {seconds} s")));
    if words.is_empty() {
        words.push("measure always".to_owned());
    }
    format!("{} (version {})", words.join("; "), directives.version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        set: SetArgs,
    }

    fn set(held: Directives, line: &str) -> anyhow::Result<Directives> {
        let args =
            ["x", "--by", "me"].into_iter().map(str::to_owned).chain(line.split('|').map(str::to_owned));
        changed(held, &Line::try_parse_from(args)?.set)
    }

    #[test]
    fn only_what_is_named_changes() {
        let held = set(Directives::default(), "--window|mon-fri 06:00-22:00|--batch-every|3600").unwrap();
        let paused = set(held.clone(), "--pause").unwrap();
        assert_eq!(paused, Directives { paused: true, ..held.clone() });
        assert_eq!(set(paused, "--resume").unwrap(), held);
        assert!(set(held, "--window|always").unwrap().windows.is_empty());
    }

    #[test]
    fn nonsense_is_refused() {
        for line in [
            "--window|mondays",
            "--batch-every|5",
            "--from|2026-11-26T00:00:00Z|--until|2026-11-25T00:00:00Z",
            "--ring|a b",
            "--pause|--resume",
        ] {
            assert!(set(Directives::default(), line).is_err(), "{line}");
        }
    }
}
