//! `cairn facts reconcile`: the differences as a table or JSON.
// SPDX-License-Identifier: Apache-2.0

use super::super::{Exit, now};
use crate::messages::Messages;
use crate::number::terminal_safe;
use crate::reconcile::{Sides, reconcile, words};
use crate::store::register::Register as _;
use crate::store::{Store as _, sqlite::SqliteStore};
use cairn_schemas::difference::Difference;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;

/// Widest name that still pads the table.
const NAME_CHARS_MAX: usize = 40;

/// A difference with its sentence.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    difference: &'a Difference,
    words: String,
}

pub(super) fn run(store: &SqliteStore, json: bool, out: &mut impl Write) -> anyhow::Result<Exit> {
    let (statements, sources, facts) = (store.statements()?, store.sources()?, store.all_facts()?);
    let sides = Sides { statements: &statements, sources: &sources, facts: &facts, now: now()? };
    let differences = reconcile(&sides);
    let line = |difference| Line { difference, words: words(difference, Messages::english()) };
    let lines: Vec<Line<'_>> = differences.iter().map(line).collect();
    if json {
        serde_json::to_writer_pretty(&mut *out, &lines)?;
        writeln!(out)?;
        return Ok(Exit::Done);
    }
    let name = |line: &Line<'_>| terminal_safe(&line.difference.server).into_owned();
    let width = lines.iter().map(|line| name(line).chars().count()).max().unwrap_or(0).min(NAME_CHARS_MAX);
    for line in &lines {
        let reason = line.difference.reason.name();
        writeln!(out, "{:<width$}  {reason:<14}  {}", name(line), terminal_safe(&line.words))?;
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    lines.iter().for_each(|line| *counts.entry(line.difference.reason.name()).or_default() += 1);
    let counts: Vec<String> = counts.into_iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    let all = if counts.is_empty() { "none".to_owned() } else { counts.join(", ") };
    writeln!(out, "differences: {all}")?;
    Ok(Exit::Done)
}
