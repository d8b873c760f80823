//! `cairn journey record` and `cairn journey moment`: what only a person can know.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Store, moment as moment_of, now, tell};
use cairn_assess::estate;
use clap::Args;
use std::io::Write;

/// Longest words of a moment, in bytes.
const WORDS_BYTES_MAX: usize = 4_096;

/// A reason to go.
#[derive(Debug, Args)]
pub(super) struct Trigger {
    /// `hardware-refresh`, `data-centre-consolidation`, `space-power-cooling`, or your own word.
    trigger: String,
    /// Who says so.
    #[arg(long, value_name = "WHO")]
    by: String,
    /// As of when.
    #[arg(long, value_name = "DATE")]
    on: String,
    /// Phase it speaks for.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=3))]
    phase: u8,
}

/// Something that happened for the first time.
#[derive(Debug, Args)]
pub(super) struct Moment {
    /// `first-live-migration`, `first-recovery-test` and so on; `cairn journey phases` names them.
    moment: String,
    /// Who records it.
    #[arg(long, value_name = "WHO")]
    by: String,
    /// When it happened.
    #[arg(long, value_name = "DATE")]
    on: String,
    /// What was seen, in the words of whoever it was done for.
    #[arg(long, default_value = "", hide_default_value = true)]
    words: String,
}

pub(super) fn trigger(
    store: &dyn Store,
    args: &Trigger,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let recorded = estate::RecordedTrigger {
        phase: args.phase,
        trigger: named("trigger", &args.trigger)?,
        by: named("--by", &args.by)?,
        on: moment_of("--on", &args.on)?,
    };
    store.record_trigger(&recorded, now()?)?;
    said(store, &recorded.trigger, json, out)
}

pub(super) fn moment(
    store: &dyn Store,
    args: &Moment,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let words = args.words.trim();
    anyhow::ensure!(words.len() <= WORDS_BYTES_MAX, "--words has more than {WORDS_BYTES_MAX} bytes");
    let (on, now) = (moment_of("--on", &args.on)?, now()?);
    anyhow::ensure!(on <= now, "--on {} is to come; record it when it has happened", on.date());
    let recorded = estate::Moment {
        moment: known(args.moment.trim())?,
        by: named("--by", &args.by)?,
        on,
        words: words.to_owned(),
    };
    store.record_moment(&recorded, now)?;
    said(store, &recorded.moment, json, out)
}

fn said(store: &dyn Store, what: &str, json: bool, out: &mut impl Write) -> anyhow::Result<Exit> {
    let words = match store.assessments()?.last() {
        None => "recorded; `cairn assess` will count it".to_owned(),
        Some(last) => {
            format!("recorded; assessment {} was made before it, `cairn assess` will count it", last.id)
        }
    };
    tell(out, json, &words, &serde_json::json!({ "recorded": what }))?;
    Ok(Exit::Done)
}

/// A moment there is, or which one is nearest.
fn known(moment: &str) -> anyhow::Result<String> {
    if cairn_assess::journey::moments().any(|known| known == moment) {
        return Ok(moment.to_owned());
    }
    let meant = crate::nearest::meant(moment, cairn_assess::journey::moments());
    anyhow::bail!("there is no moment {moment:?} (`cairn journey phases` names all){meant}")
}

fn named(what: &str, text: &str) -> anyhow::Result<String> {
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "{what} is empty");
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_one_of_those_there_are() {
        assert_eq!(known("first-recovery-test").unwrap(), "first-recovery-test");
        let wrong = known("first-recovry").unwrap_err().to_string();
        assert!(wrong.contains("was \"first-recovery-test\" meant?"), "{wrong}");
    }
}
