//! What owners answered, on its way into the store: facts they stand for, agreements, vetoes, confirmations. Every
//! answer of every file is checked first; one that cannot be taken, and none is.
// SPDX-License-Identifier: Apache-2.0

use super::ask::{Kept, Kind, Known, MOVE, kinds};
use super::{ANSWER, HEADINGS, LINES, QUESTION, REMARK, Returned, SERVER, STATE};
use crate::import::{Kind as ProblemKind, Problem};
use crate::nearest::meant;
use crate::number::terminal_safe;
use cairn_schemas::decision::{Decision, DecisionKind};
use cairn_schemas::fact::{Fact, FactValue, entry_of};
use cairn_schemas::time::{DAY_S, Timestamp};
use std::collections::BTreeMap;

/// Row of the answering person and of the date on the first worksheet.
const BY_ROW: u64 = 6;
const ON_ROW: u64 = 7;
/// Days between 1899-12-30, where spreadsheets begin to count, and 1970-01-01.
const SPREADSHEET_DAYS: f64 = 25_569.0;
/// Longest words kept of a remark.
const WORDS_CHARS_MAX: usize = 2_000;

/// What to keep.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// Facts by server.
    pub facts: BTreeMap<String, Vec<(String, Fact)>>,
    /// Vetoes and confirmations.
    pub decisions: Vec<Decision>,
    /// Answers taken.
    pub taken: usize,
    /// Answers known already.
    pub repeated: usize,
    /// What a person should read, each a sentence.
    pub notes: Vec<String>,
}

/// One answer, checked as far as it can be alone.
struct Checked<'a> {
    file: &'a str,
    row: u64,
    server: String,
    kind: Kind,
    answer: String,
    remark: String,
    state: &'a str,
    by: &'a str,
    on: Timestamp,
}

/// Gathers the answers of some files, by name. `servers` are those known.
///
/// # Errors
/// Everything that cannot be taken: wrong engagement, unknown server or question, an answer that is none, two answers
/// to one question, a question whose state has changed since it was asked.
pub fn gather(
    files: &[(String, Returned)],
    engagement: &str,
    servers: &[String],
    known: &Known<'_>,
    now: Timestamp,
) -> Result<Answers, Vec<Problem>> {
    let (mut answers, mut problems) = (Answers::default(), Vec::new());
    let mut first: BTreeMap<(String, &'static str), Checked<'_>> = BTreeMap::new();
    for (file, returned) in files {
        for checked in of_file(file, returned, engagement, servers, now, &mut answers.notes) {
            match checked {
                Err(problem) => problems.push(problem),
                Ok(checked) => match first.get(&(checked.server.clone(), checked.kind.id)) {
                    Some(other) if other.answer == checked.answer => answers.repeated += 1,
                    Some(other) => problems.push(two_answers(&checked, other)),
                    None => _ = first.insert((checked.server.clone(), checked.kind.id), checked),
                },
            }
        }
    }
    for checked in first.into_values() {
        if let Err(problem) = keep(&checked, known, now, &mut answers) {
            problems.push(problem);
        }
    }
    if problems.is_empty() { Ok(answers) } else { Err(problems) }
}

fn of_file<'a>(
    file: &'a str,
    returned: &'a Returned,
    engagement: &str,
    servers: &[String],
    now: Timestamp,
    notes: &mut Vec<String>,
) -> Vec<Result<Checked<'a>, Problem>> {
    let about =
        |row: u64, text: String| vec![Err(Problem::of_field(file, Some(row), LINES[row as usize - 1], text))];
    if returned.engagement != engagement {
        return about(2, format!("{:?} is another engagement than {engagement:?}", returned.engagement));
    }
    if returned.answers.is_empty() {
        notes.push(format!("{file}: nothing was answered"));
        return Vec::new();
    }
    if returned.by.is_empty() {
        return about(BY_ROW, "is empty; an answer needs the name of the person who gives it".into());
    }
    let on = match moment(&returned.on) {
        Some(on) => on.unwrap_or(now),
        None => return about(ON_ROW, format!("{:?} is no date; write 2026-11-25", returned.on)),
    };
    if on > now {
        return about(ON_ROW, format!("{on} lies ahead"));
    }
    let mut all = Vec::new();
    for row in &returned.answers {
        if row.answer.is_empty() {
            notes.push(format!("{file} row {}: a remark without an answer: {}", row.row, row.remark));
            continue;
        }
        let wrong = |column: u16, text: String| {
            Problem::of_field(file, Some(row.row.into()), HEADINGS[usize::from(column)], text)
        };
        all.push(server_of(&row.server, servers).map_err(|text| wrong(SERVER, text)).and_then(|server| {
            let kind = kind_of(&row.question).map_err(|text| wrong(QUESTION, text))?;
            let answer = answer_of(kind, &row.answer).map_err(|text| wrong(ANSWER, text))?;
            if kind.id == MOVE && answer == "no" && row.remark.is_empty() {
                return Err(wrong(REMARK, "is empty; who says no says why".into()));
            }
            let remark = row.remark.chars().take(WORDS_CHARS_MAX).collect();
            let (row, state, by) = (row.row.into(), row.state.as_str(), returned.by.as_str());
            Ok(Checked { file, row, server, kind, answer, remark, state, by, on })
        }));
    }
    all
}

/// A date as people or spreadsheets write it; `Some(None)` for none, `None` for something else.
fn moment(text: &str) -> Option<Option<Timestamp>> {
    if text.is_empty() {
        return Some(None);
    }
    if let Ok(days) = text.parse::<f64>() {
        let seconds = (days - SPREADSHEET_DAYS) * DAY_S as f64;
        return (0.0..4e9).contains(&seconds).then_some(Some(Timestamp(seconds as i64)));
    }
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    Timestamp::parse_rfc3339(&whole).ok().map(Some)
}

/// A sheet shows names made safe; the server is the one whose name is shown so.
fn server_of(shown: &str, servers: &[String]) -> Result<String, String> {
    let mut same = servers.iter().filter(|server| terminal_safe(server) == shown);
    match (same.next(), same.next()) {
        (Some(server), None) => Ok(server.clone()),
        (Some(_), Some(_)) => Err(format!("{shown:?} names more than one server")),
        (None, _) => {
            let near = meant(shown, servers.iter().map(String::as_str));
            Err(format!("there is no server {shown:?}{near}"))
        }
    }
}

fn kind_of(id: &str) -> Result<Kind, String> {
    let kinds = kinds();
    let near = || meant(id, kinds.iter().map(|kind| kind.id));
    kinds
        .iter()
        .find(|kind| kind.id == id)
        .copied()
        .ok_or_else(|| format!("there is no question {id:?}{}", near()))
}

/// The answer in the words it is kept in.
fn answer_of(kind: Kind, text: &str) -> Result<String, String> {
    if kind.answers.is_empty() {
        return Ok(text.to_owned());
    }
    let found = kind.answers.iter().find(|answer| answer.eq_ignore_ascii_case(text));
    found.map(|answer| (*answer).to_owned()).ok_or_else(|| {
        let near = meant(text, kind.answers.iter().copied());
        format!("{text:?} is none of {}{near}", kind.answers.join(", "))
    })
}

fn two_answers(checked: &Checked<'_>, other: &Checked<'_>) -> Problem {
    let text = format!(
        "two answers: {:?} here, {:?} of {} in {} row {}; agree on one",
        checked.answer, other.answer, other.by, other.file, other.row
    );
    conflict(checked, ANSWER, text)
}

fn conflict(checked: &Checked<'_>, column: u16, text: String) -> Problem {
    let field = HEADINGS[usize::from(column)];
    let problem = Problem::of_field(checked.file, Some(checked.row), field, text);
    Problem { kind: ProblemKind::Conflict, ..problem }
}

fn keep(
    checked: &Checked<'_>,
    known: &Known<'_>,
    now: Timestamp,
    answers: &mut Answers,
) -> Result<(), Problem> {
    let Checked { kind, server, answer, .. } = checked;
    if is_known(checked, known) {
        answers.repeated += 1;
        return Ok(());
    }
    if known.state(server, *kind) != checked.state {
        let text =
            format!("{server:?} has changed since the sheet was exported; export it again and ask again");
        return Err(conflict(checked, STATE, text));
    }
    let agreed = |yes| ("owner_agreed".to_owned(), fact(checked, FactValue::Bool(yes), now));
    let facts = match kind.kept {
        Kept::Move if answer == "yes" => {
            if let Some(veto) = known.decided(server, *kind).next() {
                let id = veto.decision.id;
                let text = format!(
                    "decision {id} vetoes it: `cairn decide withdraw {id}`, then export the sheet again"
                );
                return Err(conflict(checked, ANSWER, text));
            }
            vec![agreed(true)]
        }
        Kept::Move => {
            answers.decisions.push(decision(checked, DecisionKind::Veto, None));
            vec![agreed(false)]
        }
        Kept::Fact(name) => {
            let entry = entry_of(name);
            let value =
                entry.map_or_else(|| Ok(FactValue::Text(answer.clone())), |entry| entry.parse(answer));
            let value = value.map_err(|why| conflict(checked, ANSWER, why))?;
            vec![(name.to_owned(), fact(checked, value, now))]
        }
        Kept::Confirmation => {
            answers.decisions.push(decision(checked, DecisionKind::Confirmation, Some(kind.id)));
            vec![]
        }
    };
    if matches!(kind.kept, Kept::Fact(_)) && !checked.remark.is_empty() {
        answers.notes.push(format!("{} row {}: remark: {}", checked.file, checked.row, checked.remark));
    }
    answers.facts.entry(server.clone()).or_default().extend(facts);
    answers.taken += 1;
    Ok(())
}

/// Whether the answer was taken before: the same sheet twice changes nothing.
fn is_known(checked: &Checked<'_>, known: &Known<'_>) -> bool {
    let Checked { kind, server, answer, .. } = checked;
    let stands = || {
        known
            .decided(server, *kind)
            .any(|kept| kept.decision.by == checked.by && kept.decision.words == said(checked))
    };
    let holds =
        |fact| known.is_confirmed(server, fact) && known.value(server, fact).eq_ignore_ascii_case(answer);
    match kind.kept {
        Kept::Move if answer == "no" => stands(),
        Kept::Move => holds("owner_agreed") && known.decided(server, *kind).next().is_none(),
        Kept::Fact(fact) => holds(fact),
        Kept::Confirmation => stands(),
    }
}

fn said(checked: &Checked<'_>) -> String {
    if checked.remark.is_empty() { checked.answer.clone() } else { checked.remark.clone() }
}

fn source(checked: &Checked<'_>) -> String {
    format!("owner sheet {}:{}", checked.file, checked.row)
}

fn fact(checked: &Checked<'_>, value: FactValue, now: Timestamp) -> Fact {
    Fact {
        value,
        unit: String::new(),
        source: source(checked),
        observed_at: now,
        valid_from: None,
        confirmed_by: Some(checked.by.to_owned()),
    }
}

fn decision(checked: &Checked<'_>, kind: DecisionKind, rule: Option<&str>) -> Decision {
    Decision {
        id: 0,
        kind,
        server: checked.server.clone(),
        rule: rule.map(str::to_owned),
        by: checked.by.to_owned(),
        on: checked.on,
        expires: None,
        ticket: None,
        words: said(checked),
        source: source(checked),
        despite_proof: false,
    }
}
