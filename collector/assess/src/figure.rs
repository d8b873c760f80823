//! Figures: every headline number with its formula, its inputs and its sample count.
// SPDX-License-Identifier: Apache-2.0

use crate::policy::Policy;
use cairn_schemas::assessment::{
    Assessment, Consolidation, Constant, Figure, FigureInput, Range, Readiness, Value, ValueKind,
};
use std::collections::BTreeMap;

mod cluster;
mod migration;
mod outcome;
mod outlook;
mod realised;
mod service;
mod sizing;
mod storage;

/// When the cash is back.
const PAYBACK: &str = "first month from which on the cumulated cash is 0 or more; month 0 is -one_off_cash, then each line's yearly rate in force / 12";

/// Figures by id.
pub type Figures = BTreeMap<String, Figure>;

/// The figures of an assessment.
#[must_use]
pub fn figures(assessment: &Assessment, policy: &Policy) -> Figures {
    let mut figures = Figures::new();
    coverage(assessment, &mut figures);
    readiness(&assessment.readiness, &mut figures);
    if let Some(plan) = &assessment.consolidation {
        plan_figures(plan, &assumptions(policy), &mut figures);
        cluster::figures(&plan.clusters, &assumptions(policy), &mut figures);
        risk(plan, &mut figures);
        outlook::figures(&plan.outlook, &assumptions(policy), &mut figures);
    }
    if let Some(found) = &assessment.sizing {
        sizing::figures(found, policy, &mut figures);
    }
    if let Some(found) = &assessment.storage {
        storage::figures(found, policy, &mut figures);
    }
    value(&assessment.value, &mut figures);
    if let (Some(catalogue), Some(showback)) = (&assessment.service_catalogue, &assessment.showback) {
        service::figures(catalogue, showback, &mut figures);
    }
    migration::figures(assessment, policy, &mut figures);
    outcome::figures(assessment, policy, &mut figures);
    realised::figures(assessment, &mut figures);
    let share =
        figure(assessment.journey.virtualised_share_ratio, "1", "virtual / (virtual + physical)", "7.8");
    figures.insert("virtualised_share_ratio".into(), share);
    figures
}

fn figure(value: Option<f64>, unit: &str, formula: &str, method: &str) -> Figure {
    Figure {
        value,
        unit: unit.into(),
        formula: formula.into(),
        inputs: Vec::new(),
        samples: None,
        constants: Vec::new(),
        method: method.into(),
    }
}

impl Input for Figure {
    fn input(mut self, id: &str, value: impl Into<Option<f64>>, unit: &str) -> Self {
        self.inputs.push(FigureInput { id: id.into(), value: value.into(), unit: unit.into() });
        self
    }

    fn constants(mut self, constants: &[Constant]) -> Self {
        self.constants = constants.to_vec();
        self
    }

    fn samples(mut self, samples: u64) -> Self {
        self.samples = Some(samples);
        self
    }
}

/// Builds a figure step by step.
trait Input: Sized {
    fn input(self, id: &str, value: impl Into<Option<f64>>, unit: &str) -> Self;
    fn constants(self, constants: &[Constant]) -> Self;
    fn samples(self, samples: u64) -> Self;
}

fn coverage(assessment: &Assessment, figures: &mut Figures) {
    let coverage = &assessment.coverage;
    let ratio = figure(coverage.ratio, "1", "covered_s / due_s", "7.1")
        .input("covered_s", coverage.covered_s as f64, "s")
        .input("due_s", coverage.due_s as f64, "s")
        .samples(assessment.estate.assessed as u64);
    figures.insert("coverage_ratio".into(), ratio);
}

fn readiness(readiness: &Readiness, figures: &mut Figures) {
    let sum: f64 = readiness.servers.iter().filter_map(|server| server.score).sum();
    let score = figure(
        readiness.score,
        "points of 100",
        "sum of scores / assessed servers; blocked and unknown count 0",
        "7.4",
    )
    .input("sum_of_scores", sum, "points")
    .input("assessed", readiness.servers.len() as f64, "servers")
    .samples(readiness.servers.len() as u64);
    figures.insert("readiness_score".into(), score);
    for server in &readiness.servers {
        let Some(parts) = server.parts else { continue };
        let score =
            figure(server.score, "points of 100", "fit + steadiness + room + ease + ownership", "7.4")
                .input("fit", parts.fit, "points of 40")
                .input("steadiness", parts.steadiness, "points of 15")
                .input("room", parts.room, "points of 15")
                .input("ease", parts.ease, "points of 15")
                .input("ownership", parts.ownership, "points of 15")
                .samples(server.utilisation.cpu_busy_ratio.map_or(0, |p| p.samples));
        figures.insert(format!("score:{}", server.server), score);
    }
}

/// A constant of the method or of someone's, with where it comes from.
fn constant(id: &str, value: f64, unit: &str, source: &str, date: &str) -> Constant {
    Constant {
        id: id.into(),
        value: Range { low: value, base: value, high: value },
        unit: unit.into(),
        source: source.into(),
        date: date.into(),
    }
}

/// What the policy assumes of every plan, as the figures of hosts print it.
fn assumptions(policy: &Policy) -> Vec<Constant> {
    let source = format!("policy {}", policy.name);
    let constant = |id: &str, value: f64, unit: &str| constant(id, value, unit, &source, &policy.version);
    let mut constants = vec![
        constant("limits.cpu_ratio", policy.limits.cpu_ratio, "1"),
        constant("limits.memory_ratio", policy.limits.memory_ratio, "1"),
        constant("limits.failover_ratio", policy.limits.failover_ratio, "1"),
        constant("limits.failover_memory_ratio", policy.limits.failover_memory_ratio, "1"),
        constant("sizing.growth_ratio", policy.sizing.growth_ratio, "1"),
        constant("cluster.hosts_min", policy.cluster.hosts_min as f64, "hosts"),
        constant("cluster.hosts_max", policy.cluster.hosts_max as f64, "hosts"),
        constant("cluster.failures", policy.cluster.failures as f64, "hosts"),
    ];
    for template in policy.templates() {
        let host = template.capacity(&policy.normalisation);
        let prefix = if policy.catalogue.is_empty() {
            "template".to_owned()
        } else {
            format!("catalogue.{}", template.name)
        };
        constants.push(constant(&format!("{prefix}.cpu_mhz"), host.cpu_mhz, "MHz, normalised"));
        constants.push(constant(&format!("{prefix}.memory_bytes"), host.memory_bytes, "bytes"));
    }
    constants
}

fn plan_figures(plan: &Consolidation, assumptions: &[Constant], figures: &mut Figures) {
    let (hosts, failover) = (plan.hosts as f64, plan.failover_hosts as f64);
    let (assessed, placed, stay) =
        (plan.population.assessed as f64, plan.population.placed as f64, plan.population.stay as f64);
    let bound = plan.lower_bound_hosts as f64;
    let mut put = |id: &str, figure: Figure| figures.insert(id.into(), figure);
    put(
        "hosts",
        figure(
            Some(hosts),
            "hosts",
            "time-aware first-fit decreasing and local search, every cell <= U * capacity",
            "7.5",
        )
        .input("placed", placed, "servers")
        .constants(assumptions),
    );
    put(
        "failover_hosts",
        figure(Some(failover), "hosts", "fewest empty hosts with which every replayed failure fits", "7.5")
            .input("hosts", hosts, "hosts")
            .constants(assumptions),
    );
    put(
        "lower_bound_hosts",
        figure(
            Some(bound),
            "hosts",
            "max over cells and resources of ceil(sum of demand / (U * capacity)) and L2, \
             or configuration LP, added over partitions",
            "7.5",
        )
        .input("placed", placed, "servers")
        .constants(assumptions),
    );
    put(
        "proven_gap_ratio",
        figure(plan.proven_gap_ratio, "1", "(hosts - lower_bound_hosts) / lower_bound_hosts", "7.5")
            .input("hosts", hosts, "hosts")
            .input("lower_bound_hosts", bound, "hosts"),
    );
    put(
        "source_to_destination_ratio",
        figure(plan.source_to_destination_ratio, "1", "placed / hosts", "7.8")
            .input("placed", placed, "servers")
            .input("hosts", hosts, "hosts"),
    );
    put(
        "vm_density",
        figure(plan.vm_density, "1", "placed / (hosts + failover_hosts)", "7.8")
            .input("placed", placed, "servers")
            .input("hosts", hosts, "hosts")
            .input("failover_hosts", failover, "hosts"),
    );
    let net = |value, unit, formula| {
        figure(value, unit, formula, "7.8")
            .input("assessed", assessed, "servers")
            .input("hosts", hosts, "hosts")
            .input("failover_hosts", failover, "hosts")
            .input("stay", stay, "servers")
    };
    put(
        "net_consolidation_ratio",
        net(plan.net_consolidation_ratio, "1", "assessed / (hosts + failover_hosts + stay)"),
    );
    put(
        "servers_removed",
        net(Some(plan.servers_removed as f64), "servers", "assessed - (hosts + failover_hosts + stay)"),
    );
}

fn risk(plan: &Consolidation, figures: &mut Figures) {
    let Some(test) = &plan.backtest else { return };
    let violation = figure(
        test.violation_ratio,
        "1",
        "host intervals above 1.0 * capacity / observed host intervals",
        "7.6",
    )
    .input("host_intervals", test.host_intervals as f64, "intervals")
    .input("unobserved", test.unobserved as f64, "intervals")
    .input("folds", test.folds as f64, "weeks")
    .samples(test.host_intervals);
    figures.insert("violation_ratio".into(), violation);
    let minutes = figure(test.minutes_per_host_year, "min/host/year", "violation_ratio * 525,600", "7.6")
        .input("violation_ratio", test.violation_ratio, "1")
        .samples(test.host_intervals);
    figures.insert("minutes_per_host_year".into(), minutes);
    let worst = test.by_fold.iter().filter(|fold| fold.host_intervals > 0).count();
    let worst = figure(test.worst_fold_violation_ratio, "1", "largest violation_ratio of a test week", "7.6")
        .input("folds_observed", worst as f64, "weeks")
        .samples(test.host_intervals);
    figures.insert("worst_fold_violation_ratio".into(), worst);
    let affected = figure(
        test.hosts_ever_affected_ratio,
        "1",
        "host weeks with a violation / observed host weeks",
        "7.6",
    )
    .input("folds", test.folds as f64, "weeks")
    .samples(test.host_intervals);
    figures.insert("hosts_ever_affected_ratio".into(), affected);
}

fn value(value: &Value, figures: &mut Figures) {
    if value.lines.is_empty() {
        return;
    }
    let constants: Vec<Constant> = value.constants.clone();
    let lines = |mut figure: Figure, kinds: &[ValueKind]| {
        for line in value.lines.iter().filter(|line| kinds.contains(&line.kind)) {
            figure = figure.input(&line.id, line.amount.base, &line.unit);
        }
        figure.constants.clone_from(&constants);
        figure
    };
    let currency = value.currency.as_str();
    let annual = figure(
        Some(value.annual_cash.base),
        &format!("{currency}/year"),
        "sum of annual cash lines, base",
        "7.9",
    );
    figures.insert("annual_cash".into(), lines(annual, &[ValueKind::CashAnnual]));
    let once = figure(Some(value.one_off_cash.base), currency, "-(sum of one-off cash lines), base", "7.9");
    figures.insert("one_off_cash".into(), lines(once, &[ValueKind::CashOnce]));
    let others = [
        ("annual_soft", value.annual_soft.base, format!("{currency}/year"), ValueKind::SoftAnnual),
        ("annual_avoided", value.annual_avoided.base, format!("{currency}/year"), ValueKind::AvoidedAnnual),
        ("annual_carbon_kg", value.annual_carbon_kg.base, "kg CO2e/year".to_owned(), ValueKind::CarbonAnnual),
    ];
    for (id, amount, unit, kind) in others {
        let sum = figure(Some(amount), &unit, "sum of its lines, base", "7.9");
        figures.insert(id.into(), lines(sum, &[kind]));
    }
    let payback = figure(value.payback_months.base, "months", PAYBACK, "7.9")
        .input("one_off_cash", value.one_off_cash.base, currency)
        .input("annual_cash", value.annual_cash.base, &format!("{currency}/year"));
    figures.insert("payback_months".into(), payback);
}
