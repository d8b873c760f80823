//! Watts by hand, and the order of the ways.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::policy::PowerRow;
use crate::testing::server;
use proptest::prelude::*;

const XEON: &str = "Intel(R) Xeon(R) CPU E5-2660 0 @ 2.20GHz";
const TWO_SOCKETS: [(&str, &str); 4] =
    [("cpu_sockets", "2"), ("cpu_cores", "16"), ("cpu_mhz", "2200"), ("memory_bytes", "25769803776")];

fn found(facts: &[(&str, &str)]) -> Power {
    of(&server("web", facts), &ValuePolicy::default())
}

#[test]
fn the_best_way_that_facts_allow() {
    let check = |facts: &[(&str, &str)], expected: PowerGrade| {
        assert_eq!(found(facts).grade, expected, "{facts:?}");
    };
    let known: Vec<_> = TWO_SOCKETS.into_iter().chain([("cpu_model", XEON)]).collect();
    check(&known, PowerGrade::Generation);
    check(&TWO_SOCKETS, PowerGrade::Size);
    check(&[("cpu_model", XEON)], PowerGrade::Assumed);
    check(&[("cpu_model", "Intel(R) Xeon(R) 6787P"), ("cpu_cores", "86")], PowerGrade::Size);
    check(&[], PowerGrade::Assumed);

    let row = PowerRow {
        server_model: "PowerEdge R720".into(),
        idle_watts: 111.0,
        max_watts: 333.0,
        source: "rack PDU".into(),
        date: "2026-10".into(),
    };
    let policy = ValuePolicy { power: vec![row], ..ValuePolicy::default() };
    let metered = of(&server("web", &[("model", "poweredge  r720"), ("cpu_cores", "16")]), &policy);
    assert_eq!((metered.grade, metered.at(0.5)), (PowerGrade::Metered, Range::of(222.0)));
}

#[test]
fn watts_by_hand() {
    // SPECpower_ssj2008 has some forty servers of this processor with two sockets and 24 GB: 50 to 60 W idle, 230 to
    // 260 W full.
    let known: Vec<_> = TWO_SOCKETS.into_iter().chain([("cpu_model", XEON)]).collect();
    let power = found(&known);
    assert!((45.0..65.0).contains(&power.idle_watts.base), "{power:?}");
    assert!((215.0..275.0).contains(&power.max_watts.base), "{power:?}");
    let half = (power.idle_watts.base + power.max_watts.base) / 2.0;
    assert!((power.at(0.5).base - half).abs() < 1e-9);
    assert_eq!(power.at(7.0), power.at(1.0), "a ratio above 1 is 1");
}

proptest! {
    #[test]
    fn ends_are_in_order_and_what_is_not_known_draws_less(
        sockets in 1_u32..9, cores in 1_u32..256, mhz in 1_000_u32..5_000, gib in 1_u64..4_096, left_out in 0_usize..3,
    ) {
        let texts = [sockets.to_string(), cores.to_string(), mhz.to_string(), (gib << 30).to_string()];
        let names = ["cpu_sockets", "cpu_cores", "cpu_mhz", "memory_bytes"];
        let all: Vec<(&str, &str)> = names.into_iter().zip(texts.iter().map(String::as_str)).collect();
        for model in [Some(XEON), None] {
            let all: Vec<_> = all.iter().copied().chain(model.map(|model| ("cpu_model", model))).collect();
            let power = found(&all);
            for range in [power.idle_watts, power.max_watts, power.at(0.3)] {
                prop_assert!(0.0 < range.low && range.low <= range.base && range.base <= range.high, "{:?}", power);
            }
            let unknown = ["cpu_sockets", "cpu_mhz", "memory_bytes"][left_out];
            let less: Vec<_> = all.iter().copied().filter(|(name, _)| *name != unknown).collect();
            let less = found(&less);
            prop_assert!(less.idle_watts.base <= power.idle_watts.base + 1e-9);
            prop_assert!(less.max_watts.base <= power.max_watts.base.max(power.idle_watts.base) + 1e-9);
        }
    }
}
