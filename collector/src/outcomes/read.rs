//! One entry of the register from words by field.
// SPDX-License-Identifier: Apache-2.0

use crate::decisions::{Words, Wrong, server_of};
use crate::nearest::meant;
use cairn_schemas::assessment::Range;
use cairn_schemas::outcome::{
    Basis, Cause, Delay, Outcome, Promise, Realisation, RunningCost, Step, StepKind, Witness,
};
use cairn_schemas::time::Timestamp;

/// Longest words kept.
const WORDS_BYTES_MAX: usize = 2_000;
/// 2000-01-01: what is dated before it is a slip of the pen.
const NOTHING_BEFORE: Timestamp = Timestamp(946_684_800);

/// What is said, by field; and what stands where nothing is.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The words.
    pub words: &'a Words<'a>,
    /// Who enters them, where no `by` is said.
    pub by: &'a str,
    /// How they come in.
    pub source: &'a str,
    /// Witness of a step that names none.
    pub witness: Witness,
    /// The moment of entering.
    pub now: Timestamp,
}

pub(super) fn wrong<T>(field: &'static str, text: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { field, text: text.into() })
}

impl Said<'_> {
    pub(super) fn text(&self, field: &'static str) -> &str {
        self.words.get(field).map_or("", |text| text.trim())
    }

    pub(super) fn short(&self, field: &'static str) -> Result<String, Wrong> {
        match self.text(field) {
            text if text.len() > WORDS_BYTES_MAX => {
                wrong(field, format!("is longer than {WORDS_BYTES_MAX} bytes"))
            }
            text => Ok(text.to_owned()),
        }
    }

    pub(super) fn needed(&self, field: &'static str, why: &str) -> Result<String, Wrong> {
        let text = self.short(field)?;
        if text.is_empty() { wrong(field, format!("is empty; {why}")) } else { Ok(text) }
    }

    pub(super) fn who(&self) -> Result<String, Wrong> {
        let said = self.short("by")?;
        let who = if said.is_empty() { self.by.trim().to_owned() } else { said };
        if who.is_empty() { wrong("by", "is empty; every entry names who says so") } else { Ok(who) }
    }

    pub(super) fn number(&self, field: &'static str) -> Result<Option<f64>, Wrong> {
        let text = self.text(field);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => wrong(field, format!("{text:?} is no number")),
        }
    }

    fn needed_number(&self, field: &'static str) -> Result<f64, Wrong> {
        self.number(field)?.map_or_else(|| wrong(field, "is empty; a number is needed"), Ok)
    }

    fn date(&self, field: &'static str) -> Result<Option<Timestamp>, Wrong> {
        let text = self.text(field);
        if text.is_empty() {
            return Ok(None);
        }
        let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
        match Timestamp::parse_rfc3339(&whole) {
            Ok(moment) if moment >= NOTHING_BEFORE => Ok(Some(moment)),
            Ok(_) => wrong(field, format!("{text:?} is before 2000; is the year right?")),
            Err(_) => wrong(field, format!("{text:?} is no time; write 2026-11-25 or 2026-11-25T15:00:00Z")),
        }
    }

    /// A day that has been.
    pub(super) fn past(&self, field: &'static str) -> Result<Timestamp, Wrong> {
        match self.date(field)?.unwrap_or(self.now) {
            on if on > self.now => wrong(field, format!("{} lies ahead: it has not happened yet", on.date())),
            on => Ok(on),
        }
    }

    fn choice<T: Copy, const N: usize>(
        &self,
        field: &'static str,
        all: [T; N],
        name: fn(T) -> &'static str,
    ) -> Result<Option<T>, Wrong> {
        let word = self.text(field).to_ascii_lowercase().replace(['-', ' '], "_");
        if word.is_empty() {
            return Ok(None);
        }
        let names = all.map(name);
        match all.into_iter().find(|one| name(*one) == word) {
            Some(found) => Ok(Some(found)),
            None => {
                let (said, near) = (self.text(field), meant(&word, names));
                wrong(field, format!("{said:?} is none of {}{near}", names.join(", ")))
            }
        }
    }
}

/// Reads a step, without looking at those before it.
///
/// # Errors
/// No such server or step; a date is none, or its promise has none.
pub fn step(said: Said<'_>, servers: &[String]) -> Result<Step, Wrong> {
    let Some(kind) = said.choice("step", StepKind::ALL, StepKind::name)? else {
        return wrong("step", "is empty; name the step that was made");
    };
    let on = said.past("on")?;
    Ok(Step {
        id: 0,
        server: server_of(said.text("server"), servers)?,
        step: kind,
        on,
        by: said.who()?,
        witness: said.choice("witness", Witness::ALL, Witness::name)?.unwrap_or(said.witness),
        ticket: Some(said.short("ticket")?).filter(|ticket| !ticket.is_empty()),
        words: said.short("words")?,
        source: said.source.to_owned(),
        promise: promise(said, kind, on)?,
    })
}

fn promise(said: Said<'_>, kind: StepKind, on: Timestamp) -> Result<Option<Promise>, Wrong> {
    let due = match (kind, said.date("due")?) {
        (StepKind::Planned, Some(due)) if due.day() < on.day() => {
            let text = format!("{} is before the day it is promised on, {}", due.date(), on.date());
            return wrong("due", text);
        }
        (StepKind::Planned, Some(due)) => due,
        (StepKind::Planned, None) => {
            return wrong("due", "is empty; what is planned is promised for a day");
        }
        (_, Some(_)) => return wrong("due", "only a planned step has a day it is due"),
        (_, None) => return Ok(None),
    };
    let contract = |cash| RunningCost { contract: Range::of(cash), ..RunningCost::default() };
    let cost = match said.number("annual_cash")? {
        Some(cash) if cash < 0.0 => return wrong("annual_cash", format!("{cash} is below 0")),
        cash => cash.map(contract),
    };
    Ok(Some(Promise { due, assessment: None, wave: None, cost, hosts: None, forecast: None }))
}

/// Reads an outcome, with what is realised of it where that is said too.
///
/// # Errors
/// A field is missing, no number or no date.
pub fn outcome(said: Said<'_>) -> Result<Outcome, Wrong> {
    let baseline_on = said.past("baseline_on")?;
    let Some(due) = said.date("due")? else { return wrong("due", "is empty; a promise has a day") };
    if due.day() <= baseline_on.day() {
        let text = format!("{} is not after the day of its baseline, {}", due.date(), baseline_on.date());
        return wrong("due", text);
    }
    let realised = match said.text("indicator") {
        "" if ["realised", "basis"].iter().any(|field| !said.text(field).is_empty()) => {
            return wrong("indicator", "is empty, and what is realised is said of it");
        }
        "" => Vec::new(),
        _ => vec![realisation(said)?],
    };
    Ok(Outcome {
        id: 0,
        outcome: said.needed("outcome", "say what shall be better")?,
        owner: said.needed("owner", "somebody wants it and says whether it has arrived")?,
        unit: said.needed("unit", "say what is counted")?,
        baseline: said.needed_number("baseline")?,
        baseline_on,
        baseline_source: said.short("baseline_source")?,
        target: said.needed_number("target")?,
        due,
        planned: said.number("planned")?,
        value_unit: said.short("value_unit")?,
        by: said.who()?,
        on: said.now,
        source: said.source.to_owned(),
        realised,
    })
}

/// Reads what is realised of an outcome.
///
/// # Errors
/// A field is missing, no number or no date; a cause without words.
pub fn realisation(said: Said<'_>) -> Result<Realisation, Wrong> {
    let Some(basis) = said.choice("basis", Basis::ALL, Basis::name)? else {
        return wrong("basis", "is empty; one of measured, owner_confirmed, estimated");
    };
    let cause = said.choice("cause", Cause::ALL, Cause::name)?;
    let words = match cause {
        Some(_) => said.needed("words", "say why it is other than planned")?,
        None => said.short("words")?,
    };
    Ok(Realisation {
        indicator: said.needed_number("indicator")?,
        value: said.number("realised")?,
        basis,
        cause,
        words,
        by: said.who()?,
        on: said.past("on")?,
        source: said.source.to_owned(),
    })
}

/// Reads why a server is late.
///
/// # Errors
/// No such server or cause; no words.
pub fn delay(said: Said<'_>, servers: &[String]) -> Result<Delay, Wrong> {
    let Some(cause) = said.choice("cause", Cause::ALL, Cause::name)? else {
        return wrong("cause", "is empty; one of ours, customer, environment");
    };
    Ok(Delay {
        server: server_of(said.text("server"), servers)?,
        cause,
        words: said.needed("words", "say why")?,
        by: said.who()?,
        on: said.past("on")?,
        source: said.source.to_owned(),
    })
}
