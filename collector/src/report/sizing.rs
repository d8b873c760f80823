//! How servers were sized: the scale of their CPUs with its error and its effect, the method where it is not ours,
//! and what standard sizes would change.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Row, Section, Table, Tile, Tone};
use crate::number;
use cairn_assess::normalize::error::ANOTHER_WORKLOAD;
use cairn_schemas::assessment::{
    CpuGrade, CpuNormalisation, GradeCount, MatchedMethod, StandardSizeUse, StandardSizes,
};
use cairn_schemas::finding::Arg;

/// The section.
pub(super) static SECTION: Section = Section { id: "sizing", build };

/// Servers and models named in a row.
const NAMES: usize = 5;

fn build(cx: &Context<'_>) -> Vec<Block> {
    let Some(sizing) = cx.assessment.sizing.as_ref() else {
        return vec![Block::Note(Tone::Unknown, cx.known(None, "sizing"))];
    };
    let mut blocks = vec![Block::Prose(cx.say("sizing.lead"))];
    blocks.push(match &sizing.matched {
        Some(method) => Block::Note(Tone::Attention, matched(cx, method)),
        None => Block::Prose(cx.say("sizing.own")),
    });
    let mut tiles = vec![
        cx.tile(
            "tile.cpu-scale",
            sizing.cpu.hosts.map(number::count),
            cx.say("tile.cpu-scale.note"),
            "hosts_on_cpu_scale",
        ),
        cx.tile(
            "tile.by-clock",
            sizing.cpu.hosts_by_clock.map(number::count),
            cx.say("tile.by-clock.note"),
            "hosts_by_clock",
        ),
    ];
    tiles.extend(sizing.standard_sizes.as_ref().map(|standard| standard_tile(cx, standard)));
    blocks.push(Block::Tiles(tiles));
    blocks.push(Block::Table(grades(cx, &sizing.cpu)));
    blocks.extend(unplaced(cx, &sizing.cpu));
    blocks.extend(sizing.standard_sizes.as_ref().map(|standard| Block::Table(standard_sizes(cx, standard))));
    blocks
}

fn matched(cx: &Context<'_>, method: &MatchedMethod) -> String {
    cx.with(
        "sizing.matched",
        [
            ("name", Arg::from(method.name.as_str())),
            ("percentile", Arg::from(method.percentile)),
            ("comfort", Arg::from(method.comfort_factor - 1.0)),
        ],
    )
}

/// The message of a grade.
pub(super) const fn grade_id(grade: CpuGrade) -> &'static str {
    match grade {
        CpuGrade::Benchmark => "benchmark",
        CpuGrade::Generation => "generation",
        CpuGrade::Fastest => "fastest",
        CpuGrade::CoresByClock => "cores-by-clock",
        CpuGrade::CoresOnly => "cores-only",
        CpuGrade::Unknown => "unknown",
    }
}

fn grades(cx: &Context<'_>, cpu: &CpuNormalisation) -> Table {
    let row = |count: &GradeCount| {
        let error = |ratio: Option<f64>| cx.known_cell(ratio.map(number::percent), "grade-error");
        Row::new([
            Cell::new(cx.say(&format!("grade.{}", grade_id(count.grade)))),
            Cell::new(number::count(count.servers)),
            error(count.error_median_ratio),
            error(count.error_p90_ratio),
        ])
    };
    Table {
        caption: cx.say("grades.title"),
        columns: cx.columns("grades", &["grade", "#servers", "#median", "#p90"]),
        rows: cpu.grades.iter().map(row).collect(),
        foot: Some(cx.with(
            "grades.foot",
            [
                ("threads", cpu.threads_factor),
                ("another_median", ANOTHER_WORKLOAD.median_ratio),
                ("another", ANOTHER_WORKLOAD.p90_ratio),
            ],
        )),
    }
}

fn unplaced(cx: &Context<'_>, cpu: &CpuNormalisation) -> Option<Block> {
    let named = |cpu: &cairn_schemas::assessment::UnplacedCpu| {
        if cpu.cpu_model.is_empty() { cx.say("not-known") } else { cpu.cpu_model.clone() }
    };
    let names: Vec<String> = cpu.unplaced.iter().map(named).collect();
    let names = cx.names(names.iter().map(String::as_str), NAMES);
    (!cpu.unplaced.is_empty())
        .then(|| Block::Note(Tone::Attention, cx.with("sizing.unplaced", [("models", names)])))
}

fn standard_tile(cx: &Context<'_>, standard: &StandardSizes) -> Tile {
    let own = standard.hosts.map_or_else(|| cx.say("not-known"), number::count);
    let note = cx.with("tile.standard-sizes.note", [("hosts", own)]);
    cx.tile(
        "tile.standard-sizes",
        standard.standard_hosts.map(number::count),
        note,
        "hosts_at_standard_sizes",
    )
}

fn standard_sizes(cx: &Context<'_>, standard: &StandardSizes) -> Table {
    let row = |size: &StandardSizeUse| {
        Row::new([
            Cell::new(&size.name),
            Cell::new(number::int(f64::from(size.vcpu))),
            Cell::new(number::bytes(size.memory_bytes)),
            Cell::new(number::count(size.servers.len())),
            Cell::new(cx.names(size.servers.iter().map(String::as_str), NAMES)),
        ])
        .marked(cx.mark(size.servers.iter().map(String::as_str)))
    };
    let foot = [
        ("beyond", Arg::from(standard.beyond.len() as f64)),
        ("own", Arg::from(standard.memory_bytes)),
        ("standard", Arg::from(standard.standard_memory_bytes)),
    ];
    Table {
        caption: cx.say("standard-sizes.title"),
        columns: cx.columns("standard-sizes", &["size", "#vcpu", "#memory", "#count", "servers"]),
        rows: standard.sizes.iter().map(row).collect(),
        foot: Some(cx.with("standard-sizes.foot", foot)),
    }
}
