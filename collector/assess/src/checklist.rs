//! The checklist: whether the customer's organisation is as ready as its servers. Ten areas of six points, each of
//! which proves one of five levels; telemetry answers where it can, a person with name and date where it cannot.
//!
//! The list is ours. It takes the no-skipping levels and eight of its areas from the VMware Maturity Model (Chambers,
//! 2006) and was prompted by a mention of a "60-point blueprint" (Haywood, 2009) whose text we never had; it reproduces
//! neither.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Answer;
use crate::journey::Evidence;
use cairn_schemas::assessment::{Checklist, ChecklistArea, ChecklistPoint, TriggerState};

mod capacity_availability;
mod change;
mod configuration;
mod consuming;
mod incident_problem;
mod operations;
mod provisioning;
mod security;
mod sponsorship_owners;
mod telemetry;
mod value_cost;

/// The areas, in reading order.
pub static AREAS: &[Area] = &[
    sponsorship_owners::AREA,
    value_cost::AREA,
    provisioning::AREA,
    consuming::AREA,
    configuration::AREA,
    change::AREA,
    operations::AREA,
    capacity_availability::AREA,
    incident_problem::AREA,
    security::AREA,
];

/// Who made the list.
const SOURCE: &str = "ours (2026); areas and levels after the VMware Maturity Model (Chambers, 2006)";
/// Highest level.
const LEVEL_MAX: u8 = 5;
/// Steps named as the next ones (*ours*: what fits into a quarter).
const NEXT: usize = 3;

/// An area of the checklist.
#[derive(Debug)]
pub struct Area {
    /// Its id, equal to its file name with hyphens.
    pub id: &'static str,
    /// Its points, ascending by level.
    pub points: [Point; 6],
}

/// One point of an area.
#[derive(Debug)]
pub struct Point {
    /// The level it proves: 1 ad hoc, 2 repeatable, 3 defined, 4 managed, 5 improving on evidence.
    level: u8,
    /// What answers it before any person is asked.
    telemetry: Option<Telemetry>,
}

/// What is measured and how much of it is asked for; `None` where it cannot be said.
type Telemetry = fn(&Evidence<'_>) -> Option<Measure>;

/// What telemetry has of a point.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Measure {
    have: f64,
    need: f64,
}

const fn asked(level: u8) -> Point {
    Point { level, telemetry: None }
}

const fn seen(level: u8, telemetry: Telemetry) -> Point {
    Point { level, telemetry: Some(telemetry) }
}

/// Every id of a point, in order.
pub fn point_ids() -> impl Iterator<Item = String> {
    AREAS.iter().flat_map(|area| (1..=area.points.len()).map(|number| format!("{}.{number}", area.id)))
}

/// The level a point proves; `None` where there is no such point.
#[must_use]
pub fn level_of(point: &str) -> Option<u8> {
    let (area, number) = point.rsplit_once('.')?;
    let index = number.parse::<usize>().ok()?.checked_sub(1)?;
    Some(AREAS.iter().find(|known| known.id == area)?.points.get(index)?.level)
}

/// The checklist as evidence and people answer it.
#[must_use]
pub fn checklist(evidence: &Evidence<'_>) -> Checklist {
    let areas: Vec<ChecklistArea> = AREAS.iter().map(|area| judged(area, evidence)).collect();
    let next = next(&areas);
    Checklist { areas, next, source: SOURCE.to_owned() }
}

fn judged(area: &Area, evidence: &Evidence<'_>) -> ChecklistArea {
    let point =
        |(point, number): (&Point, usize)| answered(&format!("{}.{number}", area.id), point, evidence);
    let points: Vec<ChecklistPoint> = area.points.iter().zip(1..).map(point).collect();
    ChecklistArea { id: area.id.to_owned(), level: level(&points), points }
}

/// Telemetry before people: what is measured needs no opinion. The latest answer of a person counts otherwise.
fn answered(id: &str, point: &Point, evidence: &Evidence<'_>) -> ChecklistPoint {
    let measured = point.telemetry.and_then(|telemetry| telemetry(evidence));
    let of_it = |answer: &&Answer| answer.point == id && answer.on <= evidence.now;
    let answer = evidence.estate.answers.iter().filter(of_it).max_by_key(|answer| answer.on);
    let answer = answer.filter(|_| measured.is_none());
    let met = measured.map(|measure| measure.have >= measure.need).or(answer.map(|answer| answer.met));
    ChecklistPoint {
        id: id.to_owned(),
        level: point.level,
        state: match met {
            Some(true) => TriggerState::Met,
            Some(false) => TriggerState::Unmet,
            None => TriggerState::Unknown,
        },
        have: measured.map(|measure| measure.have),
        need: measured.map(|measure| measure.need),
        by: answer.map(|answer| answer.by.clone()),
        on: answer.map(|answer| answer.on),
        evidence: answer.map(|answer| answer.evidence.clone()).filter(|text| !text.is_empty()),
    }
}

/// The highest level all of whose points hold, and those of every level below.
fn level(points: &[ChecklistPoint]) -> u8 {
    let holds = |level: u8| {
        points.iter().filter(|point| point.level == level).all(|point| point.state == TriggerState::Met)
    };
    (1..=LEVEL_MAX).take_while(|level| holds(*level)).last().unwrap_or(0)
}

/// The open points of the next level, of the areas furthest behind first.
fn next(areas: &[ChecklistArea]) -> Vec<String> {
    let mut ordered: Vec<&ChecklistArea> = areas.iter().collect();
    ordered.sort_by_key(|area| area.level);
    let first = |area: &&ChecklistArea| {
        let open = |point: &&ChecklistPoint| point.level > area.level && point.state != TriggerState::Met;
        area.points.iter().find(open).map(|point| point.id.clone())
    };
    ordered.iter().filter_map(first).take(NEXT).collect()
}

#[cfg(test)]
#[path = "checklist/checklist_tests.rs"]
mod tests;
