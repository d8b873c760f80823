//! What must be said beside a host count: who does not fit, what was left out, what could not be tested.
// SPDX-License-Identifier: Apache-2.0

use super::Planning;
use crate::backtest::Tested;
use crate::constraint;
use crate::demand::Candidate;
use crate::estate::Estate;
use crate::interval;
use crate::licence;
use crate::policy::Policy;
use crate::scenario::FLIP_SERVERS_MAX;
use crate::training::{TRAINING_WEEKS, whole_weeks};
use cairn_schemas::assessment::{Constraints, Interval, Outlook, Statement};
use cairn_schemas::finding::{Finding, Severity};
use std::collections::BTreeSet;

pub(super) fn all(
    estate: &Estate,
    policy: &Policy,
    own: &Planning,
    tested: Option<&[Tested]>,
    interval: Option<&Interval>,
) -> Vec<Finding> {
    let weeks = whole_weeks(estate.window).len();
    let mut findings = unfit(own, policy);
    findings.extend(dropped(own, policy));
    findings.extend(nodes_elsewhere(estate, own));
    findings.extend(pairs(estate, own));
    findings.extend(risk(tested.and_then(<[Tested]>::first), weeks));
    if interval.is_none() {
        findings.push(
            Finding::new("interval", "too-few-origins", Severity::Info)
                .arg("weeks", weeks as f64)
                .arg("needed", interval::WEEKS_MIN as f64)
                .unit("weeks")
                .remedy(),
        );
    }
    let placed = own.plan.placed();
    if placed > FLIP_SERVERS_MAX {
        findings.push(
            Finding::new("flip-points", "skipped", Severity::Info)
                .arg("servers", placed as f64)
                .arg("most", FLIP_SERVERS_MAX as f64),
        );
    }
    findings
}

/// Servers no host can carry.
fn unfit(own: &Planning, policy: &Policy) -> Vec<Finding> {
    let oversized = own.plan.oversized.iter().map(|oversized| {
        let limit = policy.limits.ordinary()[oversized.peak.resource as usize];
        let candidate = &own.candidates[oversized.candidate];
        let finding = match candidate.affinity.as_deref() {
            Some(group) => Finding::new("oversized", "group", Severity::Attention).arg("group", group),
            None => Finding::new("oversized", "stays", Severity::Attention),
        };
        finding
            .arg("server", candidate.server.as_str())
            .arg("resource", oversized.peak.resource.name())
            .arg("share", oversized.peak.used)
            .arg("limit", limit)
            .arg("template", own.plan.kinds[oversized.kind].template.name.as_str())
            .unit("1")
            .remedy()
    });
    let unplaceable = own.plan.unplaceable.iter().map(|&candidate| {
        Finding::new("unplaceable", "stays", Severity::Attention)
            .arg("server", own.candidates[candidate].server.as_str())
            .remedy()
    });
    oversized.chain(unplaceable).collect()
}

/// What constraints cost, and which cannot be met.
pub(super) fn constraints(constraints: &Constraints, policy: &Policy) -> Vec<Finding> {
    let conflicts = constraints.conflicts.iter().map(|conflict| {
        let said = |statement: &Statement| {
            let who = statement.confirmed_by.as_ref().map_or_else(String::new, |by| format!(", {by}"));
            let Statement { constraint, value, server, source, .. } = statement;
            let of = if server.is_empty() { String::new() } else { format!("{server} ") };
            format!("{of}{constraint} = {value} ({source}{who})")
        };
        Finding::new("conflict", conflict.id.as_str(), Severity::Attention)
            .arg("servers", conflict.servers.join(", "))
            .arg("statements", conflict.statements.iter().map(said).collect::<Vec<_>>().join("; "))
            .remedy()
    });
    let losses = constraints.site_losses.iter().filter(|loss| loss.hosts_missing > 0).map(|loss| {
        Finding::new("site-loss", "hosts-missing", Severity::Attention)
            .arg("site", loss.site.as_str())
            .arg("hosts", loss.hosts_missing as f64)
            .arg("servers", loss.taken_over as f64)
            .remedy()
    });
    let windows = constraints.licences.iter().any(|licence| licence.arrangement == "datacenter");
    let break_even = windows.then(|| licence::windows_break_even(policy)).flatten().map(|machines| {
        Finding::new("licence", "windows-break-even", Severity::Info).arg("machines", machines as f64)
    });
    conflicts.chain(losses).chain(break_even).collect()
}

/// Dimensions the plan does without.
fn dropped(own: &Planning, policy: &Policy) -> Vec<Finding> {
    let capacity = policy.template.capacity(&policy.normalisation);
    let finding = |dropped: &cairn_schemas::assessment::DroppedDimension| {
        let room = crate::packing::capacity_of(&capacity, dropped.resource);
        let message = if room > 0.0 { "no-demand" } else { "no-capacity" };
        Finding::new("dropped-dimension", message, Severity::Attention)
            .arg("resource", dropped.resource.name())
            .arg("servers", dropped.servers_without_data as f64)
            .arg("template", policy.template.name.as_str())
            .remedy()
    };
    own.plan.dropped.iter().map(finding).collect()
}

/// Failover clusters of which a node is not planned: its load is in nobody's takeover.
fn nodes_elsewhere(estate: &Estate, own: &Planning) -> Vec<Finding> {
    let groups: BTreeSet<&str> = own.candidates.iter().filter_map(|c| c.anti_affinity.as_deref()).collect();
    let planned: BTreeSet<usize> = own.candidates.iter().map(|candidate| candidate.index).collect();
    let elsewhere = estate.servers.iter().enumerate().filter_map(|(index, server)| {
        let group = server.text("cluster").filter(|group| groups.contains(group))?;
        (!planned.contains(&index)).then(|| {
            Finding::new("cluster-node", "elsewhere", Severity::Attention)
                .arg("server", server.name.as_str())
                .arg("cluster", group)
                .remedy()
        })
    });
    elsewhere.collect()
}

/// Partners that cannot do what they are there for: not planned, or lost with the site of the other.
fn pairs(estate: &Estate, own: &Planning) -> Vec<Finding> {
    let finding = |candidate: &Candidate| {
        let name = constraint::named_partner(&estate.servers[candidate.index])?;
        let site = candidate.partition.site.as_str();
        let partner = constraint::partner(|index| estate.servers.get(index), &own.candidates, candidate);
        let message = match partner.map(|partner| own.candidates[partner.candidate].partition.site.as_str()) {
            None => "not-planned",
            Some(other) if !site.is_empty() && other == site => "same-site",
            Some(_) => return None,
        };
        let pair = Finding::new("dr-pair", message, Severity::Attention).remedy();
        Some(pair.arg("server", candidate.server.as_str()).arg("partner", name).arg("site", site))
    };
    own.candidates.iter().filter_map(finding).collect()
}

/// What the back-test does and does not say.
fn risk(tested: Option<&Tested>, weeks: usize) -> Vec<Finding> {
    let finding = |message: &str| Finding::new("backtest", message, Severity::Info);
    let Some(tested) = tested else {
        let short = finding("too-few-weeks").arg("weeks", weeks as f64);
        return vec![short.arg("needed", (TRAINING_WEEKS + 1) as f64).unit("weeks").remedy()];
    };
    let backtest = &tested.backtest;
    let intervals = (backtest.host_intervals + backtest.unobserved) as f64;
    let mut findings = vec![finding("without-growth").arg("folds", backtest.folds as f64)];
    if backtest.unobserved > 0 {
        let share = backtest.unobserved as f64 / intervals;
        findings.push(finding("unobserved").arg("share", share).unit("1"));
    }
    if let Some(most) = tested.affected_max_ratio() {
        let none = finding("none-seen").arg("host_weeks", tested.host_weeks as f64);
        findings.push(none.arg("most", most).unit("1"));
    }
    findings
}

/// What the outlook makes worth saying.
pub(super) fn outlook(outlook: &Outlook, policy: &Policy, planned: usize) -> Vec<Finding> {
    let mut findings: Vec<Finding> = recommendation(outlook, policy, planned).into_iter().collect();
    if outlook.month_end_unseen > 0 {
        let ordinary = outlook.hosts_if_month_end_ordinary;
        let message = if ordinary.is_some() { "unseen" } else { "ordinary" };
        let finding = Finding::new("month-end", message, Severity::Attention)
            .arg("servers", outlook.month_end_unseen as f64)
            .arg("planned", planned as f64)
            .remedy();
        findings.push(match ordinary {
            Some(hosts) => finding.arg("hosts", hosts as f64),
            None => finding,
        });
    }
    if let Some(peaks) = &outlook.nightly_peaks {
        let most = peaks.hours.iter().map(|hour| hour.servers).max().unwrap_or(0);
        let saved = peaks.hosts_if_staggered.is_some_and(|hosts| hosts < peaks.hosts);
        let message = if saved { "staggered-saves" } else { "together" };
        let finding = Finding::new("nightly-peaks", message, Severity::Info)
            .arg("servers", peaks.servers as f64)
            .arg("most", most as f64)
            .arg("hosts", peaks.hosts as f64);
        let hosts = peaks.hosts_if_staggered.filter(|_| saved);
        findings.push(match hosts {
            Some(hosts) => finding.arg("staggered", hosts as f64).remedy(),
            None => finding,
        });
    }
    findings
}

fn recommendation(outlook: &Outlook, policy: &Policy, planned: usize) -> Option<Finding> {
    let finding = |message: &str| Finding::new("recommended-limits", message, Severity::Info);
    if !super::outlook::looked_for(planned) {
        let most = crate::recommend::SERVERS_MAX as f64;
        return Some(finding("skipped").arg("servers", planned as f64).arg("most", most));
    }
    if outlook.trials.is_empty() {
        return None;
    }
    let least = policy.risk.host_weeks_min;
    if outlook.recommendation.is_none() && outlook.host_weeks < least {
        let few = finding("few-host-weeks").arg("host_weeks", outlook.host_weeks as f64);
        return Some(few.arg("least", least as f64));
    }
    let risk = finding(if outlook.recommendation.is_some() { "found" } else { "none-passes" })
        .arg("risk", policy.risk.violation_ratio_max)
        .arg("worst", policy.risk.worst_fold_violation_ratio_max)
        .unit("1");
    let Some(found) = &outlook.recommendation else { return Some(risk.remedy()) };
    Some(
        risk.arg("cpu", found.cpu_limit_ratio)
            .arg("memory", found.memory_limit_ratio)
            .arg("hosts", found.hosts as f64)
            .arg("own", policy.limits.cpu_ratio)
            .arg("folds", found.backtest.folds as f64),
    )
}
