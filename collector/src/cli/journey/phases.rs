//! `cairn journey phases`: the phases as data, worded.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Position, write_trigger};
use crate::messages::Messages;
use crate::number;
use cairn_schemas::assessment::PhaseSheet;
use std::io::{self, Write};

/// What is worded of a phase, and how its line begins.
const LINES: [(&str, &str); 7] = [
    ("capability", "gives"),
    ("inflection", "turning point"),
    ("workloads", "moves"),
    ("sponsor", "sponsor"),
    ("stakeholders", "at the table"),
    ("confidence", "confidence"),
    ("value", "worth"),
];

pub(super) fn run(journey: &Position, json: bool, out: &mut impl Write) -> anyhow::Result<Exit> {
    if json {
        serde_json::to_writer_pretty(&mut *out, &journey.phases)?;
        writeln!(out)?;
        return Ok(Exit::Done);
    }
    for phase in &journey.phases {
        write(phase, phase.number == journey.phase, out)?;
    }
    let order = journey.sponsors.iter().map(|id| named(&format!("sponsor.{id}"), id));
    line("won in order", &order.collect::<Vec<_>>().join(", "), out)?;
    Ok(Exit::Done)
}

fn write(phase: &PhaseSheet, is_here: bool, out: &mut impl Write) -> io::Result<()> {
    let name = named(&format!("report.phase.{}.name", phase.number), &phase.id);
    let here = if is_here { ": the estate stands here" } else { "" };
    writeln!(out, "phase {} ({}), {name}{here}", phase.number, phase.id)?;
    for (part, label) in LINES {
        line(label, &named(&format!("phase.{}.{part}", phase.id), ""), out)?;
    }
    line("typical", &typical(phase), out)?;
    if !phase.business_triggers.is_empty() {
        line("reasons to go", &phase.business_triggers.join(", "), out)?;
    }
    for id in &phase.obstacles {
        line("obstacle", &named(&format!("obstacle.{id}"), id), out)?;
    }
    line("source", &phase.source, out)?;
    writeln!(out, "  behind the estate when")?;
    phase.exit.iter().try_for_each(|condition| write_trigger(condition, out))?;
    writeln!(out)
}

fn typical(phase: &PhaseSheet) -> String {
    let [from, to] = phase.typical_share_ratio.map(number::percent);
    let share = format!("{from} to {to} of the workloads virtual");
    match phase.typical_consolidation_ratio {
        Some([from, to]) => {
            format!("{share}, {} to {} servers a host", number::plain(from), number::plain(to))
        }
        None => share,
    }
}

fn line(label: &str, text: &str, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "  {label:<14} {text}")
}

/// The wording of an id, or what stands for it.
fn named(id: &str, otherwise: &str) -> String {
    let words = Messages::english();
    if words.knows(id) {
        words.render(id, &Default::default(), "")
    } else {
        otherwise.escape_debug().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_assess::estate::Estate;
    use cairn_assess::policy::Policy;
    use cairn_schemas::time::Timestamp;

    #[test]
    fn everything_of_a_phase_is_worded() {
        let assessment = cairn_assess::assess(&Estate::default(), &Policy::default(), Timestamp(1));
        let words = Messages::english();
        for phase in &assessment.journey.phases {
            for (part, _) in LINES {
                assert!(words.knows(&format!("phase.{}.{part}", phase.id)), "{part} of {}", phase.id);
            }
            for obstacle in &phase.obstacles {
                assert!(words.knows(&format!("obstacle.{obstacle}")), "{obstacle}");
            }
        }
        for condition in assessment.journey.triggers.iter().map(|trigger| &trigger.condition) {
            assert!(words.knows(&format!("{condition}.condition")), "{condition}");
        }
        let mut text = Vec::new();
        run(&assessment.journey, false, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.starts_with("phase 0 (experiment), Experiment: the estate stands here\n"), "{text}");
        assert!(text.contains("unknown       first-live-migration (0 of 1)"), "{text}");
        assert!(text.ends_with("won in order   administrators, application owners, executives\n"), "{text}");
    }
}
