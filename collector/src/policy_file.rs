//! Policy and scenario files: TOML in, a [`Policy`] out, or an error with file, line, field and the nearest
//! name that would have been right. A file changes what it names and keeps the rest of the standard policy.
// SPDX-License-Identifier: Apache-2.0

use cairn_assess::policy::{HostTemplate, Policy};
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

fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, PolicyError> {
    toml::from_str(text).map_err(|error| PolicyError {
        file: file.to_owned(),
        line: line_of(text, error.span()),
        text: with_nearest(error.message()),
    })
}

pub(crate) fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    let until = span.map_or(0, |span| span.start.min(text.len()));
    1 + text.as_bytes()[..until].iter().filter(|byte| **byte == b'\n').count()
}

/// Turns "unknown field `a`, expected one of `b`, `c`" into the nearest of them.
pub(crate) fn with_nearest(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let [wrong, valid @ ..] = quoted.as_slice() else { return message.to_owned() };
    if !message.starts_with("unknown field") {
        return message.to_owned();
    }
    let nearest = valid.iter().max_by(|a, b| {
        strsim::jaro_winkler(wrong, a).total_cmp(&strsim::jaro_winkler(wrong, b)).then(b.cmp(a))
    });
    let meant = nearest.map_or(String::new(), |name| format!("; was `{name}` meant?"));
    format!("there is no `{wrong}`{meant} (valid here: {})", valid.join(", "))
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
    } else {
        let unexplained = policy.rules_off.iter().find(|(_, reason)| reason.trim().is_empty());
        unexplained.map(|(rule, _)| {
            ("rules_off", format!("`rules_off.{rule}` needs a reason, which the report prints"))
        })
    };
    match fault {
        None => Ok(()),
        Some((field, text_of_fault)) => {
            Err(PolicyError { file: file.to_owned(), line: line_of_field(text, field), text: text_of_fault })
        }
    }
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
    .chain(template_bounds(&policy.template))
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
        line.trim_start().strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
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
        check("[rules_off]\nspecial-hardware = \"\"\n", 1, "needs a reason");
        check("[limits\n", 1, "");
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
