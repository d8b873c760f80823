//! A CSV file of the register: steps of servers, outcomes, reasons for delays, or moments, by its columns.
// SPDX-License-Identifier: Apache-2.0

use super::moment::FIELDS;
use super::{Chains, Said, delay, moment, outcome, step};
use crate::decisions::Wrong;
use crate::import::{ImportError, Problem};
use crate::said_rows;
use crate::store::outcomes::Entries;
use cairn_assess::journey;
use cairn_schemas::outcome::Witness;
use cairn_schemas::time::Timestamp;
use std::path::Path;
use std::sync::LazyLock;

const STEP: &[&str] = &["server", "step", "on", "due", "by", "witness", "ticket", "words", "annual_cash"];
#[rustfmt::skip]
const OUTCOME: &[&str] = &[
    "outcome", "owner", "unit", "baseline", "baseline_on", "baseline_source", "target", "due", "planned",
    "value_unit", "indicator", "realised", "basis", "on", "cause", "words", "by",
];
const DELAY: &[&str] = &["server", "cause", "words", "by", "on"];
static MOMENT: LazyLock<Vec<&str>> =
    LazyLock::new(|| FIELDS.into_iter().chain(journey::all_figures()).collect());

/// What a file holds, by its columns.
#[derive(Clone, Copy)]
enum Shape {
    Steps,
    Outcomes,
    Delays,
    Moments,
}

/// Reads a file: all of it, or everything that is wrong. `by` stands for rows that name nobody.
///
/// # Errors
/// The file cannot be read from the disk.
pub fn read_file(
    path: &Path,
    servers: &[String],
    mut chains: Chains,
    by: &str,
    now: Timestamp,
) -> Result<Result<Entries, Vec<Problem>>, ImportError> {
    let mut entries = Entries::default();
    let read = said_rows::read(path, shape_of, |shape, words, source| {
        let said = Said { words, by, source, witness: Witness::Import, now };
        take(shape, said, servers, &mut chains, &mut entries)
    })?;
    Ok(read.map(|()| entries))
}

fn take(
    shape: Shape,
    said: Said<'_>,
    servers: &[String],
    chains: &mut Chains,
    entries: &mut Entries,
) -> Result<(), Wrong> {
    match shape {
        Shape::Steps => {
            let step = step(said, servers)?;
            chains.accept(&step, said.now)?;
            entries.steps.push(step);
        }
        Shape::Outcomes => entries.outcomes.push(outcome(said)?),
        Shape::Delays => entries.delays.push(delay(said, servers)?),
        Shape::Moments => {
            let moment = moment(said)?;
            if entries.moments.iter().any(|other| other.moment == moment.moment) {
                let text = format!(
                    "{} stands in this file already: it happens for the first time once",
                    moment.moment
                );
                return Err(Wrong { field: "moment", text });
            }
            entries.moments.push(moment);
        }
    }
    Ok(())
}

fn shape_of(header: &[String]) -> (Shape, &'static [&'static str]) {
    let has = |name: &str| header.iter().any(|column| column == name);
    if has("moment") {
        (Shape::Moments, MOMENT.as_slice())
    } else if has("outcome") {
        (Shape::Outcomes, OUTCOME)
    } else if has("cause") && !has("step") {
        (Shape::Delays, DELAY)
    } else {
        (Shape::Steps, STEP)
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
