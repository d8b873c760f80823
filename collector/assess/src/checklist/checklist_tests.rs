//! The checklist: its shape, its levels, and who answers.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::estate::Estate;
use crate::policy::Policy;
use crate::testing::{ordinary, window};
use cairn_schemas::time::Timestamp;

fn answered(points: &[(&str, bool)]) -> Estate {
    let answer = |(point, met): &(&str, bool)| Answer {
        point: (*point).to_owned(),
        met: *met,
        by: "ada".into(),
        on: Timestamp(0),
        evidence: "a document".into(),
    };
    Estate { answers: points.iter().map(answer).collect(), ..Estate::default() }
}

fn of(estate: &Estate) -> Checklist {
    crate::assess(estate, &Policy::default(), Timestamp(estate.window.to.0 + 1)).checklist
}

fn level_in(checklist: &Checklist, area: &str) -> u8 {
    checklist.areas.iter().find(|known| known.id == area).unwrap().level
}

#[test]
fn ten_areas_of_six_points_on_five_levels() {
    assert_eq!(AREAS.len(), 10);
    for area in AREAS {
        let levels: Vec<u8> = area.points.iter().map(|point| point.level).collect();
        assert!(levels.is_sorted(), "{}", area.id);
        assert!((1..=LEVEL_MAX).all(|level| levels.contains(&level)), "{}", area.id);
    }
    assert_eq!(point_ids().count(), 60);
    assert_eq!(
        (level_of("security.6"), level_of("security.7"), level_of("security.0")),
        (Some(5), None, None)
    );
    assert_eq!((level_of("securty.1"), level_of("security")), (None, None));
}

#[test]
fn no_level_is_skipped() {
    let check = |points: &[(&str, bool)], expected| {
        assert_eq!(level_in(&of(&answered(points)), "consuming"), expected, "{points:?}");
    };
    check(&[], 0);
    check(&[("consuming.2", true)], 0);
    check(&[("consuming.1", true), ("consuming.2", true)], 2);
    check(&[("consuming.1", true), ("consuming.2", false), ("consuming.3", true), ("consuming.4", true)], 1);
    let all: Vec<String> = (1..=6).map(|n| format!("consuming.{n}")).collect();
    let all: Vec<(&str, bool)> = all.iter().map(|id| (id.as_str(), true)).collect();
    check(&all, 5);
    check(&all[..3], 2);
}

#[test]
fn what_is_measured_needs_no_opinion() {
    let mut estate = answered(&[("operations.1", false), ("provisioning.1", true)]);
    estate.window = window(6);
    estate.servers = (0..4).map(|n| ordinary(&format!("web{n}"), 6, 0.1, 1e9)).collect();
    let checklist = of(&estate);
    let point = |id: &str| {
        checklist.areas.iter().flat_map(|area| &area.points).find(|point| point.id == id).unwrap().clone()
    };
    let measured = point("operations.1");
    assert_eq!((measured.state, measured.by, measured.have), (TriggerState::Met, None, Some(1.0)));
    let asked = point("provisioning.1");
    assert_eq!(
        (asked.state, asked.by.as_deref()),
        (TriggerState::Met, Some("ada")),
        "no host was seen, so people say"
    );
    assert_eq!(point("change.1").state, TriggerState::Unmet, "no change window is known");
    assert_eq!(level_in(&checklist, "capacity-availability"), 2);
}

#[test]
fn the_latest_answer_counts_and_none_from_the_future() {
    let mut estate = answered(&[("consuming.1", true), ("consuming.1", false), ("consuming.1", true)]);
    estate.answers[1].on = Timestamp(1);
    estate.answers[2].on = Timestamp(99);
    assert_eq!(level_in(&of(&estate), "consuming"), 0);
}

#[test]
fn the_next_steps_are_of_the_areas_furthest_behind() {
    let next = of(&answered(&[])).next;
    assert_eq!(next, ["sponsorship-owners.1", "value-cost.1", "provisioning.1"]);
    let next = of(&answered(&[("value-cost.1", true), ("value-cost.2", true)])).next;
    assert_eq!(next, ["sponsorship-owners.1", "provisioning.1", "consuming.1"]);
}
