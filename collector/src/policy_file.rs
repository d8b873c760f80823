//! Policy and scenario files: TOML in, a [`Policy`] out, or an error with file, line, field and the nearest
//! name that would have been right. A file changes what it names and keeps the rest of the standard policy.
// SPDX-License-Identifier: Apache-2.0

use cairn_assess::policy::{HostTemplate, Policy, ReadinessPolicy};
use cairn_assess::readiness::{RULES, hypervisors};
use cairn_schemas::assessment::CellMethod;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::ops::Range;

/// A policy file cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {text}")]
pub struct PolicyError {
    /// File as given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub text: String,
}

/// What a scenario file may change; what it does not name stays as the policy has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioFile {
    name: String,
    /// CPU, disk and network limit.
    cpu_ratio: Option<f64>,
    memory_ratio: Option<f64>,
    growth_ratio: Option<f64>,
    cells: Option<CellMethod>,
    failures: Option<usize>,
    template: Option<HostTemplate>,
}

/// Reads a policy.
///
/// # Errors
/// Not TOML, a name that does not exist, a value of the wrong kind or out of range.
pub fn parse(file: &str, text: &str) -> Result<Policy, PolicyError> {
    let policy: Policy = read(file, text)?;
    check(file, text, &policy)?;
    Ok(policy)
}

/// Changes a policy by a scenario.
///
/// # Errors
/// As [`parse`].
pub fn apply_scenario(file: &str, text: &str, policy: &mut Policy) -> Result<(), PolicyError> {
    let scenario: ScenarioFile = read(file, text)?;
    let mut changed = policy.clone();
    if let Some(ratio) = scenario.cpu_ratio {
        let limits = &mut changed.limits;
        (limits.cpu_ratio, limits.disk_ratio, limits.network_ratio) = (ratio, ratio, ratio);
    }
    changed.limits.memory_ratio = scenario.memory_ratio.unwrap_or(changed.limits.memory_ratio);
    changed.sizing.growth_ratio = scenario.growth_ratio.unwrap_or(changed.sizing.growth_ratio);
    changed.sizing.cells = scenario.cells.unwrap_or(changed.sizing.cells);
    changed.cluster.failures = scenario.failures.unwrap_or(changed.cluster.failures);
    changed.template = scenario.template.unwrap_or(changed.template);
    changed.name = format!("{}+{}", policy.name, scenario.name);
    check(file, text, &changed)?;
    *policy = changed;
    Ok(())
}

/// Reads a TOML file of any kind; an error names the nearest valid field.
///
/// # Errors
/// Not TOML, a name that does not exist, a value of the wrong kind.
pub(crate) fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, PolicyError> {
    toml::from_str(text).map_err(|error| PolicyError {
        file: file.to_owned(),
        line: line_of(text, error.span()),
        text: with_nearest(error.message()),
    })
}

fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    let until = span.map_or(0, |span| span.start.min(text.len()));
    1 + text.as_bytes()[..until].iter().filter(|byte| **byte == b'\n').count()
}

/// Turns "unknown field `a`, expected one of `b`, `c`" into the nearest of them.
fn with_nearest(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let [wrong, valid @ ..] = quoted.as_slice() else { return message.to_owned() };
    if !message.starts_with("unknown field") {
        return message.to_owned();
    }
    format!("there is no `{wrong}`{} (valid here: {})", meant(wrong, valid), valid.join(", "))
}

/// The nearest of the valid names, as a question; nothing where none is valid.
pub(crate) fn meant(wrong: &str, valid: &[&str]) -> String {
    let nearest = valid.iter().max_by(|a, b| {
        strsim::jaro_winkler(wrong, a).total_cmp(&strsim::jaro_winkler(wrong, b)).then(b.cmp(a))
    });
    nearest.map_or(String::new(), |name| format!("; was `{name}` meant?"))
}

/// A number of the policy and where it may lie.
struct Bound {
    field: &'static str,
    value: f64,
    low: f64,
    high: f64,
}

fn check(file: &str, text: &str, policy: &Policy) -> Result<(), PolicyError> {
    let wrong = bounds(policy).into_iter().find(|b| !(b.low..=b.high).contains(&b.value));
    let fault = if let Some(Bound { field, value, low, high }) = wrong {
        Some((field, format!("`{field}` is {value}; it must lie between {low} and {high}")))
    } else if policy.cluster.hosts_min > policy.cluster.hosts_max {
        Some(("cluster.hosts_min", "`cluster.hosts_min` is above `cluster.hosts_max`".to_owned()))
    } else if policy.cluster.failures >= policy.cluster.hosts_max {
        Some(("cluster.failures", "`cluster.failures` leaves no host of `cluster.hosts_max`".to_owned()))
    } else if !policy.normalisation.benchmarks.is_empty() && policy.normalisation.mhz_per_point().is_none() {
        let reference = &policy.normalisation.reference.cpu_model;
        Some((
            "benchmarks",
            format!(
                "`normalisation.benchmarks` is tied to no MHz: it needs a row of `{reference}`, or `normalisation.reference` must name a row of a known generation"
            ),
        ))
    } else {
        readiness_fault(&policy.readiness).or_else(|| rules_fault(policy))
    };
    match fault {
        None => Ok(()),
        Some((field, text_of_fault)) => {
            Err(PolicyError { file: file.to_owned(), line: line_of_field(text, field), text: text_of_fault })
        }
    }
}

fn readiness_fault(readiness: &ReadinessPolicy) -> Option<(&'static str, String)> {
    let ascending = |numbers: &[f64]| numbers.is_sorted_by(|a, b| a < b) && numbers[0] > 0.0;
    let falling: Vec<f64> = readiness.room_times.iter().rev().copied().collect();
    let lists = [
        ("readiness.fit_shares", ascending(&readiness.fit_shares), "ascend"),
        ("readiness.steadiness_spreads", ascending(&readiness.steadiness_spreads), "ascend"),
        ("readiness.room_times", ascending(&falling), "descend"),
        ("readiness.disk_bytes", ascending(&readiness.disk_bytes), "ascend"),
    ];
    if let Some((field, _, way)) = lists.into_iter().find(|(_, good, _)| !good) {
        return Some((field, format!("the numbers of `{field}` must {way} and be above 0")));
    }
    let (chosen, valid) = (readiness.hypervisor.as_str(), hypervisors());
    (!valid.contains(&chosen)).then(|| {
        let meant = meant(chosen, &valid);
        let text =
            format!("`readiness.hypervisor` knows no `{chosen}`{meant} (valid here: {})", valid.join(", "));
        ("readiness.hypervisor", text)
    })
}

/// The first rule switched off that is none, or for no reason; its own name is the field.
fn rules_fault(policy: &Policy) -> Option<(&str, String)> {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    policy.rules_off.iter().find_map(|(rule, reason)| {
        if !ids.contains(&rule.as_str()) {
            let meant = meant(rule, &ids);
            let text = format!("`rules_off` knows no rule `{rule}`{meant} (`cairn rules list` names them)");
            return Some((rule.as_str(), text));
        }
        let text = || format!("`rules_off.{rule}` needs a reason, which the report prints");
        reason.trim().is_empty().then(|| (rule.as_str(), text()))
    })
}

/// As good as unlimited.
const LARGE: f64 = 1e18;

const fn bound(field: &'static str, value: f64, low: f64, high: f64) -> Bound {
    Bound { field, value, low, high }
}

fn bounds(policy: &Policy) -> Vec<Bound> {
    let (limits, sizing) = (&policy.limits, &policy.sizing);
    vec![
        bound("limits.cpu_ratio", limits.cpu_ratio, 0.01, 1.0),
        bound("limits.memory_ratio", limits.memory_ratio, 0.01, 1.0),
        bound("limits.disk_ratio", limits.disk_ratio, 0.01, 1.0),
        bound("limits.network_ratio", limits.network_ratio, 0.01, 1.0),
        bound("limits.failover_ratio", limits.failover_ratio, 0.01, 1.0),
        bound("limits.failover_memory_ratio", limits.failover_memory_ratio, 0.01, 1.0),
        bound("coverage.minimum_ratio", policy.coverage.minimum_ratio, 0.0, 1.0),
        bound("normalisation.threads_factor", policy.normalisation.threads_factor, 1.0, 2.0),
        bound("normalisation.default_mhz", policy.normalisation.default_mhz, 1.0, 100_000.0),
        bound("sizing.growth_ratio", sizing.growth_ratio, 0.0, 10.0),
        bound("sizing.cache_allowance_ratio", sizing.cache_allowance_ratio, 0.0, 10.0),
        bound("sizing.vcpu_percentile", sizing.vcpu_percentile, 0.0, 1.0),
        bound("sizing.vcpu_fill_ratio", sizing.vcpu_fill_ratio, 0.01, 1.0),
        bound("sizing.memory_step_bytes", sizing.memory_step_bytes, 1.0, LARGE),
        bound("cluster.hosts_min", policy.cluster.hosts_min as f64, 1.0, 64.0),
        // Every set of so many failures is replayed: their number must stay one that can be.
        bound("cluster.hosts_max", policy.cluster.hosts_max as f64, 1.0, 64.0),
        bound("cluster.failures", policy.cluster.failures as f64, 0.0, 2.0),
        bound("risk.violation_ratio_max", policy.risk.violation_ratio_max, 0.0, 1.0),
        bound("risk.worst_fold_violation_ratio_max", policy.risk.worst_fold_violation_ratio_max, 0.0, 1.0),
        bound("journey.coverage_min_ratio", policy.journey.coverage_min_ratio, 0.0, 1.0),
        bound("journey.business_share_min_ratio", policy.journey.business_share_min_ratio, 0.0, 1.0),
        bound("journey.service_share_min_ratio", policy.journey.service_share_min_ratio, 0.0, 1.0),
        bound("journey.ready_score_min", policy.journey.ready_score_min, 0.0, 100.0),
    ]
    .into_iter()
    .chain(size_bounds(policy))
    .chain(template_bounds(&policy.template))
    .chain(readiness_bounds(&policy.readiness))
    .chain(
        policy.scenarios.iter().filter_map(|scenario| scenario.template.as_ref()).flat_map(template_bounds),
    )
    .chain(policy.scenarios.iter().flat_map(|scenario| {
        [
            bound("scenarios.cpu_ratio", scenario.cpu_ratio, 0.01, 1.0),
            bound("scenarios.memory_ratio", scenario.memory_ratio, 0.01, 1.0),
            bound("scenarios.growth_ratio", scenario.growth_ratio, 0.0, 10.0),
            bound("scenarios.failures", scenario.failures.unwrap_or(0) as f64, 0.0, 2.0),
        ]
    }))
    .collect()
}

fn readiness_bounds(readiness: &ReadinessPolicy) -> Vec<Bound> {
    vec![
        bound("readiness.idle_cpu_ratio", readiness.idle_cpu_ratio, 0.0, 1.0),
        bound("readiness.idle_network_bytes_per_s", readiness.idle_network_bytes_per_s, 0.0, LARGE),
        bound("readiness.idle_days", readiness.idle_days, 1.0, 3_660.0),
        bound("readiness.saturated_ratio", readiness.saturated_ratio, 0.01, 2.0),
        bound("readiness.memory_full_ratio", readiness.memory_full_ratio, 0.01, 2.0),
        bound("readiness.short_peak_ratio", readiness.short_peak_ratio, 0.01, 2.0),
        bound("readiness.often_off_ratio", readiness.often_off_ratio, 0.01, 1.0),
        bound("readiness.contract_days", readiness.contract_days, 0.0, 3_660.0),
    ]
}

fn size_bounds(policy: &Policy) -> Vec<Bound> {
    let (normalisation, sizing, storage) = (&policy.normalisation, &policy.sizing, &policy.storage);
    let mut bounds = vec![
        bound("normalisation.reference.cpu_mhz", normalisation.reference.cpu_mhz, 1.0, 100_000.0),
        bound("sizing.vcpu_step", f64::from(sizing.vcpu_step), 1.0, 64.0),
        bound("storage.growth_ratio", storage.growth_ratio.unwrap_or(0.0), 0.0, 10.0),
        bound("storage.slack_ratio", storage.slack_ratio, 0.0, 10.0),
        bound("storage.protection_factor", storage.protection_factor, 1.0, 10.0),
        bound("storage.growth_days_min", storage.growth_days_min, 1.0, LARGE),
    ];
    for row in &normalisation.benchmarks {
        bounds.push(bound("normalisation.benchmarks.score", row.score, 1e-9, LARGE));
        bounds.push(bound("normalisation.benchmarks.cores", row.cores.unwrap_or(1.0), 1.0, LARGE));
    }
    if let Some(method) = &sizing.matched {
        bounds.push(bound("sizing.matched.percentile", method.percentile, 0.0, 1.0));
        bounds.push(bound("sizing.matched.comfort_factor", method.comfort_factor, 0.1, 10.0));
    }
    for size in &sizing.standard_sizes {
        bounds.push(bound("sizing.standard_sizes.vcpu", f64::from(size.vcpu), 1.0, LARGE));
        bounds.push(bound("sizing.standard_sizes.memory_bytes", size.memory_bytes, 1.0, LARGE));
    }
    bounds
}

fn template_bounds(template: &HostTemplate) -> Vec<Bound> {
    vec![
        bound("template.cpu_cores", template.cpu_cores, 1.0, LARGE),
        bound("template.cpu_threads", template.cpu_threads, 1.0, LARGE),
        bound("template.cpu_mhz", template.cpu_mhz, 1.0, 100_000.0),
        bound("template.cpu_sockets", template.cpu_sockets, 1.0, LARGE),
        bound("template.memory_bytes", template.memory_bytes, template.hypervisor_memory_bytes + 1.0, LARGE),
        bound("template.disk_bytes_per_s", template.disk_bytes_per_s, 1.0, LARGE),
        bound("template.network_bytes_per_s", template.network_bytes_per_s, 1.0, LARGE),
        bound("template.hypervisor_cpu_ratio", template.hypervisor_cpu_ratio, 0.0, 0.9),
        bound("template.hypervisor_memory_bytes", template.hypervisor_memory_bytes, 0.0, LARGE),
        bound("template.per_vm_memory_bytes", template.per_vm_memory_bytes, 0.0, LARGE),
        bound("template.vms_max", template.vms_max as f64, 1.0, LARGE),
    ]
}

/// The line on which the last part of a dotted field is set; the first line when the file does not set it.
fn line_of_field(text: &str, field: &str) -> usize {
    let name = field.rsplit('.').next().unwrap_or(field);
    let sets = |line: &str| {
        let key = line.trim_start().trim_start_matches('"');
        let rest = key.strip_prefix(name).map(|rest| rest.trim_start_matches('"').trim_start());
        rest.is_some_and(|rest| rest.starts_with('='))
    };
    let table = |line: &str| line.trim().trim_matches(['[', ']']) == name;
    1 + text.lines().position(|line| sets(line) || table(line)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_changes_what_it_names() {
        let policy = parse("p.toml", "name = \"ours\"\n[limits]\ncpu_ratio = 0.7\n").unwrap();
        assert_eq!((policy.name.as_str(), policy.limits.cpu_ratio), ("ours", 0.7));
        assert_eq!(policy.limits.memory_ratio, Policy::default().limits.memory_ratio);
        assert_eq!(parse("p.toml", "").unwrap(), Policy::default());
    }

    #[test]
    fn faults_name_line_field_and_the_nearest_name() {
        let check = |text: &str, line: usize, expected: &str| {
            let error = parse("p.toml", text).unwrap_err();
            assert_eq!((error.file.as_str(), error.line), ("p.toml", line), "{error}");
            assert!(error.text.contains(expected), "{error}");
        };
        check("\n[limits]\ncpu_ration = 0.7\n", 3, "there is no `cpu_ration`; was `cpu_ratio` meant?");
        check("[limit]\n", 1, "there is no `limit`; was `limits` meant?");
        check("[limits]\ncpu_ratio = 80\n", 2, "`limits.cpu_ratio` is 80; it must lie between 0.01 and 1");
        check("[limits]\ncpu_ratio = nan\n", 2, "`limits.cpu_ratio` is NaN");
        check("[limits]\ncpu_ratio = \"much\"\n", 2, "invalid type");
        check("[cluster]\nhosts_max = 2\nhosts_min = 3\n", 3, "above `cluster.hosts_max`");
        check("[cluster]\nfailures = 3\n", 2, "`cluster.failures` is 3; it must lie between 0 and 2");
        check("[rules_off]\nspecial-hardware = \"\"\n", 2, "needs a reason");
        check("[rules_off]\nspecial-hardwear = \"x\"\n", 2, "was `special-hardware` meant?");
        check("[readiness]\nhypervisor = \"hyperv\"\n", 2, "was `hyper-v-2022` meant?");
        check("[readiness]\nfit_shares = [0.3, 0.2, 0.5]\n", 2, "`readiness.fit_shares` must ascend");
        check("[readiness]\nfit_share = [0.3, 0.2, 0.5]\n", 2, "was `fit_shares` meant?");
        check("[readiness]\nroom_times = [1, 2, 3, 4, 5]\n", 2, "must descend");
        check("[readiness]\nidle_cpu_ratio = 2\n", 2, "must lie between 0 and 1");
        check(
            "[storage]\nprotection_factor = 0.5\n",
            2,
            "`storage.protection_factor` is 0.5; it must lie between 1",
        );
        let row = "cpu_model = \"Xeon E5-2690 v3\"\nscore = 36\nsource = \"own run\"\ndate = \"2026-11\"\n";
        check(&format!("[[normalisation.benchmarks]]\n{row}"), 1, "needs a row of `Intel Xeon Gold 6448H`");
        check("[limits\n", 1, "");
    }

    #[test]
    fn a_benchmark_table_and_a_matched_method_are_taken() {
        let row = |model: &str, score: u32| {
            format!(
                "[[normalisation.benchmarks]]\ncpu_model = \"{model}\"\nscore = {score}\ncores = 64\nsource = \"own run\"\ndate = \"2026-11\"\n"
            )
        };
        let table = row("Intel Xeon Gold 6448H", 640) + &row("AMD EPYC 7763", 480);
        let matched = "[sizing.matched]\nname = \"other\"\npercentile = 0.95\ncomfort_factor = 1.2\n";
        let policy = parse("p.toml", &(table + matched)).unwrap();
        // 2,400 MHz x 1.25 for the 10 points of a core.
        assert_eq!(policy.normalisation.mhz_per_point(), Some(300.0));
        assert_eq!(policy.normalisation.core_mhz("EPYC 7763 64-Core Processor"), Some(2_250.0));
        assert_eq!(policy.sizing.matched.map(|method| method.percentile), Some(0.95));
    }

    #[test]
    fn a_scenario_overrides_limits_and_growth_and_is_named() {
        let mut policy = Policy::default();
        apply_scenario("s.toml", "name = \"tight\"\ncpu_ratio = 0.9\ngrowth_ratio = 0\n", &mut policy)
            .unwrap();
        assert_eq!(
            (policy.limits.cpu_ratio, policy.limits.disk_ratio, policy.limits.memory_ratio),
            (0.9, 0.9, 0.85)
        );
        assert_eq!((policy.sizing.growth_ratio, policy.name.as_str()), (0.0, "standard+tight"));
        let bold = "name = \"bold\"\ncells = \"p95\"\nfailures = 2\n[template]\ncpu_cores = 96\n";
        let mut bolder = Policy::default();
        apply_scenario("s.toml", bold, &mut bolder).unwrap();
        assert_eq!((bolder.sizing.cells, bolder.cluster.failures), (CellMethod::P95, 2));
        assert_eq!(bolder.template.cpu_cores, 96.0);
        let error = apply_scenario("s.toml", "name = \"x\"\ncpu_ratio = 2.0\n", &mut policy).unwrap_err();
        assert_eq!(error.line, 2, "{error}");
        assert_eq!(policy.limits.cpu_ratio, 0.9, "a refused scenario changes nothing");
    }
}
