//! Two servers whose storage a reader can add up; and that forgetting never buys less.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::testing::{MONDAY, server, week, window};
use cairn_schemas::value_code::MISSING;
use proptest::prelude::*;

/// Busy with so many operations in one hour of the week, one a second in all others, for two weeks.
fn busy_at(name: &str, facts: &[(&str, &str)], hour: usize, operations: f64) -> Server {
    let mut server = server(name, facts);
    server.weeks = (0..2)
        .map(|n| {
            let mut week = week(n, |resource, h| match resource {
                Resource::Disk if h == hour => operations * 1_000.0,
                Resource::Disk => 1_000.0,
                _ => 0.1,
            });
            let code = |h| operations_coding().encode(Some(if h == hour { operations } else { 1.0 }));
            let at = |day: i64| Timestamp(week.start.0 + day * DAY_S);
            week.storage = Some(StorageLoad {
                operations_by_hour: (0..WEEK_HOURS).map(code).collect(),
                operations: 1_000,
                read_operations: 750,
                bytes: 4_000,
                read_bytes: 1_000,
                timed_operations: 1_000,
                busy_us: 4_000_000,
                latency_us_max: 20_000,
                used: Some([
                    Used { at: at(0), bytes: 1_000 + n as u64 * 100 },
                    Used { at: at(7), bytes: 1_100 + n as u64 * 100 },
                ]),
            });
            week
        })
        .collect();
    server
}

fn sized(servers: Vec<Server>, policy: &Policy) -> StorageSizing {
    let planned: Vec<usize> = (0..servers.len()).collect();
    let estate = Estate { window: window(2), servers, ..Estate::default() };
    storage(&estate, policy, &planned).unwrap()
}

fn near(have: Option<f64>, want: f64) -> bool {
    have.is_some_and(|have| (have / want - 1.0).abs() < 0.002)
}

#[test]
fn peaks_are_added_at_one_time() {
    let facts = [("disk_bytes", "4000")];
    let both =
        sized(vec![busy_at("a", &facts, 9, 500.0), busy_at("b", &facts, 21, 300.0)], &Policy::default());
    assert!(near(both.operations_per_s.aligned, 501.0), "{:?}", both.operations_per_s);
    assert_eq!(both.operations_per_s.at, Some(Timestamp(MONDAY.0 + 9 * HOUR_S)));
    assert!(near(both.operations_per_s.sum_of_peaks, 800.0));
    assert!(near(both.bytes_per_s.aligned, 501_000.0) && near(both.bytes_per_s.sum_of_peaks, 800_000.0));
    assert_eq!((both.read_operations_ratio, both.read_bytes_ratio), (Some(0.75), Some(0.25)));
    assert_eq!((both.latency_mean_s, both.latency_max_s, both.latency_servers), (Some(0.004), Some(0.02), 2));
    assert_eq!(
        both.used_bytes,
        Amount { value: Some(2_400.0), servers: 2, source: "filesystem_used_bytes: 2".into() }
    );
    // Each grew 200 bytes in 14 days.
    assert!(near(both.growth_bytes_per_year.value, 2.0 * 200.0 / 14.0 * 365.0));
    let required = both.required.unwrap();
    assert!(near(Some(required.usable_bytes), 2_400.0 * 1.2 * 1.25));
    assert!(near(Some(required.raw_bytes), 2_400.0 * 1.2 * 1.25 * 2.0));
    assert!(near(required.operations_per_s, 501.0 * 1.2));
}

#[test]
fn what_was_not_measured_is_not_known() {
    let silent = server("b", &[("disk_bytes", "4000")]);
    let half = sized(vec![busy_at("a", &[], 9, 500.0), silent], &Policy::default());
    assert_eq!((half.operations_per_s.servers, half.latency_servers), (1, 1));
    assert_eq!(half.basis_bytes.source, "disk_bytes: 1, filesystem_used_bytes: 1");
    let required = half.required.unwrap();
    assert!(near(Some(required.usable_bytes), 5_200.0 * 1.5), "the size of the disks stands in for use");
    assert_eq!((required.operations_per_s, required.bytes_per_s), (None, None), "not a peak to buy by");
    let nothing = sized(vec![server("c", &[])], &Policy::default());
    assert_eq!((nothing.required, nothing.unknown), (None, vec!["c".to_owned()]));
    assert_eq!(
        (nothing.operations_per_s.aligned, nothing.latency_mean_s, nothing.used_bytes.value),
        (None, None, None)
    );
    assert_eq!(storage(&Estate::default(), &Policy::default(), &[]), None);
}

#[test]
fn a_thick_basis_is_not_filled_up_with_use() {
    let mut policy = Policy::default();
    policy.storage.basis = StorageBasis::Allocated;
    let thick = sized(vec![busy_at("a", &[("disk_bytes", "4000")], 9, 5.0)], &policy);
    assert_eq!(thick.basis_bytes.value, Some(4_000.0));
    assert_eq!(sized(vec![busy_at("a", &[], 9, 5.0)], &policy).required, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn forgetting_never_buys_less(used in 0..4_000_u32, more in 0..4_000_u32, hour in 0..168_usize, forget in 0..3_usize) {
        let (used, size) = (used.to_string(), (used + more).to_string());
        let mut known = busy_at("a", &[("disk_used_bytes", &used), ("disk_bytes", &size)], hour, 50.0);
        known.weeks.iter_mut().filter_map(|week| week.storage.as_mut()).for_each(|load| load.used = None);
        let mut forgotten = known.clone();
        match forget {
            0 => forgotten.facts.remove("disk_used_bytes").map(drop),
            1 => forgotten.facts.remove("disk_bytes").map(drop),
            _ => {
                let load = forgotten.weeks[0].storage.as_mut().unwrap();
                load.operations_by_hour = vec![MISSING; WEEK_HOURS];
                None
            }
        };
        let (known, forgotten) = (sized(vec![known], &Policy::default()), sized(vec![forgotten], &Policy::default()));
        let known = known.required.unwrap();
        // Not known is not less.
        prop_assert!(forgotten.required.is_none_or(|left| left.raw_bytes >= known.raw_bytes));
    }

    #[test]
    fn an_aligned_peak_is_never_above_the_sum_of_peaks(hours in proptest::collection::vec((0..168_usize, 1.0..900.0_f64), 1..5)) {
        let servers = hours.iter().enumerate().map(|(n, (hour, busy))| busy_at(&format!("s{n}"), &[], *hour, *busy));
        let peak = sized(servers.collect(), &Policy::default()).operations_per_s;
        prop_assert!(peak.aligned.unwrap() <= peak.sum_of_peaks.unwrap() + 1e-9);
        let largest = hours.iter().map(|(_, busy)| *busy).fold(0.0, f64::max);
        prop_assert!(peak.aligned.unwrap() >= largest * 0.998);
    }
}
