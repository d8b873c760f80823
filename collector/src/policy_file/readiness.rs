//! What a policy may say of the readiness rules: thresholds in order, a hypervisor there is, rules there are.
// SPDX-License-Identifier: Apache-2.0

use super::check::{Bound, Fault, LARGE, bound};
use super::meant;
use cairn_assess::policy::{Policy, ReadinessPolicy};
use cairn_assess::readiness::{RULES, hypervisors};

pub(super) fn fault(policy: &Policy) -> Option<Fault> {
    let readiness = &policy.readiness;
    let ascending = |numbers: &[f64]| numbers.is_sorted_by(|a, b| a < b) && numbers[0] > 0.0;
    let falling: Vec<f64> = readiness.room_times.iter().rev().copied().collect();
    let lists = [
        ("readiness.fit_shares", ascending(&readiness.fit_shares), "ascend"),
        ("readiness.steadiness_spreads", ascending(&readiness.steadiness_spreads), "ascend"),
        ("readiness.room_times", ascending(&falling), "descend"),
        ("readiness.disk_bytes", ascending(&readiness.disk_bytes), "ascend"),
    ];
    if let Some((field, _, way)) = lists.into_iter().find(|(_, good, _)| !good) {
        return Some((field.to_owned(), format!("the numbers of `{field}` must {way} and be above 0")));
    }
    let (chosen, valid) = (readiness.hypervisor.as_str(), hypervisors());
    (!valid.contains(&chosen)).then(|| {
        let meant = meant(chosen, &valid);
        let text =
            format!("`readiness.hypervisor` knows no `{chosen}`{meant} (valid here: {})", valid.join(", "));
        ("readiness.hypervisor".to_owned(), text)
    })
}

/// The first rule switched off that is none, or for no reason; its own name is the field.
pub(super) fn rules_off(policy: &Policy) -> Option<Fault> {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    policy.rules_off.iter().find_map(|(rule, reason)| {
        if !ids.contains(&rule.as_str()) {
            let meant = meant(rule, &ids);
            let text = format!("`rules_off` knows no rule `{rule}`{meant} (`cairn rules list` names them)");
            return Some((rule.clone(), text));
        }
        let text = || format!("`rules_off.{rule}` needs a reason, which the report prints");
        reason.trim().is_empty().then(|| (rule.clone(), text()))
    })
}

pub(super) fn bounds(readiness: &ReadinessPolicy) -> Vec<Bound> {
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
