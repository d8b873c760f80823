//! Coverage: how much of the window was measured, why the rest is missing, and what that allows us to say.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::{Server, Week};
use crate::policy::CoveragePolicy;
use cairn_schemas::assessment::{Confidence, Coverage};
use cairn_schemas::gap::GapReason;
use cairn_schemas::time::{DAY_S, Timestamp, Window};
use std::collections::BTreeMap;

/// Coverage of one server over all of the window, not since it was first seen.
#[must_use]
pub fn of_server(server: &Server, window: Window, policy: &CoveragePolicy) -> Coverage {
    let sum = |pick: fn(&Week) -> [u32; 7]| server.weeks.iter().flat_map(pick).map(i64::from).sum::<i64>();
    let due_s = window.seconds();
    let covered_s = sum(|week| week.covered_s).min(due_s);
    let off_s = sum(|week| week.off_s).min(covered_s);
    let span = span(&server.weeks);
    let mut coverage = Coverage {
        ratio: ratio(covered_s, due_s),
        covered_s,
        due_s,
        off_s,
        missing_s: missing(server, window, due_s - covered_s),
        span_days: span.map_or(0.0, |span| span.seconds() as f64 / DAY_S as f64),
        weekdays: weekdays(&server.weeks),
        month_end_seen: month_end_seen(&server.weeks),
        ..Coverage::default()
    };
    coverage.confidence = confidence(&coverage, policy);
    coverage.days_still_to_measure = days_still_to_measure(&coverage, window, policy);
    coverage
}

/// Coverage of the estate: seconds added up; span, weekdays and month-end of the least measured half are not
/// hidden by the best, so they are the median server's.
#[must_use]
pub fn of_estate(servers: &[&Coverage], policy: &CoveragePolicy) -> Coverage {
    let mut total = Coverage::default();
    for coverage in servers {
        total.covered_s += coverage.covered_s;
        total.due_s += coverage.due_s;
        total.off_s += coverage.off_s;
        for (reason, seconds) in &coverage.missing_s {
            *total.missing_s.entry(*reason).or_default() += seconds;
        }
    }
    total.ratio = ratio(total.covered_s, total.due_s);
    let mut spans: Vec<&Coverage> = servers.to_vec();
    spans.sort_by(|a, b| a.span_days.total_cmp(&b.span_days));
    if let Some(median) = spans.get(spans.len() / 2) {
        total.span_days = median.span_days;
        total.weekdays = median.weekdays;
    }
    total.month_end_seen = 2 * servers.iter().filter(|c| c.month_end_seen).count() > servers.len();
    total.confidence = confidence(&total, policy);
    let longest = servers.iter().map(|c| c.days_still_to_measure).max().unwrap_or(0);
    total.days_still_to_measure = if total.confidence == Confidence::High { 0 } else { longest };
    total
}

fn ratio(covered_s: i64, due_s: i64) -> Option<f64> {
    (due_s > 0).then(|| covered_s as f64 / due_s as f64)
}

fn span(weeks: &[Week]) -> Option<Window> {
    let mut spans = weeks.iter().filter_map(|week| week.span);
    let first = spans.next()?;
    Some(spans.fold(first, |all, span| Window { from: all.from.min(span.from), to: all.to.max(span.to) }))
}

/// Weekdays of which at least half a day was measured once.
fn weekdays(weeks: &[Week]) -> u8 {
    let seen = |day: usize| weeks.iter().any(|week| i64::from(week.covered_s[day]) >= DAY_S / 2);
    (0..7).map(|day| u8::from(seen(day))).sum()
}

/// Whether at least half of some month's last day was measured, switched on.
fn month_end_seen(weeks: &[Week]) -> bool {
    weeks.iter().any(|week| {
        (0..7).any(|day| {
            let on_s = week.covered_s[day].saturating_sub(week.off_s[day]);
            Timestamp(week.start.0 + day as i64 * DAY_S).is_month_end() && i64::from(on_s) >= DAY_S / 2
        })
    })
}

/// Splits the missing seconds by reason. Reported gaps may overlap late slots: never more than is missing.
fn missing(server: &Server, window: Window, mut missing_s: i64) -> BTreeMap<GapReason, i64> {
    let mut by_reason: BTreeMap<GapReason, i64> = BTreeMap::new();
    let mut take = |reason, seconds: i64| {
        let taken = seconds.clamp(0, missing_s);
        missing_s -= taken;
        if taken > 0 {
            *by_reason.entry(reason).or_default() += taken;
        }
    };
    let before = server.first_seen.map_or(window.seconds(), |first| first.0 - window.from.0);
    take(GapReason::NeverEnrolled, before);
    for gap in &server.gaps {
        take(gap.reason, gap.window.seconds());
    }
    take(GapReason::NotReported, i64::MAX);
    by_reason
}

fn confidence(coverage: &Coverage, policy: &CoveragePolicy) -> Confidence {
    let ratio = coverage.ratio.unwrap_or(0.0);
    if coverage.covered_s == 0 {
        Confidence::None
    } else if coverage.span_days >= policy.high.days && ratio >= policy.high.ratio && coverage.month_end_seen
    {
        Confidence::High
    } else if coverage.span_days >= policy.medium.days
        && ratio >= policy.medium.ratio
        && coverage.weekdays == 7
    {
        Confidence::Medium
    } else {
        Confidence::Low
    }
}

/// Days of faultless measuring until confidence is high: what is short of the span, of the coverage, and of
/// the next month-end, whichever is longest.
fn days_still_to_measure(coverage: &Coverage, window: Window, policy: &CoveragePolicy) -> u32 {
    if coverage.confidence == Confidence::High {
        return 0;
    }
    let span = (policy.high.days - coverage.span_days).max(0.0);
    // With x more days: (covered + x) / (due + x) >= ratio.
    let day = DAY_S as f64;
    let short = policy.high.ratio * coverage.due_s as f64 - coverage.covered_s as f64;
    let filling = (short / day / (1.0 - policy.high.ratio).max(0.01)).max(0.0);
    let month_end = if coverage.month_end_seen { 0.0 } else { days_to_month_end(window.to) };
    span.max(filling.min(policy.high.days)).max(month_end).ceil() as u32
}

fn days_to_month_end(from: Timestamp) -> f64 {
    let first = from.start_of_day().0;
    let day = (0..31).find(|day| Timestamp(first + day * DAY_S).is_month_end()).unwrap_or(31);
    (day + 1) as f64
}

#[cfg(test)]
#[path = "coverage_tests.rs"]
mod tests;
