//! Licences by hand: hosts of 32 cores in two sockets, list prices.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::estate::Server;
use crate::estate_testing::{Did, estate, server};
use crate::packing::testing::{candidate, policy};
use cairn_schemas::fact::FactValue;

/// `count` servers of a fact, each a tenth of a host, five a host at most, beside four without it.
fn priced(count: usize, fact: &str, value: &str, change: impl Fn(&mut Policy)) -> Vec<Licence> {
    let named = |n: usize| format!("s{n:02}");
    let servers: Vec<Server> = (0..count + 4)
        .map(|n| {
            let mut server = server(&named(n), 1, |_, _| Did::Busy(0.1));
            if n < count {
                let mut known = server.facts["cpu_cores"][0].clone();
                known.value = FactValue::Text(value.into());
                server.facts.insert(fact.into(), vec![known]);
            }
            server
        })
        .collect();
    let candidates: Vec<Candidate> =
        (0..count + 4).map(|n| Candidate { index: n, ..candidate(&named(n), 8.0, 1.0) }).collect();
    let mut policy = Policy { licences: Default::default(), ..policy() };
    (policy.cluster.hosts_min, policy.template.vms_max) = (1, 20);
    (policy.template.cpu_cores, policy.template.cpu_mhz, policy.template.cpu_sockets) = (32.0, 3.125, 2.0);
    policy.template.cpu_threads = 32.0;
    change(&mut policy);
    let plan = packing::plan(&candidates, &policy);
    licences(&estate(1, servers), &policy, &candidates, &plan)
}

fn rows(licences: &[Licence], product: &str) -> Vec<(String, usize, f64, bool)> {
    let of = licences.iter().filter(|licence| licence.product == product);
    of.map(|l| (l.arrangement.clone(), l.hosts, l.cores, l.cheapest)).collect()
}

#[test]
fn windows_breaks_even_at_eleven_machines_a_host() {
    // 388 / 67 is 5.8: a sixth Standard licence, from the eleventh machine on, costs more than Datacenter.
    assert_eq!(windows_break_even(&policy()), Some(11));
    let own = |licences: &[Licence]| rows(licences, "windows_server");
    // Six servers in all fit one host of ten, with one in reserve: two machines, one set of 32 cores a host.
    let few = priced(2, "os", "Windows Server 2022", |_| {});
    assert_eq!(own(&few), [("standard".into(), 2, 64.0, true), ("datacenter".into(), 2, 64.0, false)]);
    // Of 24 machines up to ten are on a host, and the two left of three carry twelve each: six sets.
    let many = priced(24, "os", "windows", |_| {});
    assert_eq!(own(&many), [("standard".into(), 4, 640.0, true), ("datacenter".into(), 4, 128.0, false)]);
}

#[test]
fn an_oracle_database_is_cheaper_on_hosts_of_its_own() {
    let licences = priced(10, "database", "oracle_enterprise", |_| {});
    // Fourteen servers of 8 % share two hosts and a spare: 3 x 32 cores at a factor of one half. Ten alone fill
    // one host, with a spare of its own, and the four others do the same.
    let rows = rows(&licences, "oracle_enterprise");
    assert_eq!(rows, [("shared_hosts".into(), 3, 48.0, false), ("own_hosts".into(), 2, 32.0, true)]);
    let extra: Vec<i64> =
        licences.iter().filter(|l| l.product == "oracle_enterprise").map(|l| l.extra_hosts).collect();
    assert_eq!(extra, [0, 1]);
}

#[test]
fn a_few_sql_servers_are_licensed_by_machine() {
    let licences = priced(2, "database", "sql_server_standard", |_| {});
    let per_vm = licences.iter().find(|licence| licence.arrangement == "per_vm").unwrap();
    assert_eq!((per_vm.cores, per_vm.cheapest), (8.0, true));
}

#[test]
fn small_hosts_pay_the_minimum_of_cores() {
    let licences = priced(1, "os", "windows", |policy| {
        (policy.template.cpu_cores, policy.template.cpu_threads, policy.template.cpu_mhz) = (4.0, 4.0, 25.0);
    });
    // Two hosts of four cores: 16 cores of Windows each, 16 cores of hypervisor a socket, 72 an order at least.
    assert_eq!(rows(&licences, "windows_server")[0].2, 32.0);
    assert_eq!(rows(&licences, "hypervisor_subscription"), [("all_hosts".into(), 2, 72.0, true)]);
}

#[test]
fn a_foreign_currency_has_no_list_prices_and_a_policy_may_name_its_own() {
    let licences = priced(1, "os", "windows", |policy| policy.value.currency = "EUR".into());
    assert!(licences.iter().all(|licence| licence.cost.is_none() && !licence.cheapest));
    let ours = crate::policy::ValueConstant {
        value: Range { low: 1.0, base: 2.0, high: 3.0 },
        unit: "EUR/core".into(),
        source: "our contract".into(),
        date: "2026-11".into(),
    };
    let licences = priced(1, "os", "windows", |policy| {
        policy.value.currency = "EUR".into();
        policy.licences.insert("windows_standard".into(), ours.clone());
    });
    assert_eq!(licences[0].cost.map(|cost| cost.base), Some(128.0));
    assert_eq!(licences[0].source, "our contract");
}
