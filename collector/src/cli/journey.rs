//! `cairn journey`: where the estate stands, what opens the phases ahead, and what people record of it.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place, assessments, moment, now, sentence, tell};
use crate::store::Store;
use crate::store::diary::Diary as _;
use cairn_assess::estate::{Moment, RecordedTrigger};
use cairn_schemas::assessment::{Journey as Position, Trigger, TriggerState};
use cairn_schemas::moment::MomentFigure;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::io::Write;

mod phases;
mod record;
mod test_hook;

/// Says where the estate stands and what opens the next phase.
#[derive(Debug, Args)]
pub(super) struct Journey {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Prints it as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Records a business trigger: a refresh, a lease that ends, a room that is full.
    Record(record::Trigger),
    /// Records what happened for the first time and no telemetry sees: a maintenance without downtime, say.
    Moment(record::Moment),
    /// Prints every phase: what opens it, what it gives, who carries it, what stands in its way.
    Phases,
    /// Sends a signed test message to the receiver of events, and says what the receiver must check.
    TestHook(test_hook::TestHook),
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document<'a> {
    assessment: u64,
    journey: &'a Position,
    recorded: &'a [RecordedTrigger],
    moments: &'a [Moment],
    outbox: Vec<Waiting>,
}

#[derive(Serialize)]
struct Waiting {
    id: String,
    attempts: u32,
    delivered_at: Option<String>,
}

pub(super) fn run(args: &Journey, out: &mut impl Write) -> anyhow::Result<Exit> {
    if let Some(Verb::TestHook(hook)) = &args.verb {
        return test_hook::run(hook, &args.place, args.json, out);
    }
    let store = args.place.open()?;
    match &args.verb {
        Some(Verb::Record(trigger)) => return record::trigger(&store, trigger, args.json, out),
        Some(Verb::Moment(moment)) => return record::moment(&store, moment, args.json, out),
        _ => {}
    }
    let assessment = assessments::find(&store, None)?;
    let journey = &assessment.journey;
    if let Some(Verb::Phases) = &args.verb {
        return phases::run(journey, args.json, out);
    }
    let (recorded, moments) = (store.triggers()?, store.moments()?);
    if args.json {
        let outbox = store.outbox()?.into_iter().map(|row| Waiting {
            id: row.id,
            attempts: row.attempts,
            delivered_at: row.delivered_at.map(|at| at.to_string()),
        });
        let (recorded, moments) = (&recorded[..], &moments[..]);
        let document =
            Document { assessment: assessment.id, journey, recorded, moments, outbox: outbox.collect() };
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)?;
        return Ok(Exit::Done);
    }
    writeln!(out, "by assessment {} of {}", assessment.id, assessment.created)?;
    write(journey, out)?;
    for RecordedTrigger { phase, trigger, by, on } in &recorded {
        let (trigger, by) = (trigger.escape_debug(), by.escape_debug());
        writeln!(out, "recorded for phase {phase}: {trigger}, by {by} on {}", on.date())?;
    }
    moments.iter().try_for_each(|moment| write_moment(moment, out))?;
    for row in store.outbox()? {
        let state = match row.delivered_at {
            Some(at) => format!("delivered {at}"),
            None => format!("waits in the outbox, tried {} times", row.attempts),
        };
        writeln!(out, "event {}: {state}", row.id)?;
    }
    Ok(Exit::Done)
}

/// Writes a moment with its figures, what shows it and whose words there are.
fn write_moment(told: &Moment, out: &mut impl Write) -> std::io::Result<()> {
    let Moment { moment, by, on, words, owner, evidence, figures } = told;
    let figures = figures.iter().map(|MomentFigure { figure, amount }| format!(", {figure} {amount}"));
    let figures: String = figures.collect();
    write!(out, "{}: {moment}, recorded by {}{figures}", on.date(), by.escape_debug())?;
    if !evidence.is_empty() {
        write!(out, ", shown by {}", evidence.escape_debug())?;
    }
    if !words.is_empty() {
        write!(out, ": \"{}\"", words.escape_debug())?;
    }
    if !owner.is_empty() {
        write!(out, ", says {}", owner.escape_debug())?;
    }
    writeln!(out)
}

/// Writes where the estate stands and each condition of the next phase.
pub(super) fn write(journey: &Position, out: &mut impl Write) -> std::io::Result<()> {
    let share = journey.virtualised_share_ratio.map_or_else(
        || "no workload is known".to_owned(),
        |share| format!("{:.0} % of the workloads are virtual", share * 100.0),
    );
    writeln!(out, "phase {} ({}): {share}", journey.phase, journey.phase_id)?;
    // Those of phases further ahead are in the JSON.
    for trigger in journey.triggers.iter().filter(|trigger| trigger.phase <= journey.phase + 1) {
        write_trigger(trigger, out)?;
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

/// Writes a condition with its figures and what is missing.
fn write_trigger(trigger: &Trigger, out: &mut impl Write) -> std::io::Result<()> {
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
    trigger.missing.iter().try_for_each(|missing| writeln!(out, "           {}", sentence(missing)))
}

#[cfg(test)]
mod tests {
    use super::*;
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
            phases: vec![],
            sponsors: vec![],
            moments: vec![],
        };
        let mut text = Vec::new();
        write(&journey, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.starts_with("phase 0 (experiment): 25 % of the workloads are virtual\n"), "{text}");
        assert!(text.contains("phase 1  unmet         ready-servers (3 of 5)\n"), "{text}");
    }
}
