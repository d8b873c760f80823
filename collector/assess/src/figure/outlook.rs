//! Figures of the outlook: recommended limits, what "none seen" leaves possible, days still to measure.
// SPDX-License-Identifier: Apache-2.0

use super::{Figures, Input as _, figure};
use cairn_schemas::assessment::{Constant, Outlook, Range, Recommendation};

pub(super) fn figures(outlook: &Outlook, assumptions: &[Constant], figures: &mut Figures) {
    if let Some(found) = &outlook.recommendation {
        recommended(found, assumptions, figures);
    }
    if outlook.host_weeks > 0 {
        let most = figure(
            outlook.affected_host_weeks_max_ratio,
            "1",
            "min(1, 3 / host_weeks) when none of them was affected (rule of three, 95 %)",
            "7.6",
        );
        let most = most.input("host_weeks", outlook.host_weeks as f64, "host weeks");
        figures.insert("affected_host_weeks_max_ratio".into(), most.samples(outlook.host_weeks as u64));
    }
    if let Some(measuring) = &outlook.measuring {
        let formula = "7 * (fewest weeks with |planned / needed - 1| <= within_ratio at every origin - weeks), at least 0";
        let days = figure(measuring.days_more.map(f64::from), "days", formula, "7.6")
            .input("weeks", measuring.weeks as f64, "weeks")
            .input("within_ratio", measuring.within_ratio, "1")
            .samples(measuring.learned.iter().map(|learned| learned.origins as u64).sum());
        figures.insert("days_to_a_near_estimate".into(), days);
    }
}

fn recommended(found: &Recommendation, assumptions: &[Constant], figures: &mut Figures) {
    let test = &found.backtest;
    let most = |id: &str, value: f64| Constant {
        id: id.into(),
        value: Range { low: value, base: value, high: value },
        unit: "1".into(),
        // Both come from the same policy as every other assumption of the plan.
        source: assumptions.first().map(|a| a.source.clone()).unwrap_or_default(),
        date: assumptions.first().map(|a| a.date.clone()).unwrap_or_default(),
    };
    let constants = [
        most("risk.violation_ratio_max", found.violation_ratio_max),
        most("risk.worst_fold_violation_ratio_max", found.worst_fold_violation_ratio_max),
    ];
    let formula = "highest limit tried whose back-test, and that of every lower one, is within both and rests on risk.host_weeks_min host-weeks; fewest hosts over the ways of making cells";
    let limit = figure(Some(found.cpu_limit_ratio), "1", formula, "7.6")
        .input("violation_ratio", test.violation_ratio, "1")
        .input("worst_fold_violation_ratio", test.worst_fold_violation_ratio, "1")
        .input("folds", test.folds as f64, "weeks")
        .constants(&constants)
        .samples(test.host_intervals);
    figures.insert("recommended_cpu_limit_ratio".into(), limit);
    let hosts = figure(Some(found.hosts as f64), "hosts", "plan at the recommended limits", "7.5")
        .input("recommended_cpu_limit_ratio", found.cpu_limit_ratio, "1")
        .input("recommended_memory_limit_ratio", found.memory_limit_ratio, "1")
        .input("lower_bound_hosts", found.lower_bound_hosts as f64, "hosts");
    figures.insert("recommended_hosts".into(), hosts);
}
