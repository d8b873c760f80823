//! `cairn checklist`: how ready the organisation is, and the sheet on which people answer.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place, assessments, now, tell};
use crate::checklist;
use crate::messages::Messages;
use crate::number::terminal_safe;
use crate::store::diary::Diary as _;
use anyhow::Context as _;
use cairn_schemas::assessment::{Checklist as Answered, ChecklistPoint, TriggerState};
use clap::{Args, Subcommand};
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

/// Says how ready the organisation is: sixty points in ten areas.
#[derive(Debug, Args)]
pub(super) struct Checklist {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Prints JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Writes the sheet, as CSV, with every question and what was answered so far.
    Export,
    /// Reads a sheet that people have answered; all of it is kept or nothing.
    Import {
        /// The file.
        file: PathBuf,
        /// Who hands it in.
        #[arg(long, value_name = "WHO")]
        by: String,
    },
}

pub(super) fn run(args: &Checklist, out: &mut impl Write) -> anyhow::Result<Exit> {
    let store = args.place.open()?;
    if let Some(Verb::Import { file, by }) = &args.verb {
        let now = now()?;
        let content = File::open(file).with_context(|| format!("cannot open {}", file.display()))?;
        let answers = checklist::read(&file.display().to_string(), content, now)?;
        let known = store.answers()?;
        let new: Vec<_> = answers.iter().filter(|answer| !known.contains(answer)).cloned().collect();
        if !new.is_empty() {
            store.put_answers(&new, by, now)?;
        }
        let repeated = answers.len() - new.len();
        let words =
            format!("{} points answered, {repeated} as before; `cairn assess` counts them", new.len());
        tell(out, args.json, &words, &serde_json::json!({ "answered": new.len(), "repeated": repeated }))?;
        return Ok(Exit::Done);
    }
    let assessment = assessments::find(&store, None)?;
    let answered = &assessment.checklist;
    match args.verb {
        Some(Verb::Export) if !args.json => checklist::write(answered, Messages::english(), &mut *out)?,
        _ if args.json => {
            serde_json::to_writer_pretty(&mut *out, answered)?;
            writeln!(out)?;
        }
        _ => {
            writeln!(out, "by assessment {} of {}", assessment.id, assessment.created)?;
            write(answered, out)?;
        }
    }
    Ok(Exit::Done)
}

fn worded(id: &str) -> String {
    Messages::english().render(&format!("checklist.{id}"), &Default::default(), "")
}

fn write(answered: &Answered, out: &mut impl Write) -> io::Result<()> {
    for area in &answered.areas {
        let level = worded(&format!("level.{}", area.level));
        writeln!(out, "{}: level {}, {level}", worded(&format!("{}.title", area.id)), area.level)?;
        area.points.iter().try_for_each(|point| line(point, out))?;
    }
    writeln!(out, "next")?;
    for id in &answered.next {
        writeln!(out, "  {id:<28} {}", worded(&format!("{id}.evidence")))?;
    }
    writeln!(out, "the list is {}", answered.source)
}

fn line(point: &ChecklistPoint, out: &mut impl Write) -> io::Result<()> {
    let state = match point.state {
        TriggerState::Met => "met",
        TriggerState::Unmet => "unmet",
        TriggerState::Unknown | TriggerState::NotRequired => "unknown",
    };
    let question = worded(&format!("{}.question", point.id));
    writeln!(out, "  {:<28} {}  {state:<8} {question}", point.id, point.level)?;
    if let (Some(by), Some(on)) = (&point.by, point.on) {
        writeln!(out, "{:41}by {}, {}", "", terminal_safe(by), on.date())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_assess::estate::{Answer, Estate};
    use cairn_schemas::time::Timestamp;

    #[test]
    fn areas_points_and_next_steps_are_written() {
        let answer = |n: u8| Answer {
            point: format!("provisioning.{n}"),
            met: true,
            by: "ada\u{1b}[31m".into(),
            on: Timestamp(0),
            evidence: String::new(),
        };
        let estate = Estate { answers: [1, 2].map(answer).to_vec(), ..Estate::default() };
        let assessment = cairn_assess::assess(&estate, &Default::default(), Timestamp(1));
        let mut text = Vec::new();
        write(&assessment.checklist, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("Provisioning hosts: level 2, repeatable\n"), "{text}");
        assert!(text.contains("provisioning.2               2  met      Are hosts built"), "{text}");
        assert!(!text.contains('\u{1b}') && text.contains("1970-01-01"), "{text}");
        assert!(text.contains("next\n  sponsorship-owners.1 "), "{text}");
    }
}
