//! What agents see of their machines, over time.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use cairn_schemas::fact::{self, Fact};

fn inventory(observed_at: Timestamp, cores: f64, used: f64) -> Inventory {
    let mut inventory = Inventory { agent_version: "2".into(), observed_at, ..Inventory::default() };
    inventory.facts.insert("cpu_cores".into(), FactValue::Number(cores));
    inventory.facts.insert("disk_used_bytes".into(), FactValue::Number(used));
    inventory.evidence.insert("cpu_cores".into(), "/proc/cpuinfo".into());
    inventory
}

fn see(store: &dyn Store, seq: u64, hour: i64, cores: f64) {
    let at = Timestamp(NOW.0 + hour * 3_600);
    store.append(&[batch(seq, &[], vec![], Some(inventory(at, cores, hour as f64)))]).unwrap();
}

/// Values of the cores with the hour they hold from.
fn cores(store: &dyn Store) -> Vec<(Option<i64>, f64)> {
    let hour = |from: Timestamp| (from.0 - NOW.0) / 3_600;
    let facts = store.facts("web1").unwrap();
    let dated = facts["cpu_cores"].iter();
    dated.map(|fact| (fact.valid_from.map(hour), fact.value.as_number().unwrap())).collect()
}

pub(super) fn inventories_become_facts(store: &dyn Store) {
    agent(store);
    see(store, 1, 0, 8.0);
    store.compact(10, NOW).unwrap();
    let cores = &store.facts("web1").unwrap()["cpu_cores"][0];
    assert_eq!((cores.value.as_number(), cores.unit.as_str()), (Some(8.0), "cores"));
    assert_eq!(cores.source, "agent: /proc/cpuinfo");
    assert_eq!(store.agents().unwrap()[0].version, "2");
}

pub(super) fn an_upgrade_leaves_the_past_as_it_was(store: &dyn Store) {
    agent(store);
    see(store, 1, 0, 8.0);
    see(store, 2, 1, 8.0);
    see(store, 3, 2, 16.0);
    see(store, 4, 3, 16.0);
    assert_eq!(cores(store), [(None, 8.0), (Some(2), 16.0)]);
    see(store, 5, 1, 12.0);
    assert_eq!(cores(store), [(None, 8.0), (Some(2), 16.0)], "what comes late changes nothing");
    see(store, 6, 9, 8.0);
    assert_eq!(cores(store), [(None, 8.0), (Some(2), 16.0), (Some(9), 8.0)]);
    let facts = store.facts("web1").unwrap();
    assert_eq!(facts["disk_used_bytes"].len(), 1, "what fills and empties is known as it is now");
    assert_eq!(fact::latest(&facts, "cpu_cores").unwrap().observed_at, Timestamp(NOW.0 + 9 * 3_600));
}

pub(super) fn a_person_has_the_last_word(store: &dyn Store) {
    agent(store);
    see(store, 1, 0, 8.0);
    see(store, 2, 2, 16.0);
    let said = Fact {
        value: FactValue::Number(12.0),
        unit: "cores".into(),
        source: "person".into(),
        observed_at: Timestamp(NOW.0 + 4 * 3_600),
        valid_from: None,
        confirmed_by: Some("ada".into()),
    };
    store.put_facts("web1", &[("cpu_cores".to_owned(), said)]).unwrap();
    see(store, 3, 5, 24.0);
    assert_eq!(cores(store), [(None, 12.0)]);
}
