//! `cairn journey`: where the estate stands, what opens the next phase, and the triggers people record.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place, assessments, moment, now, sentence};
use crate::store::Store;
use cairn_assess::estate::RecordedTrigger;
use cairn_schemas::assessment::{Journey as Position, TriggerState};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::io::Write;

/// Says where the estate stands and what opens the next phase.
#[derive(Debug, Args)]
pub(super) struct Journey {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Prints it as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Records a business trigger: a refresh, a lease that ends, a room that is full.
    Record {
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
    },
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document<'a> {
    assessment: u64,
    journey: &'a Position,
    recorded: &'a [RecordedTrigger],
    outbox: Vec<Waiting>,
}

#[derive(Serialize)]
struct Waiting {
    id: String,
    attempts: u32,
    delivered_at: Option<String>,
}

pub(super) fn run(args: &Journey, out: &mut impl Write) -> anyhow::Result<Exit> {
    let store = args.place.open()?;
    if let Some(Verb::Record { trigger, by, on, phase }) = &args.verb {
        let recorded = RecordedTrigger {
            phase: *phase,
            trigger: named("trigger", trigger)?,
            by: named("--by", by)?,
            on: moment("--on", on)?,
        };
        store.record_trigger(&recorded)?;
        store.audit(
            &recorded.by,
            &format!("recorded trigger {} of phase {phase}", recorded.trigger),
            now()?,
        )?;
        let Some(last) = store.assessments()?.last().map(|row| row.id) else {
            writeln!(out, "recorded; `cairn assess` will count it")?;
            return Ok(Exit::Done);
        };
        writeln!(out, "recorded; assessment {last} was made before it, `cairn assess` will count it")?;
        return Ok(Exit::Done);
    }
    let assessment = assessments::find(&store, None)?;
    let recorded = store.triggers()?;
    if args.json {
        let outbox = store.outbox()?.into_iter().map(|row| Waiting {
            id: row.id,
            attempts: row.attempts,
            delivered_at: row.delivered_at.map(|at| at.to_string()),
        });
        let journey = &assessment.journey;
        let document =
            Document { assessment: assessment.id, journey, recorded: &recorded, outbox: outbox.collect() };
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)?;
        return Ok(Exit::Done);
    }
    writeln!(out, "by assessment {} of {}", assessment.id, assessment.created)?;
    write(&assessment.journey, out)?;
    for trigger in &recorded {
        let RecordedTrigger { phase, trigger, by, on } = trigger;
        let (trigger, by) = (trigger.escape_debug(), by.escape_debug());
        writeln!(out, "recorded for phase {phase}: {trigger}, by {by} on {}", on.date())?;
    }
    for row in store.outbox()? {
        let state = match row.delivered_at {
            Some(at) => format!("delivered {at}"),
            None => format!("waits in the outbox, tried {} times", row.attempts),
        };
        writeln!(out, "event {}: {state}", row.id)?;
    }
    Ok(Exit::Done)
}

fn named(what: &str, text: &str) -> anyhow::Result<String> {
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "{what} is empty");
    Ok(text.to_owned())
}

/// Writes where the estate stands and each condition of the next phase.
pub(super) fn write(journey: &Position, out: &mut impl Write) -> std::io::Result<()> {
    let share = journey.virtualised_share_ratio.map_or_else(
        || "no workload is known".to_owned(),
        |share| format!("{:.0} % of the workloads are virtual", share * 100.0),
    );
    writeln!(out, "phase {} ({}): {share}", journey.phase, journey.phase_id)?;
    for trigger in &journey.triggers {
        let state = match trigger.state {
            TriggerState::Met => "met",
            TriggerState::Unmet => "unmet",
            TriggerState::Unknown => "unknown",
            TriggerState::NotRequired => "not required",
        };
        let number = |value: Option<f64>| {
            value.map_or_else(|| "unknown".into(), |value| format!("{}", (value * 100.0).round() / 100.0))
        };
        let figures = match trigger.need {
            Some(need) => format!(" ({} of {})", number(trigger.have), number(Some(need))),
            None => String::new(),
        };
        writeln!(out, "  phase {}  {:<12}  {}{figures}", trigger.phase, state, trigger.condition)?;
        for missing in &trigger.missing {
            writeln!(out, "           {}", sentence(missing))?;
        }
    }
    journey.opened.iter().try_for_each(|opened| {
        writeln!(
            out,
            "phase {} ({}) opens, beginning with {} servers",
            opened.phase,
            opened.phase_id,
            opened.first_wave.len()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::assessment::Trigger;
    use cairn_schemas::finding::{Finding, Severity};

    #[test]
    fn position_and_conditions_are_written() {
        let journey = Position {
            phase: 0,
            phase_id: "experiment".into(),
            virtualised_share_ratio: Some(0.25),
            evidence: vec![],
            triggers: vec![Trigger {
                phase: 1,
                condition: "ready-servers".into(),
                state: TriggerState::Unmet,
                have: Some(3.0),
                need: Some(5.0),
                missing: vec![Finding::new("ready-servers", "missing", Severity::Info).arg("n", 2.0)],
            }],
            opened: vec![],
        };
        let mut text = Vec::new();
        write(&journey, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.starts_with("phase 0 (experiment): 25 % of the workloads are virtual\n"), "{text}");
        assert!(text.contains("phase 1  unmet         ready-servers (3 of 5)\n"), "{text}");
    }
}
