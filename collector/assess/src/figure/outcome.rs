//! Figures of what follows from a plan: the interval on hosts, what fills each cluster first, the ratio of each
//! wave, the level of each area of the checklist; and the days behind it all.
// SPDX-License-Identifier: Apache-2.0

use super::{Figures, Input as _, constant, figure};
use crate::interval;
use crate::policy::Policy;
use crate::training::TRAINING_WEEKS;
use cairn_schemas::assessment::{
    Assessment, Checklist, Cluster, Consolidation, Constant, Coverage, TriggerState, Wave,
};

pub(super) fn figures(assessment: &Assessment, policy: &Policy, figures: &mut Figures) {
    span(&assessment.coverage, assessment.estate.assessed, policy, figures);
    if let Some(plan) = &assessment.consolidation {
        interval_on_hosts(plan, figures);
        for cluster in &plan.clusters {
            limiting(cluster, policy, figures);
        }
    }
    assessment.waves.iter().for_each(|wave| ratio_of(wave, figures));
    levels(&assessment.checklist, figures);
}

fn span(coverage: &Coverage, assessed: usize, policy: &Policy, figures: &mut Figures) {
    let source = format!("policy {}", policy.name);
    let least = |id: &str, days: f64| constant(id, days, "days", &source, &policy.version);
    let known = (assessed > 0).then_some(coverage.span_days);
    let formula = "upper median over servers of (last - first moment in a valid slot) / 86,400";
    let days = figure(known, "days", formula, "7.1")
        .input("assessed", assessed as f64, "servers")
        .constants(&[
            least("coverage.medium.days", policy.coverage.medium.days),
            least("coverage.high.days", policy.coverage.high.days),
        ])
        .samples(assessed as u64);
    figures.insert("span_days".into(), days);
}

/// Numbers of the method itself.
fn ours(id: &str, value: f64, unit: &str) -> Constant {
    constant(id, value, unit, "ours", "2026")
}

fn interval_on_hosts(plan: &Consolidation, figures: &mut Figures) {
    let found = plan.interval;
    let ends = [
        (
            "hosts_low",
            found.map(|i| i.low as f64),
            "floor(hosts * smallest error), at least 1 where hosts are",
        ),
        ("hosts_high", found.map(|i| i.high as f64), "ceil(hosts * largest error)"),
    ];
    for (id, value, rounded) in ends {
        let formula = format!(
            "{rounded}; error = hosts needed by four weeks / hosts planned by the four before, at every origin"
        );
        let end = figure(value, "hosts", &formula, "7.6")
            .input("hosts", plan.hosts as f64, "hosts")
            .input("origins", found.map(|i| i.origins as f64), "origins that do not overlap")
            .constants(&[
                ours("interval.training_weeks", TRAINING_WEEKS as f64, "weeks"),
                ours("interval.origins_min", interval::ORIGINS_MIN as f64, "origins"),
            ]);
        figures.insert(id.into(), end.samples(found.map_or(0, |i| i.origins as u64)));
    }
}

fn limiting(cluster: &Cluster, policy: &Policy, figures: &mut Figures) {
    let Some(peak) = cluster.limiting else { return };
    let formula = format!(
        "sum of {0} demand in the cell / sum of {0} capacity of its hosts; of all cells and resources the one \
         nearest to its limit",
        peak.resource.name()
    );
    let source = format!("policy {}", policy.name);
    let limit = |id: &str, ratio: f64| constant(id, ratio, "1", &source, &policy.version);
    let used = figure(Some(peak.used), "1", &formula, "7.5")
        .input("cell", peak.cell as f64, "hour of the week, from 168 on of a month-end day")
        .input("hosts", cluster.hosts as f64, "hosts")
        .input("servers", cluster.servers as f64, "servers")
        .constants(&[
            limit("limits.cpu_ratio", policy.limits.cpu_ratio),
            limit("limits.memory_ratio", policy.limits.memory_ratio),
            limit("limits.disk_ratio", policy.limits.disk_ratio),
            limit("limits.network_ratio", policy.limits.network_ratio),
        ])
        .samples(cluster.servers as u64);
    figures.insert(format!("limiting_used_ratio:{}", cluster.name), used);
}

fn ratio_of(wave: &Wave, figures: &mut Figures) {
    let ratio = figure(wave.net_consolidation_ratio, "1", "servers / hosts, planned alone", "7.8")
        .input("servers", wave.servers.len() as f64, "servers")
        .input("hosts", wave.hosts as f64, "hosts, failover hosts included")
        .samples(wave.servers.len() as u64);
    figures.insert(format!("wave_net_consolidation_ratio:{}", wave.number), ratio);
}

fn levels(checklist: &Checklist, figures: &mut Figures) {
    for area in &checklist.areas {
        let count = |state| area.points.iter().filter(|point| point.state == state).count() as f64;
        let mut level = figure(
            Some(f64::from(area.level)),
            "level, 0 to 5",
            "highest level all of whose points are met, and those of every level below",
            "7.10",
        )
        .input("met", count(TriggerState::Met), "points")
        .input("unmet", count(TriggerState::Unmet), "points")
        .input("unknown", count(TriggerState::Unknown), "points");
        for point in &area.points {
            let met = match point.state {
                TriggerState::Met => Some(1.0),
                TriggerState::Unmet => Some(0.0),
                _ => None,
            };
            level = level.input(&point.id, met, &format!("met, of level {}", point.level));
        }
        let source = checklist.source.as_str();
        let points = constant("points", area.points.len() as f64, "points", source, "2026");
        figures.insert(format!("checklist_level:{}", area.id), level.constants(&[points]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Estate;
    use crate::testing::{ordinary, window};

    #[test]
    fn what_follows_from_a_plan_is_explained() {
        let servers = (0..4).map(|n| ordinary(&format!("s{n}"), 12, 0.2, 0.3)).collect();
        let estate = Estate { servers, window: window(12), ..Estate::default() };
        let policy = Policy::default();
        let found = crate::assess(&estate, &policy, estate.window.to);
        let plan = found.consolidation.as_ref().unwrap();
        let check = |id: &str, expected: f64| {
            let figure = found.figures.get(id).unwrap_or_else(|| panic!("no {id}"));
            assert_eq!(figure.value, Some(expected), "{id}");
            assert!(!figure.formula.is_empty() && !figure.inputs.is_empty(), "{id}");
        };
        check("span_days", 84.0);
        check("hosts_low", plan.interval.unwrap().low as f64);
        check("hosts_high", plan.interval.unwrap().high as f64);
        let cluster = &plan.clusters[0];
        check(&format!("limiting_used_ratio:{}", cluster.name), cluster.limiting.unwrap().used);
        check("wave_net_consolidation_ratio:1", 4.0 / found.waves[0].hosts as f64);
        for area in &found.checklist.areas {
            check(&format!("checklist_level:{}", area.id), f64::from(area.level));
        }
    }

    #[test]
    fn what_is_not_known_is_none() {
        let found = crate::assess(&Estate::default(), &Policy::default(), window(1).to);
        assert_eq!(found.figures["span_days"].value, None);
        assert!(!found.figures.contains_key("hosts_low"));
    }
}
