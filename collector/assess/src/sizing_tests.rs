//! Demand and size on servers small enough to follow by hand.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::demand::WEEK_CELLS;
use crate::testing::{MONDAY, ordinary, server, week, window};
use cairn_schemas::assessment::MatchedMethod;
use proptest::prelude::*;

fn demand(server: &Server, weeks: i64) -> Option<Demand> {
    candidate(server, 0, &server.weeks, window(weeks), &Policy::default(), 0.20).map(|c| c.demand)
}

#[test]
fn cpu_is_ratio_by_capacity_by_growth() {
    // 8 cores x 2500 MHz x 1.25 for threads = 25,000 MHz; 10 % busy; 20 % growth.
    let demand = demand(&ordinary("web", 4, 0.10, 10e9), 4).unwrap();
    assert!((demand.peak(Resource::Cpu).unwrap() - 3_000.0).abs() < 1e-6);
}

#[test]
fn memory_of_a_role_that_gives_back_is_measured_else_installed() {
    let overhead = Policy::default().template.per_vm_memory_bytes;
    let memory = |server: &Server| demand(server, 4).unwrap().peak(Resource::Memory).unwrap() - overhead;
    let mut web = ordinary("web", 4, 0.10, 10e9);
    // 10 GB, coded with ten bits, 20 % growth, 10 % cache.
    assert!((memory(&web) / 13.2e9 - 1.0).abs() < 0.001);
    web.facts.remove("role");
    assert!((memory(&web) - 64e9).abs() < 1.0);
    web.facts.remove("memory_bytes");
    assert_eq!(demand(&web, 4), None, "neither a role nor a size: not known");
}

#[test]
fn too_little_measured_is_planned_at_the_capacity() {
    let one_of_four = ordinary("web", 1, 0.10, 10e9);
    assert!((demand(&one_of_four, 4).unwrap().peak(Resource::Cpu).unwrap() - 25_000.0).abs() < 1e-6);
}

#[test]
fn a_cell_never_seen_holds_the_maximum() {
    let mut server = ordinary("web", 0, 0.0, 0.0);
    let busy_at_nine = |resource, hour| match resource {
        Resource::Cpu if hour == 9 => 0.8,
        Resource::Cpu => 0.1,
        Resource::Memory => 8e9,
        _ => f64::NAN,
    };
    server.weeks = (0..4).map(|n| week(n, busy_at_nine)).collect();
    let demand = demand(&server, 4).unwrap();
    let cpu = demand.cells(Resource::Cpu).unwrap();
    assert!(cpu[9] > 7.9 * cpu[8]);
    // Four weeks from the 2nd end on the 29th: no month-end was seen.
    assert!(cpu[WEEK_CELLS..].iter().all(|v| (v - cpu[9]).abs() < 1e-6));
    assert_eq!(demand.cells(Resource::Disk), None);
}

#[test]
fn capacity_that_grew_is_applied_from_its_day() {
    let mut server = ordinary("web", 2, 0.5, 8e9);
    let mut more = server.facts["cpu_cores"][0].clone();
    more.value = cairn_schemas::fact::FactValue::Number(4.0);
    more.valid_from = Some(Timestamp(MONDAY.0 + 7 * 86_400));
    server.facts.get_mut("cpu_cores").unwrap().push(more);
    let peak = |week: usize| {
        let observed = observed(&server, &server.weeks[week], &Policy::default());
        observed[0].as_ref().unwrap().iter().copied().fold(0.0, f64::max)
    };
    assert!((peak(0) - 12_500.0).abs() < 1e-6 && (peak(1) - 6_250.0).abs() < 1e-6);
}

#[test]
fn sizes_are_rounded_up_and_keep_what_they_were() {
    let server = ordinary("web", 4, 0.10, 10e9);
    let policy = Policy::default();
    let candidate = candidate(&server, 0, &server.weeks, window(4), &policy, 0.20).unwrap();
    let size = size(&server, &candidate, true, &policy).unwrap();
    // 16 threads x 10 % x 1.2 / 0.8 = 2.4
    assert!((size.vcpu_exact - 2.4).abs() < 1e-9);
    assert_eq!((size.vcpu, size.memory_basis), (3, MemoryBasis::MeasuredPeak));
    assert!(size.memory_bytes >= size.memory_bytes_exact && size.memory_bytes % 1_073_741_824.0 == 0.0);
}

#[test]
fn nothing_known_is_no_candidate() {
    assert_eq!(demand(&server("bare", &[]), 4), None);
    let installed =
        server("new", &[("cpu_cores", "8"), ("cpu_mhz", "2000"), ("memory_bytes", "16000000000")]);
    assert!(demand(&installed, 4).is_some(), "installed capacity stands in for what was not measured");
}

#[test]
fn windows_needs_no_allowance_for_its_cache() {
    let overhead = Policy::default().template.per_vm_memory_bytes;
    let mut web = ordinary("web", 4, 0.10, 10e9);
    web.facts.extend(server("", &[("os", "Microsoft Windows Server 2022")]).facts);
    let memory = demand(&web, 4).unwrap().peak(Resource::Memory).unwrap() - overhead;
    assert!((memory / 12e9 - 1.0).abs() < 0.001);
}

proptest! {
    // Disk and network of a server measured too little rest on what was seen when their capacity is not known:
    // leaving the dimension out of the whole plan would be worse. Hence enough weeks here wherever they are asked.
    #[test]
    fn forgetting_facts_never_lowers_demand(
        forgotten in prop::collection::vec(0_usize..32, 1..8),
        cpu in 0.0_f64..1.2,
        memory in 1e9_f64..90e9,
        weeks in 0_i64..5,
        role in prop::sample::select(vec!["web", "database"]),
        os in prop::sample::select(vec!["Debian GNU/Linux 12", "Windows Server 2019"]),
        threads in prop::sample::select(vec!["8", "16"]),
    ) {
        let mut full = ordinary("web", weeks, cpu, memory);
        let change = [("role", role), ("os", os), ("cpu_threads", threads)];
        full.facts.extend(server("", &change).facts);
        if weeks == 0 || weeks > 2 {
            let links = [("disk_bytes_per_s", "500000000"), ("network_bytes_per_s", "125000000")];
            full.facts.extend(server("", &links).facts);
        }
        let mut less = full.clone();
        for at in forgotten {
            let name = less.facts.keys().nth(at % less.facts.len()).cloned();
            name.map(|name| less.facts.remove(&name));
        }
        let full = demand(&full, 4).unwrap();
        let Some(less) = demand(&less, 4) else { return Ok(()) };
        for resource in Resource::ALL {
            let (Some(with), Some(without)) = (full.cells(resource), less.cells(resource)) else { continue };
            for (with, without) in with.iter().zip(without) {
                prop_assert!(without >= with, "{without} < {with} of {}", resource.name());
            }
        }
    }

    #[test]
    fn sizing_is_monotone(
        cpu in 0.0_f64..0.6,
        memory in 1e9_f64..40e9,
        more in 1.0_f64..1.5,
        percentile in 0.5_f64..0.9,
        matched in any::<bool>(),
        vcpu_step in 1_u32..4,
    ) {
        let mut policy = Policy::default();
        policy.sizing.vcpu_step = vcpu_step;
        let sized = |cpu: f64, memory: f64, percentile: f64, comfort_factor: f64| {
            let mut policy = policy.clone();
            let method = MatchedMethod { name: "other".into(), percentile, comfort_factor };
            policy.sizing.matched = matched.then_some(method);
            let server = ordinary("web", 4, cpu, memory);
            let asked = candidate(&server, 0, &server.weeks, window(4), &policy, 0.20).unwrap();
            let size = size(&server, &asked, true, &policy).unwrap();
            (size.vcpu, size.memory_bytes, asked.demand.peak(Resource::Cpu).unwrap())
        };
        let low = sized(cpu, memory, percentile, 1.2);
        for high in [sized(cpu * more, memory * more, percentile, 1.2), sized(cpu, memory, percentile + 0.1, 1.2 * more)] {
            prop_assert!(high.0 >= low.0 && high.1 >= low.1 && high.2 >= low.2, "{high:?} below {low:?}");
        }
        prop_assert_eq!(low.0 % vcpu_step, 0);
    }
}
