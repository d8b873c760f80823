//! What moves together, easiest first.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Row, Section, Table, Tone};
use crate::number;
use cairn_schemas::assessment::Wave;

/// The section.
pub(super) static SECTION: Section = Section { id: "waves", build };

/// Servers named in a wave, and waves listed.
const NAMES: usize = 12;
const WAVES: usize = 60;

fn build(cx: &Context<'_>) -> Vec<Block> {
    let waves = &cx.assessment.waves;
    if waves.is_empty() {
        return vec![Block::Note(Tone::Unknown, cx.known(None, "waves"))];
    }
    let row = |wave: &Wave| {
        Row::new([
            Cell::new(cx.with("waves.number", [("number", f64::from(wave.number))])),
            Cell::new(cx.name(&[format!("report.wave.{}", wave.reason)], &wave.reason)),
            Cell::new(number::count(wave.servers.len())),
            Cell::new(number::count(wave.hosts)),
            cx.known_cell(wave.net_consolidation_ratio.map(number::to_one), "ratio"),
            Cell::new(cx.names(wave.servers.iter().map(String::as_str), NAMES)),
        ])
        .marked(cx.mark(wave.servers.iter().map(String::as_str)))
    };
    let left = waves.len().checked_sub(WAVES).filter(|left| *left > 0);
    let table = Table {
        caption: cx.say("waves.table"),
        columns: cx.columns("waves", &["wave", "reason", "#servers", "#hosts", "#ratio", "names"]),
        rows: waves.iter().take(WAVES).map(row).collect(),
        foot: left.map(|left| cx.with("left-out", [("left", left as f64)])),
    };
    vec![Block::Prose(cx.say("waves.lead")), Block::Table(table)]
}
