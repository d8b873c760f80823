//! Policy and scenario files: TOML in, a [`Policy`] out, or an error with file, line, field and the nearest
//! name that would have been right. A file changes what it names and keeps the rest of the standard policy.
// SPDX-License-Identifier: Apache-2.0

use cairn_assess::policy::{HostTemplate, Policy};
use cairn_schemas::assessment::CellMethod;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::ops::Range;

mod check;
mod migration;
mod readiness;
mod tariff;
mod value;

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
    let catalogue = policy.catalogue.clone();
    Ok(policy.on_catalogue(catalogue))
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
    if let Some(template) = scenario.template {
        changed = changed.on_catalogue(Vec::new());
        changed.template = template;
    }
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

pub(crate) fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    let until = span.map_or(0, |span| span.start.min(text.len()));
    1 + text.as_bytes()[..until].iter().filter(|byte| **byte == b'\n').count()
}

/// Turns "unknown field `a`, expected one of `b`, `c`" into the nearest of them.
pub(crate) fn with_nearest(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let [wrong, valid @ ..] = quoted.as_slice() else { return message.to_owned() };
    if !["unknown field", "unknown variant"].iter().any(|start| message.starts_with(start)) {
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

/// What is wrong with a policy that comes from no file of ours; `None` when it may be used.
pub(crate) fn fault(policy: &Policy) -> Option<String> {
    check::fault(policy).map(|(_, text)| text)
}

fn check(file: &str, text: &str, policy: &Policy) -> Result<(), PolicyError> {
    match check::fault(policy) {
        None => Ok(()),
        Some((field, fault)) => {
            Err(PolicyError { file: file.to_owned(), line: line_of_field(text, &field), text: fault })
        }
    }
}

/// The line on which the last part of a dotted field is set; the first line when the file does not set it.
fn line_of_field(text: &str, field: &str) -> usize {
    let name = field.rsplit('.').next().unwrap_or(field);
    let sets = |line: &str| {
        let key = line.trim_start().trim_start_matches('"');
        let rest = key.strip_prefix(name).map(|rest| rest.trim_start_matches('"').trim_start());
        rest.is_some_and(|rest| rest.starts_with('='))
    };
    let table = |line: &str| line.trim().trim_matches(['[', ']']).rsplit('.').next() == Some(name);
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
    fn a_catalogue_is_judged_by_its_roomiest_host() {
        let text = "[packing]\nobjective = \"fewest_hosts\"\n[[catalogue]]\nname = \"owned\"\ncount_max = 4\n\
                    per_vm_memory_bytes = 200000000\n[[catalogue]]\nname = \"large\"\ncpu_cores = 128\n";
        let policy = parse("p.toml", text).unwrap();
        let names: Vec<&str> = policy.templates().iter().map(|template| template.name.as_str()).collect();
        assert_eq!((names, policy.template.name.as_str()), (vec!["owned", "large"], "large"));
        assert_eq!((policy.template.per_vm_memory_bytes, policy.catalogue[0].count_max), (2e8, Some(4)));
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
        check("[[catalogue]]\ncpu_cores = 0\n", 2, "`template.cpu_cores` is 0; it must lie between 1 and");
        check("[[catalogue]]\n[[catalogue]]\n", 1, "two templates named `two-socket-64-core-1-tib`");
        check("[template]\nprice = { low = 2, base = 1, high = 3 }\n", 2, "must be low <= base <= high");
        check(&"[[catalogue]]\n".repeat(7), 1, "`catalogue` has 7 templates; it may have 6");
        check("[packing]\nobjective = \"cheap\"\n", 2, "there is no `cheap`; was `lowest_cost` meant?");
        check("[[catalogue]]\ncpu_core = 64\n", 2, "there is no `cpu_core`; was `cpu_cores` meant?");
        check(
            "[licences.window_standard]\nvalue = { low = 1, base = 2, high = 3 }\nunit = \"\"\nsource = \"\"\ndate = \"\"\n",
            1,
            "there is no `window_standard`; was `windows_standard` meant?",
        );
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
