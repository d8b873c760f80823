//! The screen of a demonstration fits its terminal and never hides what is simulated.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::report::fixtures::{none_assessable, rich};
use cairn_schemas::time::Timestamp;

fn screen(assessment: &Assessment, machine: Option<&Machine>, columns: usize, colour: bool) -> String {
    let population = Population::new(0, 28, Timestamp(1_795_622_400), 1);
    let places = [("http://127.0.0.1:8443/".to_owned(), "the pages".to_owned())];
    let added = Added { servers: 40, values: 3_100_000 };
    let summary = Summary { assessment, population: &population, added, machine, places: &places };
    let mut out = Vec::new();
    summary.write(Look { columns, colour }, &mut out).unwrap();
    String::from_utf8(out).unwrap().replace('\u{a0}', " ")
}

fn machine() -> Machine {
    Machine { server: "vm\u{1b}[2J".into(), measured_s: 8, cpu_busy_ratio: Some(0.25), ..Machine::default() }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for columns in [80, 120] {
        let shown = screen(&rich(40), Some(&machine()), columns, false);
        let widest = shown.lines().map(|line| line.chars().count()).max();
        assert!(widest < Some(columns), "{widest:?}\n{shown}");
    }
}

#[test]
fn simulated_and_real_are_told_apart_and_unknown_is_said() {
    let mut assessment = rich(40);
    assessment.estate.simulated = assessment.estate.servers - 1;
    let shown = screen(&assessment, Some(&machine()), 100, false);
    assert!(shown.contains("SIMULATED, 1 real") && shown.contains("REAL: 8 s measured"), "{shown}");
    assert!(shown.contains("largest second unknown") && !shown.contains("[2J\u{1b}"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "{shown}");
    assert!(screen(&assessment, None, 100, true).contains("\u{1b}[1m"));
}

#[test]
fn an_estate_without_a_plan_has_a_screen_too() {
    let shown = screen(&none_assessable(), None, 80, false);
    assert!(shown.contains("no server could be planned") && shown.contains("delivered nothing"), "{shown}");
}
