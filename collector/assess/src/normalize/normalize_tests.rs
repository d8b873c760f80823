//! Capacities on every scale, followed by hand; and that forgetting a fact never makes one smaller.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::policy::{CpuBenchmark, Policy};
use crate::testing;
use cairn_schemas::fact::FactValue;
use proptest::prelude::*;

const MOMENT: Timestamp = Timestamp(1_793_577_600);

fn by_clock() -> NormalisationPolicy {
    NormalisationPolicy { scale: CpuScale::CoresByClock, ..NormalisationPolicy::default() }
}

/// A table in which a core of the reference does 4 points and one of an E5-2690 v3 does 1.5.
fn with_table() -> NormalisationPolicy {
    let row = |cpu_model: &str, score, cores| CpuBenchmark {
        cpu_model: cpu_model.into(),
        score,
        cores: Some(cores),
        source: "own run".into(),
        date: "2026-11".into(),
    };
    NormalisationPolicy {
        benchmarks: vec![row("Xeon Gold 6448H", 256.0, 64.0), row("Xeon E5-2690 v3", 36.0, 24.0)],
        ..NormalisationPolicy::default()
    }
}

fn near(have: f64, want: f64) -> bool {
    (have / want - 1.0).abs() < 1e-9
}

fn check(policy: &NormalisationPolicy, facts: &[(&str, &str)], expected: Option<(f64, CpuGrade)>) {
    let have = cpu_at(&testing::server("s", facts), MOMENT, policy);
    let same = match (have, expected) {
        (Some((have, a)), Some((want, b))) => near(have, want) && a == b,
        (have, want) => have == want,
    };
    assert!(same, "{facts:?}: {have:?} is not {expected:?}");
}

const EIGHT: [(&str, &str); 3] = [("cpu_cores", "8"), ("cpu_threads", "16"), ("cpu_mhz", "2500")];

fn eight(model: &'static str) -> Vec<(&'static str, &'static str)> {
    EIGHT.into_iter().chain([("cpu_model", model)]).collect()
}

fn factor(id: &str) -> f64 {
    generation::GENERATIONS.iter().find(|generation| generation.id == id).unwrap().factor
}

#[test]
fn cores_by_clock_where_the_policy_wants_it() {
    let check = |facts: &[(&str, &str)], expected| check(&by_clock(), facts, expected);
    check(&[], None);
    check(&[("cpu_cores", "0")], None);
    check(&[("cpu_cores", "8")], Some((40_000.0, CpuGrade::CoresOnly)));
    check(&[("cpu_cores", "8"), ("cpu_mhz", "2500")], Some((25_000.0, CpuGrade::CoresByClock)));
    check(&EIGHT, Some((25_000.0, CpuGrade::CoresByClock)));
    let single = [("cpu_cores", "8"), ("cpu_threads", "8"), ("cpu_mhz", "2500")];
    check(&single, Some((20_000.0, CpuGrade::CoresByClock)));
    check(&[("cpu_threads", "16"), ("cpu_mhz", "2500")], Some((40_000.0, CpuGrade::CoresByClock)));
    check(&eight("Intel Xeon E5-2690 v3"), Some((25_000.0, CpuGrade::CoresByClock)));
}

#[test]
fn generations_where_there_is_no_table() {
    let policy = NormalisationPolicy::default();
    let check = |facts: &[(&str, &str)], expected| check(&policy, facts, expected);
    check(&eight("Intel Xeon Gold 6448H"), Some((25_000.0, CpuGrade::Generation)));
    let haswell = 25_000.0 * factor("haswell-broadwell");
    check(&eight("Intel(R) Xeon(R) CPU E5-2690 v3 @ 2.60GHz"), Some((haswell, CpuGrade::Generation)));
    check(&EIGHT, Some((25_000.0 * generation::fastest_factor(), CpuGrade::Fastest)));
    check(&eight("POWER8"), Some((25_000.0 * generation::fastest_factor(), CpuGrade::Fastest)));
    let clockless = [("cpu_cores", "8"), ("cpu_model", "Intel Xeon E5-2690 v3")];
    check(&clockless, Some((40_000.0 * factor("haswell-broadwell"), CpuGrade::CoresOnly)));
}

#[test]
fn a_table_goes_before_generations_and_fills_its_holes_with_them() {
    let policy = with_table();
    let check = |facts: &[(&str, &str)], expected| check(&policy, facts, expected);
    // A core of the reference: 2400 MHz x 1.25 for 4 points. Eight of the other: 8 x 1.5 points.
    check(&eight("Intel(R) Xeon(R) CPU E5-2690 v3 @ 2.60GHz"), Some((12.0 * 750.0, CpuGrade::Benchmark)));
    check(&eight("Intel Xeon E5-2620 v2"), Some((25_000.0 * factor("ivy-bridge"), CpuGrade::Generation)));
    // Nobody knows it: the larger of the fastest row, 8 x 4 points, and the fastest generation.
    let fastest = (25_000.0 * generation::fastest_factor()).max(32.0 * 750.0);
    check(&eight("POWER8"), Some((fastest, CpuGrade::Fastest)));
}

#[test]
fn a_table_without_its_reference_is_tied_to_nothing() {
    let mut policy = with_table();
    policy.benchmarks.remove(0);
    assert_eq!(policy.mhz_per_point(), None);
    check(
        &policy,
        &eight("Xeon E5-2690 v3"),
        Some((25_000.0 * factor("haswell-broadwell"), CpuGrade::Generation)),
    );
}

#[test]
fn hosts_are_on_the_scale_of_the_servers() {
    let check = |policy: &NormalisationPolicy, model: &str, expected: (f64, CpuGrade)| {
        let host = HostTemplate { cpu_model: model.into(), ..HostTemplate::default() };
        let (have, grade) = host_mhz(&host, policy);
        assert!(near(have, expected.0) && grade == expected.1, "{model}: {have} by {grade:?}");
    };
    let clock = 64.0 * 2_400.0 * 1.25;
    check(&NormalisationPolicy::default(), "Xeon Gold 6448H", (clock, CpuGrade::Generation));
    check(&with_table(), "Xeon Gold 6448H", (clock, CpuGrade::Benchmark));
    check(&with_table(), "AMD EPYC 9354", (clock * factor("zen4"), CpuGrade::Generation));
    check(&with_table(), "Ampere Altra", (clock * generation::slowest_factor(), CpuGrade::Unknown));
    check(&by_clock(), "Ampere Altra", (clock, CpuGrade::CoresByClock));
    let capacity = Policy::default().template.capacity(&NormalisationPolicy::default());
    assert!(near(capacity.cpu_mhz, clock * 0.97));
}

#[test]
fn capacity_changes_over_time() {
    let mut server = testing::server("s", &[("cpu_cores", "2"), ("cpu_mhz", "800")]);
    let mut more = server.facts["cpu_cores"][0].clone();
    (more.value, more.valid_from) = (FactValue::Number(4.0), Some(Timestamp(500)));
    server.facts.get_mut("cpu_cores").unwrap().push(more);
    let steps = timeline(&server, &by_clock());
    assert_eq!(step_at(&steps, Timestamp(499)), Some(2_000.0));
    assert_eq!(step_at(&steps, Timestamp(500)), Some(4_000.0));
}

proptest! {
    #[test]
    fn forgetting_a_fact_never_lowers_a_capacity(
        cores in 1..256_u32, threads in 1..3_u32, mhz in 800..4_000_u32, model in 0..5_usize, table in any::<bool>(),
    ) {
        let policy = if table { with_table() } else { NormalisationPolicy::default() };
        let models =
            ["Intel Xeon E5-2690 v3", "Intel Xeon Gold 6448H", "AMD EPYC 9965", "AMD Opteron 6276", "POWER8"];
        let (cores, threads, mhz) = (cores.to_string(), (cores * threads).to_string(), mhz.to_string());
        let facts = [
            ("cpu_cores", cores.as_str()),
            ("cpu_threads", &threads),
            ("cpu_mhz", &mhz),
            ("cpu_model", models[model]),
        ];
        let known = cpu_at(&testing::server("s", &facts), MOMENT, &policy).unwrap().0;
        for forgotten in 0..facts.len() {
            let rest: Vec<_> = (0..facts.len()).filter(|n| *n != forgotten).map(|n| facts[n]).collect();
            let have = cpu_at(&testing::server("s", &rest), MOMENT, &policy).unwrap().0;
            let what = facts[forgotten].0;
            prop_assert!(have >= known * (1.0 - 1e-12), "{} without {what}: {have} below {known}", facts[3].1);
        }
    }

    #[test]
    fn a_host_nobody_can_place_never_has_more(cores in 1..256_u32, mhz in 800..4_000_u32, model in 0..3_usize) {
        let models = ["AMD Opteron 6276", "AMD EPYC 9965", "Xeon E5-2690 v3"];
        let host = HostTemplate {
            cpu_model: models[model].into(), cpu_cores: f64::from(cores), cpu_mhz: f64::from(mhz), ..HostTemplate::default()
        };
        let nobody = HostTemplate { cpu_model: String::new(), ..host.clone() };
        let policy = NormalisationPolicy::default();
        prop_assert!(host_mhz(&nobody, &policy).0 <= host_mhz(&host, &policy).0);
    }
}
