//! How sure the plan is and what would change it: limits the past would have borne, length of measurement, nights,
//! and what each assumption moves.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Row, Section, Table, Tone};
use crate::number;
use cairn_schemas::assessment::{
    CellMethod, Learned, LimitTrial, Measuring, NightlyPeaks, Outlook, Sensitivity,
};

/// The section.
pub(super) static SECTION: Section = Section { id: "outlook", build };

/// Findings that are told here and not beside the plan.
pub(super) const FINDINGS: [&str; 3] = ["recommended-limits", "month-end", "nightly-peaks"];

fn build(cx: &Context<'_>) -> Vec<Block> {
    let Some(plan) = cx.assessment.consolidation.as_ref() else { return cx.no_plan() };
    let outlook = &plan.outlook;
    let said = plan.findings.iter().filter(|finding| FINDINGS.contains(&finding.id.as_str()));
    let mut blocks = vec![Block::Prose(cx.say("outlook.lead"))];
    blocks.extend(cx.findings(&said.cloned().collect::<Vec<_>>()));
    blocks.extend(sensitivity(cx, outlook).map(Block::Table));
    blocks.extend(growth(cx, outlook).map(Block::Table));
    blocks.extend(trials(cx, outlook).map(Block::Table));
    blocks.extend(outlook.measuring.iter().flat_map(|measuring| measured(cx, measuring)));
    blocks.extend(outlook.nightly_peaks.iter().map(|peaks| Block::Table(nights(cx, peaks))));
    blocks
}

fn sensitivity(cx: &Context<'_>, outlook: &Outlook) -> Option<Table> {
    let row = |row: &Sensitivity| {
        let assumption = cx.name(&[format!("report.moved.{}", row.assumption)], &row.assumption);
        let name = |value: &str| cx.name(&[format!("report.assumed.{value}")], value);
        Row::new([
            Cell::new(assumption),
            Cell::new(name(&row.low.value)),
            Cell::new(number::count(row.low.machines)),
            Cell::new(name(&row.high.value)),
            Cell::new(number::count(row.high.machines)),
            Cell::new(number::count(row.swing)),
        ])
    };
    let columns = ["assumption", "low", "#low_machines", "high", "#high_machines", "#swing"];
    (!outlook.sensitivity.is_empty()).then(|| Table {
        caption: cx.say("sensitivity.title"),
        columns: cx.columns("sensitivity", &columns),
        rows: outlook.sensitivity.iter().map(row).collect(),
        foot: Some(cx.say("sensitivity.foot")),
    })
}

fn growth(cx: &Context<'_>, outlook: &Outlook) -> Option<Table> {
    let rows = outlook.growth_flip_points.iter().map(|point| {
        Row::new([Cell::new(number::percent(point.growth_ratio)), Cell::new(number::count(point.hosts))])
    });
    (!outlook.growth_flip_points.is_empty()).then(|| Table {
        caption: cx.say("growth.title"),
        columns: cx.columns("growth", &["growth", "#hosts"]),
        rows: rows.collect(),
        foot: None,
    })
}

fn trials(cx: &Context<'_>, outlook: &Outlook) -> Option<Table> {
    let chosen = |trial: &LimitTrial| {
        outlook
            .recommendation
            .as_ref()
            .is_some_and(|r| r.cells == trial.cells && r.cpu_limit_ratio == trial.cpu_limit_ratio)
    };
    let row = |trial: &LimitTrial| {
        let cells = match trial.cells {
            CellMethod::Maximum => "trials.maximum",
            CellMethod::P95 => "trials.p95",
        };
        let verdict = if trial.passed { "trials.passed" } else { "trials.failed" };
        let share = |ratio: Option<f64>| cx.known_cell(ratio.map(number::percent), "unobserved");
        let row = Row::new([
            Cell::new(cx.say(cells)),
            Cell::new(number::percent(trial.cpu_limit_ratio)),
            Cell::new(number::percent(trial.memory_limit_ratio)),
            Cell::new(number::one(trial.hosts_mean)),
            share(trial.violation_ratio),
            share(trial.worst_fold_violation_ratio),
            Cell::new(cx.say(verdict)),
        ]);
        if chosen(trial) { row.total() } else { row }
    };
    let columns = ["cells", "#cpu", "#memory", "#hosts", "#violations", "#worst", "verdict"];
    (!outlook.trials.is_empty()).then(|| Table {
        caption: cx.say("trials.title"),
        columns: cx.columns("trials", &columns),
        rows: outlook.trials.iter().map(row).collect(),
        foot: Some(cx.say("trials.foot")),
    })
}

fn measured(cx: &Context<'_>, measuring: &Measuring) -> Vec<Block> {
    let args = [("weeks", measuring.weeks as f64), ("within", measuring.within_ratio)];
    let prose = match (measuring.days_more, measuring.reason.as_deref()) {
        (Some(0), _) => Block::Prose(cx.with("measuring.enough", args)),
        (Some(days), _) => {
            let [weeks, within] = args;
            Block::Prose(cx.with("measuring.more", [weeks, within, ("days", f64::from(days))]))
        }
        (None, Some("not-reached")) => Block::Note(Tone::Attention, cx.with("measuring.not-reached", args)),
        (None, Some("too-many-servers")) => {
            Block::Note(Tone::Unknown, cx.with("measuring.too-many-servers", args))
        }
        (None, _) => Block::Note(Tone::Unknown, cx.with("measuring.too-few-weeks", args)),
    };
    let own = |row: &Learned| {
        Row::new([
            Cell::new(number::count(row.weeks)),
            Cell::new(number::count(row.origins)),
            Cell::new(number::percent(row.error_mean)),
            Cell::new(number::percent(row.error_min)),
            Cell::new(number::percent(row.error_max)),
        ])
    };
    let learned = Table {
        caption: cx.say("learned.title"),
        columns: cx.columns("learned", &["weeks", "#origins", "#mean", "#min", "#max"]),
        rows: measuring.learned.iter().map(own).collect(),
        foot: Some(cx.say("learned.foot")),
    };
    let published = Table {
        caption: cx.say("published.title"),
        columns: cx.columns("published", &["weeks", "#factor"]),
        rows: measuring
            .published
            .iter()
            .map(|p| Row::new([Cell::new(number::count(p.weeks)), Cell::new(number::decimals(p.factor, 3))]))
            .collect(),
        foot: Some(cx.with("published.foot", [("source", measuring.published_source.as_str())])),
    };
    let mut blocks = vec![prose];
    if !measuring.learned.is_empty() {
        blocks.push(Block::Table(learned));
    }
    if measuring.days_more != Some(0) {
        blocks.push(Block::Table(published));
    }
    blocks
}

fn nights(cx: &Context<'_>, peaks: &NightlyPeaks) -> Table {
    let row = |hour: &cairn_schemas::assessment::NightlyHour| {
        Row::new([
            Cell::new(cx.with("nights.hour", [("hour", hour.hour as f64)])),
            Cell::new(number::count(hour.servers)),
        ])
    };
    let hosts = |hosts: Option<usize>| hosts.map_or_else(|| cx.say("not-known"), number::count);
    let foot = [
        ("hosts", number::count(peaks.hosts)),
        ("staggered", hosts(peaks.hosts_if_staggered)),
        ("excluded", hosts(peaks.hosts_if_excluded)),
    ];
    Table {
        caption: cx.say("nights.title"),
        columns: cx.columns("nights", &["hour", "#servers"]),
        rows: peaks.hours.iter().map(row).collect(),
        foot: Some(cx.with("nights.foot", foot)),
    }
}
