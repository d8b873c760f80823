//! Merging sources and gaps of one server.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use cairn_schemas::gap::GapReason;
use cairn_schemas::metric::{CPU_BUSY, MEMORY_USED, Metric};
use cairn_schemas::slot::Power;
use cairn_schemas::value_code::Code;

fn table(metric: &Metric, width_s: u32, rows: &[(i64, Code)]) -> SlotTable {
    let slot = |(start, _): &(i64, Code)| Slot {
        start: Timestamp(*start),
        width_s,
        samples: width_s,
        power: Power::On,
    };
    let mean = rows.iter().map(|(_, code)| *code).collect();
    SlotTable {
        slots: rows.iter().map(slot).collect(),
        columns: vec![Column { key: SeriesKey::total(metric), mean, max: None }],
    }
}

#[test]
fn a_slot_that_overlaps_a_better_source_is_left_out() {
    let agent = table(&CPU_BUSY, 60, &[(300, 1), (360, 2)]);
    let import = table(&MEMORY_USED, 300, &[(0, 10), (150, 11), (400, 12), (420, 13)]);
    let both = union(agent, import);
    assert_eq!(both.check(), Ok(()));
    let starts: Vec<i64> = both.slots.iter().map(|slot| slot.start.0).collect();
    assert_eq!(starts, [0, 300, 360, 420]);
    let codes = |metric| both.column(&SeriesKey::total(metric)).unwrap().mean.clone();
    assert_eq!(codes(&CPU_BUSY), [MISSING, 1, 2, MISSING]);
    assert_eq!(codes(&MEMORY_USED), [10, MISSING, MISSING, 13]);
}

#[test]
fn gaps_are_cut_and_never_overlap() {
    let gap = |from, to, reason| Gap { window: Window { from: Timestamp(from), to: Timestamp(to) }, reason };
    let window = Window { from: Timestamp(100), to: Timestamp(200) };
    let gaps = vec![
        gap(0, 120, GapReason::AgentDown),
        gap(110, 150, GapReason::HostDown),
        gap(120, 140, GapReason::Paused),
        gap(180, 300, GapReason::SpoolFull),
    ];
    let expected = vec![
        gap(100, 120, GapReason::AgentDown),
        gap(120, 150, GapReason::HostDown),
        gap(180, 200, GapReason::SpoolFull),
    ];
    assert_eq!(disjoint(gaps, window), expected);
}
