//! The simulated estate is the same for ever, plausible, and holds what it says it holds.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use cairn_schemas::digest::sha256_hex;
use cairn_schemas::fact::{FactKind, FactValue, entry_of};
use cairn_schemas::gap::GapReason;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn estate(servers: usize, days: u32) -> Population {
    Population::new(servers, days, at("2026-11-25T15:30:00Z"), 1)
}

fn bytes(server: &SimulatedServer) -> String {
    format!("{}{:?}{:?}{:?}", server.name, server.facts, server.table, server.gaps)
}

fn fact<'a>(server: &'a SimulatedServer, name: &str) -> Option<&'a FactValue> {
    server.facts.iter().rev().find(|(n, _)| n == name).map(|(_, fact)| &fact.value)
}

fn mean_of(server: &SimulatedServer, metric: &Metric) -> Option<f64> {
    let values: Vec<f64> =
        (0..server.table.slots.len()).filter_map(|slot| server.table.value(metric, slot)).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_others() {
    let print = |seed| {
        let population = Population::new(12, 3, at("2026-11-25T15:30:00Z"), seed);
        sha256_hex(population.servers().map(|server| bytes(&server)).collect::<String>().as_bytes())
    };
    assert_eq!(print(1), print(1));
    assert_ne!(print(1), print(2));
}

#[test]
fn a_small_estate_is_the_beginning_of_a_large_one_in_any_order() {
    let (small, large) = (estate(10, 2), estate(60, 2));
    let backwards: Vec<_> =
        (0..10).rev().map(|index| bytes(&large.server(index, &large.cards[index]))).collect();
    let forwards: Vec<_> = small.servers().map(|server| bytes(&server)).collect();
    assert_eq!(forwards, backwards.into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn a_longer_window_repeats_the_load_of_a_shorter_one() {
    let long = estate(1, 9).servers().next().unwrap().table;
    let short = estate(1, 2).servers().next().unwrap().table;
    let tail = &long.columns[0].mean[long.slots.len() - short.slots.len()..];
    assert_eq!(tail, short.columns[0].mean);
}

#[test]
fn four_weeks_always_hold_a_month_end() {
    let check = |now: &str, from: &str| {
        let population = Population::new(1, 28, at(now), 1);
        assert_eq!(population.window(), Window { from: at(from), to: at(now).start_of_day() });
    };
    check("2026-11-25T15:30:00Z", "2026-10-28T00:00:00Z");
    check("2026-10-31T09:00:00Z", "2026-09-30T00:00:00Z");
    check("2026-03-29T09:00:00Z", "2026-02-28T00:00:00Z");
    // A week cannot, and is left as it was asked for.
    assert_eq!(Population::new(1, 7, at("2026-11-25T00:00:00Z"), 1).window().seconds(), 7 * DAY_S);
}

#[test]
fn every_server_is_marked_and_known_by_the_catalogue() {
    let servers: Vec<_> = estate(200, 1).servers().collect();
    assert_eq!(servers.iter().map(|server| &server.name).collect::<BTreeSet<_>>().len(), 200);
    for server in &servers {
        assert!(server.name.starts_with("sim-"));
        for (name, fact) in &server.facts {
            let entry = entry_of(name).unwrap_or_else(|| panic!("{name} is not in the catalogue"));
            assert_eq!(fact.source, SOURCE);
            match (entry.kind, &fact.value) {
                (FactKind::Text, FactValue::Text(_)) | (FactKind::Bool, FactValue::Bool(_)) => {}
                (FactKind::Date, FactValue::Text(text)) => assert!(entry.parse(text).is_ok(), "{text}"),
                (FactKind::Number(unit), FactValue::Number(n)) => {
                    assert!(*n > 0.0 && fact.unit == unit, "{name} {n} {}", fact.unit);
                }
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}

#[test]
fn what_is_planted_is_there() {
    for server in estate(200, 28).servers() {
        let text = |name| fact(&server, name).and_then(FactValue::as_text);
        let flag = |name| fact(&server, name).and_then(FactValue::as_bool) == Some(true);
        let gap = |reason| server.gaps.iter().any(|gap| gap.reason == reason);
        let found = match server.truth.plant {
            Plant::None => !gap(GapReason::AgentDown) && text("architecture") == Some("x86_64"),
            Plant::Dongle => text("special_hardware").is_some_and(|proof| proof.contains("/sys/")),
            Plant::NotX86 => text("architecture") == Some("ppc64le"),
            Plant::VendorForbids => text("vendor_support") == Some("forbidden"),
            Plant::Appliance => flag("appliance"),
            Plant::UnsupportedOs => text("os").is_some_and(|os| os.contains("NT 4.0")),
            Plant::AlreadyVirtual => text("virtualization") == Some("vmware"),
            Plant::Hypervisor => flag("hypervisor_role"),
            Plant::Retiring => flag("retire"),
            Plant::ClusterActive => text("cluster_role") == Some("active"),
            Plant::ClusterStandby => text("cluster_role") == Some("standby"),
            Plant::OffAtNight => server.table.slots.iter().any(|slot| slot.power == Power::Off),
            Plant::MemoryUpgrade => server.facts.iter().any(|(_, fact)| fact.valid_from.is_some()),
            Plant::AgentLate => gap(GapReason::NeverEnrolled),
            Plant::AgentDown | Plant::MostlyMissing => gap(GapReason::AgentDown),
            Plant::SpoolFull => gap(GapReason::SpoolFull),
            Plant::NeverMeasured => server.table.slots.is_empty() && text("cpu_model").is_none(),
        };
        assert!(found, "{} is no {}", server.name, server.truth.name);
    }
}

#[test]
fn nodes_of_a_cluster_share_site_machine_and_role() {
    let servers: Vec<_> = estate(200, 1).servers().collect();
    for pair in servers.windows(2).filter(|pair| pair[0].truth.plant == Plant::ClusterActive) {
        for name in ["cluster", "site", "zone", "cpu_model", "memory_bytes"] {
            assert_eq!(fact(&pair[0], name), fact(&pair[1], name), "{name}");
        }
        let busy = |server| mean_of(server, &metric::CPU_BUSY).unwrap();
        assert!(busy(&pair[0]) > 3.0 * busy(&pair[1]));
    }
}

#[test]
fn the_estate_is_as_lightly_used_as_estates_are() {
    let servers: Vec<_> = estate(200, 28).servers().collect();
    let busy: Vec<f64> = servers.iter().filter_map(|server| mean_of(server, &metric::CPU_BUSY)).collect();
    let mean = busy.iter().sum::<f64>() / busy.len() as f64;
    assert!((0.05..0.15).contains(&mean), "{mean}");
    let owned =
        servers.iter().filter(|server| fact(server, "owner").and_then(FactValue::as_text) == Some("IT"));
    assert!((70..=100).contains(&owned.count()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_table_is_well_formed_and_fits_its_window(seed in any::<u64>(), index in 0_usize..200) {
        let population = Population::new(200, 6, at("2026-11-03T00:00:00Z"), seed);
        let server = population.server(index, &population.cards[index]);
        prop_assert_eq!(server.table.check(), Ok(()));
        let missing: i64 = server.gaps.iter().map(|gap| gap.window.seconds()).sum();
        let slots = server.table.slots.len() as i64;
        prop_assert_eq!(slots * WIDTH_S + missing, population.window().seconds());
        prop_assert!(server.gaps.windows(2).all(|pair| pair[0].window.to <= pair[1].window.from));
        let installed = fact(&server, "memory_bytes").and_then(FactValue::as_number);
        for slot in 0..server.table.slots.len() {
            let value = |metric| server.table.value(metric, slot);
            prop_assert!(value(&metric::CPU_BUSY).is_none_or(|busy| (0.0..=1.0).contains(&busy)));
            prop_assert!(value(&metric::MEMORY_USED).is_none_or(|used| Some(used) <= installed));
        }
        for column in &server.table.columns {
            for (mean, max) in column.mean.iter().zip(column.max.iter().flatten()) {
                prop_assert!(mean <= max);
            }
        }
    }
}
