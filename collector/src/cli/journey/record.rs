//! `cairn journey record` and `cairn journey moment`: what only a person can know.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Store, moment as moment_of, now, tell};
use crate::decisions::Words;
use crate::nearest::meant;
use crate::outcomes::{self, Said};
use cairn_assess::{estate, journey};
use cairn_schemas::outcome::Witness;
use clap::Args;
use std::io::Write;

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
    #[arg(long)]
    words: Option<String>,
    /// Whose words they are [default: those of whoever records it].
    #[arg(long, value_name = "WHO", requires = "words")]
    owner: Option<String>,
    /// Ticket, protocol or measurement that shows it.
    #[arg(long)]
    evidence: Option<String>,
    /// What was counted, such as `downtime_minutes_before=90`; once for each figure.
    #[arg(long, value_name = "FIGURE=AMOUNT")]
    figure: Vec<String>,
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
    let now = now()?;
    let words = args.words()?;
    let source = "cairn journey moment";
    let said_by = Said { words: &words, by: &args.by, source, witness: Witness::Person, now };
    let recorded = outcomes::moment(said_by)?;
    store.record_moment(&recorded, now)?;
    said(store, &recorded.moment, json, out)
}

impl Moment {
    /// What is said, by field.
    fn words(&self) -> anyhow::Result<Words<'_>> {
        let fields = [
            ("moment", Some(&self.moment)),
            ("by", Some(&self.by)),
            ("on", Some(&self.on)),
            ("words", self.words.as_ref()),
            ("owner", self.owner.as_ref()),
            ("evidence", self.evidence.as_ref()),
        ];
        let mut words: Words<'_> =
            fields.into_iter().filter_map(|(field, text)| Some((field, text?.as_str()))).collect();
        for figure in &self.figure {
            let Some((name, amount)) = figure.split_once('=') else {
                anyhow::bail!("--figure {figure:?} names no amount; write downtime_minutes_before=90");
            };
            let name = name.trim();
            let Some(known) = journey::all_figures().find(|known| *known == name) else {
                let known: Vec<&str> = journey::figures(self.moment.trim()).to_vec();
                let near = meant(name, journey::all_figures());
                let of_it = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                anyhow::bail!(
                    "--figure {name:?}: there is no such figure; {} has {of_it}{near}",
                    self.moment
                );
            };
            anyhow::ensure!(!amount.trim().is_empty(), "--figure {name}: its amount is empty");
            anyhow::ensure!(words.insert(known, amount).is_none(), "--figure {name} is said twice");
        }
        Ok(words)
    }
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

fn named(what: &str, text: &str) -> anyhow::Result<String> {
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "{what} is empty");
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_there_are_each_once() {
        let check = |figures: &[&str], expected: Result<usize, &str>| {
            let moment = Moment {
                moment: "first-recovery-test".into(),
                by: "Ada".into(),
                on: "2026-11-01".into(),
                words: None,
                owner: None,
                evidence: None,
                figure: figures.iter().map(|figure| (*figure).to_owned()).collect(),
            };
            let words = moment.words().map(|words| words.len()).map_err(|error| error.to_string());
            assert_eq!(words, expected.map_err(str::to_owned), "{figures:?}");
        };
        check(&["recovery_minutes_tested=42"], Ok(4));
        check(&["42"], Err("--figure \"42\" names no amount; write downtime_minutes_before=90"));
        check(&["recovery_minutes_tested="], Err("--figure recovery_minutes_tested: its amount is empty"));
        check(
            &["recovery_minutes_test=4"],
            Err("--figure \"recovery_minutes_test\": there is no such figure; first-recovery-test has \
                 recovery_minutes_required, recovery_minutes_tested, machines_recovered; was \
                 \"recovery_minutes_tested\" meant?"),
        );
        check(&["machines_moved=1", "machines_moved=2"], Err("--figure machines_moved is said twice"));
    }
}
