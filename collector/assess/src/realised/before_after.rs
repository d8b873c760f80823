//! Before and after: the same metrics in the same hours of the week, against a baseline that was frozen and signed
//! before the move. A bad result is said as plainly as a good one.
// SPDX-License-Identifier: Apache-2.0

use crate::capacity_of;
use crate::estate::{Estate, INTERVAL_S, Server, Week, coding};
use crate::policy::Policy;
use cairn_schemas::assessment::{BeforeAfter, MetricChange, Resource, ServerProgress, Verdict};
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::outcome::{
    BASELINE_HOURS, Baseline, BaselineMetric, ProfileMetric, SignedBaseline, Step, StepKind,
};
use cairn_schemas::time::{DAY_S, Timestamp, Window};
use std::collections::BTreeMap;

/// Fewest hours of the week measured on both sides from which anything is said (*ours*).
const HOURS_MIN: usize = 24;

/// How a server behaved in a window: what a baseline freezes, and what is held against it. Hours nobody measured are
/// `None`; a metric nobody measured is absent.
#[must_use]
pub fn profile(server: &Server, window: Window, policy: &Policy) -> Vec<BaselineMetric> {
    let cpu = hourly(server, window, Resource::Cpu);
    let mhz = capacity_of(server, window.to, policy).cpu_mhz;
    let work = cpu.as_ref().zip(mhz).map(|(cpu, mhz)| scaled(cpu, mhz));
    let all = [
        (ProfileMetric::CpuBusyRatio, cpu),
        (ProfileMetric::CpuMhz, work),
        (ProfileMetric::MemoryUsedBytes, hourly(server, window, Resource::Memory)),
        (ProfileMetric::DiskBytesPerS, hourly(server, window, Resource::Disk)),
        (ProfileMetric::NetworkBytesPerS, hourly(server, window, Resource::Network)),
    ];
    let metric = |(metric, hours): (ProfileMetric, Option<Hours>)| {
        let hours = hours?;
        Some(BaselineMetric { metric, mean: mean(hours.iter().flatten().copied())?, hours })
    };
    let mut metrics: Vec<BaselineMetric> = all.into_iter().filter_map(metric).collect();
    metrics.extend(latency_ms(server, window).map(|mean| BaselineMetric {
        metric: ProfileMetric::DiskLatencyMs,
        hours: Vec::new(),
        mean,
    }));
    metrics
}

type Hours = Vec<Option<f64>>;

fn scaled(hours: &Hours, factor: f64) -> Hours {
    hours.iter().map(|hour| hour.map(|value| value * factor)).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// Mean of the five-minute means in each hour of the week; `None` where there is none in any hour.
fn hourly(server: &Server, window: Window, resource: Resource) -> Option<Hours> {
    let mut sums = [(0.0, 0_u32); BASELINE_HOURS];
    for week in &server.weeks {
        let Some(load) = &week.loads[resource as usize] else { continue };
        for (code, at) in load.five_minute.iter().zip((week.start.0..).step_by(INTERVAL_S as usize)) {
            let Some(value) = coding(resource).decode(*code) else { continue };
            let at = Timestamp(at);
            if window.contains(at) {
                let hour = &mut sums[at.hour_of_week()];
                *hour = (hour.0 + value, hour.1 + 1);
            }
        }
    }
    let hours: Hours =
        sums.iter().map(|(sum, count)| (*count > 0).then(|| sum / f64::from(*count))).collect();
    hours.iter().any(Option::is_some).then_some(hours)
}

/// Mean time of a disk operation in whole weeks of a window, in milliseconds.
fn latency_ms(server: &Server, window: Window) -> Option<f64> {
    let inside =
        |week: &&Week| week.span.is_some_and(|span| window.from <= span.from && span.to <= window.to);
    let storage = server.weeks.iter().filter(inside).filter_map(|week| week.storage.as_ref());
    let (busy_us, operations) =
        storage.fold((0, 0), |(busy, n), s| (busy + s.busy_us, n + s.timed_operations));
    (operations > 0).then(|| busy_us as f64 / operations as f64 / 1_000.0)
}

/// Every baseline against what its server has become; the latest baseline of a server that was frozen before its move.
pub(super) fn all(estate: &Estate, policy: &Policy, servers: &[ServerProgress]) -> Vec<BeforeAfter> {
    let moved: BTreeMap<&str, &Step> = estate
        .outcomes
        .steps
        .iter()
        .filter(|step| step.step == StepKind::Moved)
        .map(|step| (step.server.as_str(), step))
        .collect();
    let mut latest: BTreeMap<&str, &SignedBaseline> = BTreeMap::new();
    for signed in &estate.outcomes.baselines {
        let name = signed.baseline.server.as_str();
        let is_late = moved.get(name).is_some_and(|step| step.on.day() < signed.baseline.frozen_on.day());
        // One frozen after the move is shown only where there is no better one.
        if !is_late || !latest.contains_key(name) {
            latest.insert(name, signed);
        }
    }
    let compare = |(name, signed): (&str, &SignedBaseline)| {
        let seen_as = servers.iter().find(|server| server.server == name).and_then(|s| s.seen_as.as_deref());
        compared(estate, policy, signed, moved.get(name).copied(), seen_as)
    };
    latest.into_iter().map(compare).collect()
}

fn compared(
    estate: &Estate,
    policy: &Policy,
    signed: &SignedBaseline,
    moved: Option<&Step>,
    seen_as: Option<&str>,
) -> BeforeAfter {
    let before = &signed.baseline;
    let mut sheet = BeforeAfter {
        server: before.server.clone(),
        seen_as: seen_as.map(str::to_owned),
        baseline: signed.id,
        frozen_by: before.by.clone(),
        frozen_on: before.frozen_on,
        before: before.window,
        after: None,
        tolerance_ratio: before.tolerance_ratio,
        cpu_limit_ratio: before.cpu_limit_ratio,
        verdict: Verdict::Unknown,
        metrics: Vec::new(),
        findings: Vec::new(),
    };
    let say = |message| Finding::new("before-after", message, Severity::Attention);
    let Some(moved) = moved else {
        sheet.findings.push(say("not-moved"));
        return sheet;
    };
    let found = seen_as
        .and_then(|name| estate.servers.binary_search_by(|server| server.name.as_str().cmp(name)).ok());
    // The day of the move itself is neither before nor after.
    let from = Timestamp(moved.on.start_of_day().0 + DAY_S).max(estate.window.from);
    if !signed.is_intact {
        sheet.findings.push(Finding { severity: Severity::Gate, ..say("touched") });
    } else if moved.on.day() < before.frozen_on.day() || moved.on < before.window.to {
        sheet.findings.push(say("frozen-after").arg("moved", moved.on.date()));
    } else if let (Some(index), true) = (found, from < estate.window.to) {
        let window = Window { from, to: estate.window.to };
        sheet.after = Some(window);
        sheet.metrics = changes(before, &profile(&estate.servers[index], window, policy));
        sheet.findings = cautions(&sheet.metrics, before);
        sheet.verdict = verdict(&sheet.metrics);
    } else {
        sheet.findings.push(say("not-seen"));
    }
    sheet
}

fn changes(before: &Baseline, after: &[BaselineMetric]) -> Vec<MetricChange> {
    let change = |was: &BaselineMetric| {
        let is = after.iter().find(|is| is.metric == was.metric)?;
        let both = was.hours.iter().zip(&is.hours).filter_map(|(was, is)| (*was).zip(*is));
        let both: Vec<(f64, f64)> = both.collect();
        let has_hours = !was.hours.is_empty();
        let (was_mean, is_mean) = match has_hours {
            true => (mean(both.iter().map(|b| b.0))?, mean(both.iter().map(|b| b.1))?),
            false => (was.mean, is.mean),
        };
        let peak = |of: fn(&(f64, f64)) -> f64| both.iter().map(of).max_by(f64::total_cmp);
        let mut change = MetricChange {
            metric: was.metric,
            hours: both.len(),
            before: was_mean,
            after: is_mean,
            peak_before: peak(|b| b.0),
            peak_after: peak(|b| b.1),
            change_ratio: (was_mean > 0.0).then(|| is_mean / was_mean - 1.0),
            verdict: Verdict::Unknown,
        };
        if !has_hours || both.len() >= HOURS_MIN {
            change.verdict = judged(&change, before);
        }
        Some(change)
    };
    before.metrics.iter().filter_map(change).collect()
}

fn judged(change: &MetricChange, before: &Baseline) -> Verdict {
    match (change.metric, change.peak_after, change.change_ratio) {
        (ProfileMetric::CpuBusyRatio, Some(peak), _) if peak > before.cpu_limit_ratio => Verdict::Worse,
        (ProfileMetric::CpuBusyRatio, Some(_), _) => Verdict::Kept,
        (ProfileMetric::DiskLatencyMs, _, Some(ratio)) if ratio > before.tolerance_ratio => Verdict::Worse,
        (ProfileMetric::DiskLatencyMs, _, Some(ratio)) if ratio < -before.tolerance_ratio => Verdict::Better,
        (ProfileMetric::DiskLatencyMs, _, Some(_)) => Verdict::Kept,
        _ => Verdict::Unknown,
    }
}

/// The worst that any metric of quality shows; better only where none is worse.
fn verdict(metrics: &[MetricChange]) -> Verdict {
    let quality = || metrics.iter().filter(|change| change.metric.is_quality()).map(|change| change.verdict);
    match () {
        () if quality().any(|verdict| verdict == Verdict::Worse) => Verdict::Worse,
        () if quality().any(|verdict| verdict == Verdict::Better) => Verdict::Better,
        () if quality().any(|verdict| verdict == Verdict::Kept) => Verdict::Kept,
        () => Verdict::Unknown,
    }
}

/// What must be known beside the verdict: hours that were too few, and a load that is not the one of before.
fn cautions(metrics: &[MetricChange], before: &Baseline) -> Vec<Finding> {
    let say = |message| Finding::new("before-after", message, Severity::Attention);
    let mut findings = Vec::new();
    let hours = metrics.iter().map(|change| change.hours).max().unwrap_or(0);
    if hours < HOURS_MIN {
        findings.push(say("too-few-hours").arg("hours", hours as f64).arg("need", HOURS_MIN as f64));
    }
    let work = metrics.iter().find(|change| change.metric == ProfileMetric::CpuMhz);
    let differs = work.and_then(|work| work.change_ratio).filter(|r| r.abs() > before.tolerance_ratio);
    findings.extend(differs.map(|ratio| say("load-differs").arg("change", ratio)));
    if !metrics.iter().any(|change| change.metric == ProfileMetric::DiskLatencyMs) {
        findings.push(Finding { severity: Severity::Info, ..say("no-latency") });
    }
    findings
}
