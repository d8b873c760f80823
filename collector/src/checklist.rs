//! The checklist as a file: written with its questions for people to answer, and read back whole or not at all.
// SPDX-License-Identifier: Apache-2.0

use crate::messages::Messages;
use crate::nearest::meant;
use cairn_assess::checklist::{level_of, point_ids};
use cairn_assess::estate::Answer;
use cairn_schemas::assessment::{Checklist, ChecklistPoint, TriggerState};
use cairn_schemas::time::Timestamp;
use csv::StringRecord;
use std::collections::BTreeMap;
use std::io::{Read, Write};

/// Columns of the file, in order; those with a question mark are for the reader alone.
const COLUMNS: [&str; 8] = ["point", "level", "question", "evidence_asked", "met", "by", "on", "evidence"];
/// Longest field of an answer, in bytes.
const FIELD_BYTES_MAX: usize = 4_096;
/// Most rows: every point a few times over.
const ROWS_MAX: usize = 1_000;
/// Most faults said of one file.
const FAULTS_SHOWN: usize = 20;

/// A file of answers cannot be used; nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum AnswersError {
    /// It is no CSV, or cannot be read.
    #[error("{file}: {source}; nothing was kept")]
    Unreadable {
        /// The file.
        file: String,
        /// What is wrong.
        source: csv::Error,
    },
    /// Some of its fields say what cannot be.
    #[error("{}\nnothing of {file} was kept", faults.join("\n"))]
    Faults {
        /// The file.
        file: String,
        /// One line each: file, line, field, what is wrong, and the nearest valid word.
        faults: Vec<String>,
    },
}

/// Writes the checklist as it is answered, for people to complete.
///
/// # Errors
/// The output refuses.
pub fn write(checklist: &Checklist, words: &Messages, out: impl Write) -> csv::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(COLUMNS)?;
    for point in checklist.areas.iter().flat_map(|area| &area.points) {
        let worded =
            |part: &str| words.render(&format!("checklist.{}.{part}", point.id), &Default::default(), "");
        let on = point.on.map(|on| on.date()).unwrap_or_default();
        let (by, evidence) = (point.by.as_deref().unwrap_or_default(), evidence_of(point));
        csv.write_record([
            &point.id,
            &point.level.to_string(),
            &worded("question"),
            &worded("evidence"),
            met(point.state),
            &disarmed(by),
            &on,
            &disarmed(&evidence),
        ])?;
    }
    Ok(csv.flush()?)
}

/// A spreadsheet must take it for text.
fn disarmed(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn evidence_of(point: &ChecklistPoint) -> String {
    match (point.have, point.need, &point.evidence) {
        (Some(have), Some(need), _) => format!("measured: {} of {}", rounded(have), rounded(need)),
        (_, _, evidence) => evidence.clone().unwrap_or_default(),
    }
}

fn rounded(number: f64) -> String {
    crate::number::plain(number)
}

const fn met(state: TriggerState) -> &'static str {
    match state {
        TriggerState::Met => "yes",
        TriggerState::Unmet => "no",
        TriggerState::Unknown | TriggerState::NotRequired => "",
    }
}

/// Reads answers. Rows without an answer, and those telemetry has answered, say nothing.
///
/// # Errors
/// Anything in it is wrong: every fault is named, and nothing is to be kept.
pub fn read(file: &str, input: impl Read, now: Timestamp) -> Result<Vec<Answer>, AnswersError> {
    let unreadable = |source| AnswersError::Unreadable { file: file.to_owned(), source };
    let mut csv = csv::Reader::from_reader(input);
    let header = csv.headers().map_err(unreadable)?.clone();
    let mut faults = header_faults(file, &header);
    let (mut answers, mut seen) = (Vec::new(), BTreeMap::new());
    let records = if faults.is_empty() { ROWS_MAX + 1 } else { 0 };
    for (row, record) in csv.records().take(records).enumerate() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(row as u64 + 2, csv::Position::line);
        let fields = Fields { header: &header, record: &record };
        match answer(&fields, now, &mut seen, line) {
            Ok(answer) => answers.extend(answer),
            Err((field, why)) => faults.push(format!("{}:{line}:{field}: {why}", file.escape_debug())),
        }
    }
    if answers.len() > ROWS_MAX {
        faults.push(format!("{}: more than {ROWS_MAX} rows", file.escape_debug()));
    }
    faults.truncate(FAULTS_SHOWN);
    if faults.is_empty() { Ok(answers) } else { Err(AnswersError::Faults { file: file.to_owned(), faults }) }
}

fn header_faults(file: &str, header: &StringRecord) -> Vec<String> {
    let fault = |why: String| format!("{}:1: {why}", file.escape_debug());
    let unknown = header
        .iter()
        .filter(|name| !COLUMNS.contains(name))
        .map(|name| fault(format!("there is no column {name:?}{}", meant(name, COLUMNS))));
    let needed =
        ["point", "met", "by", "on"].into_iter().filter(|name| header.iter().all(|known| known != *name));
    unknown.chain(needed.map(|name| fault(format!("the column {name:?} is missing")))).collect()
}

struct Fields<'a> {
    header: &'a StringRecord,
    record: &'a StringRecord,
}

impl<'a> Fields<'a> {
    fn get(&self, name: &str) -> &'a str {
        let place = self.header.iter().position(|known| known == name);
        place.and_then(|place| self.record.get(place)).unwrap_or_default().trim()
    }
}

type Fault = (&'static str, String);

fn answer(
    fields: &Fields<'_>,
    now: Timestamp,
    seen: &mut BTreeMap<String, u64>,
    line: u64,
) -> Result<Option<Answer>, Fault> {
    let point = fields.get("point");
    if level_of(point).is_none() {
        let ids: Vec<String> = point_ids().collect();
        let meant = meant(point, ids.iter().map(String::as_str));
        return Err(("point", format!("there is no point {point:?}{meant}")));
    }
    let met = match fields.get("met").to_lowercase().as_str() {
        "" => return Ok(None),
        _ if fields.get("evidence").starts_with("measured: ") => return Ok(None),
        "yes" | "y" | "true" | "1" => true,
        "no" | "n" | "false" | "0" => false,
        other => return Err(("met", format!("{other:?} is neither yes nor no"))),
    };
    if let Some(first) = seen.insert(point.to_owned(), line) {
        return Err(("point", format!("{point} is answered on line {first} already")));
    }
    let text = |name: &'static str| match fields.get(name) {
        text if text.len() > FIELD_BYTES_MAX => Err((name, format!("more than {FIELD_BYTES_MAX} bytes"))),
        text => Ok(text.strip_prefix('\'').unwrap_or(text).to_owned()),
    };
    let by = text("by")?;
    if by.is_empty() {
        return Err(("by", "an answer needs a name".to_owned()));
    }
    Ok(Some(Answer {
        point: point.to_owned(),
        met,
        by,
        on: on(fields.get("on"), now)?,
        evidence: text("evidence")?,
    }))
}

fn on(text: &str, now: Timestamp) -> Result<Timestamp, Fault> {
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    match Timestamp::parse_rfc3339(&whole) {
        Ok(on) if on <= now => Ok(on),
        Ok(_) => Err(("on", format!("{text} is to come"))),
        Err(_) => Err(("on", format!("{text:?} is no date; write 2026-11-25"))),
    }
}

#[cfg(test)]
#[path = "checklist/checklist_tests.rs"]
mod tests;
