//! What storage the planned servers need, figure by figure with where it comes from.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Row, Section, Table, Tone};
use crate::number;
use cairn_schemas::assessment::{Amount, EstatePeak, RequiredStorage, StorageSizing};
use cairn_schemas::finding::Arg;

/// The section.
pub(super) static SECTION: Section = Section { id: "storage", build };

/// Servers named.
const NAMES: usize = 5;

fn build(cx: &Context<'_>) -> Vec<Block> {
    let Some(storage) = cx.assessment.storage.as_ref() else {
        return vec![Block::Note(Tone::Unknown, cx.known(None, "storage"))];
    };
    let tiles = vec![
        cx.tile(
            "tile.storage-raw",
            storage.required.map(|required| number::bytes(required.raw_bytes)),
            required_note(cx, storage),
            "storage_raw_bytes",
        ),
        cx.tile(
            "tile.storage-operations",
            storage.operations_per_s.aligned.map(number::int),
            peak_note(cx, storage, &storage.operations_per_s, number::int),
            "storage_operations_per_s_peak",
        ),
        cx.tile(
            "tile.storage-rate",
            storage.bytes_per_s.aligned.map(number::rate),
            peak_note(cx, storage, &storage.bytes_per_s, number::rate),
            "storage_bytes_per_s_peak",
        ),
    ];
    vec![
        Block::Prose(cx.say("storage.lead")),
        Block::Tiles(tiles),
        Block::Table(amounts(cx, storage)),
        Block::Table(character(cx, storage)),
    ]
}

fn required_note(cx: &Context<'_>, storage: &StorageSizing) -> String {
    let Some(RequiredStorage { growth_ratio, slack_ratio, protection_factor, usable_bytes, .. }) =
        storage.required
    else {
        let names = cx.names(storage.unknown.iter().map(String::as_str), NAMES);
        return cx.with("storage.unknown-servers", [("names", names)]);
    };
    let args = [
        ("usable", usable_bytes),
        ("growth", growth_ratio),
        ("slack", slack_ratio),
        ("factor", protection_factor),
    ];
    cx.with("tile.storage-raw.note", args)
}

fn peak_note(
    cx: &Context<'_>,
    storage: &StorageSizing,
    peak: &EstatePeak,
    show: fn(f64) -> String,
) -> String {
    let Some(sum) = peak.sum_of_peaks else { return cx.say("unknown.use") };
    let at = peak.at.map_or_else(|| cx.say("not-known"), number::moment);
    let args = [
        ("at", Arg::from(at)),
        ("sum", Arg::from(show(sum))),
        ("measured", Arg::from(peak.servers as f64)),
        ("servers", Arg::from(storage.servers as f64)),
    ];
    cx.with("tile.storage-peak.note", args)
}

fn amounts(cx: &Context<'_>, storage: &StorageSizing) -> Table {
    let row = |id: &str, amount: &Amount, show: fn(f64) -> String| {
        let source = (!amount.source.is_empty()).then(|| amount.source.clone());
        Row::new([
            Cell::new(cx.say(&format!("storage.{id}"))),
            cx.known_cell(amount.value.map(show), "have"),
            Cell::new(cx.with(
                "storage.servers",
                [("known", amount.servers as f64), ("servers", storage.servers as f64)],
            )),
            cx.known_cell(source, "have"),
        ])
    };
    Table {
        caption: cx.say("storage-amounts.title"),
        columns: cx.columns("storage-amounts", &["what", "#amount", "#servers", "source"]),
        rows: vec![
            row("used", &storage.used_bytes, number::bytes),
            row("allocated", &storage.allocated_bytes, number::bytes),
            row("basis", &storage.basis_bytes, number::bytes).total(),
            row("growth", &storage.growth_bytes_per_year, number::bytes),
        ],
        foot: Some(cx.with("storage-amounts.foot", [("days", storage.growth_days_min)])),
    }
}

fn character(cx: &Context<'_>, storage: &StorageSizing) -> Table {
    let milliseconds = |seconds: f64| cx.with("storage.ms", [("ms", number::decimals(seconds * 1_000.0, 2))]);
    let row = |id: &str, value: Option<String>| {
        Row::new([Cell::new(cx.say(&format!("storage.{id}"))), cx.known_cell(value, "have")])
    };
    let required = storage.required;
    let latency = [("known", storage.latency_servers as f64), ("servers", storage.servers as f64)];
    Table {
        caption: cx.say("storage-character.title"),
        columns: cx.columns("storage-character", &["what", "#value"]),
        rows: vec![
            row("read-operations", storage.read_operations_ratio.map(number::percent)),
            row("read-bytes", storage.read_bytes_ratio.map(number::percent)),
            row("latency-mean", storage.latency_mean_s.map(milliseconds)),
            row("latency-max", storage.latency_max_s.map(milliseconds)),
            row("buy-operations", required.and_then(|r| r.operations_per_s).map(number::int)),
            row("buy-rate", required.and_then(|r| r.bytes_per_s).map(number::rate)),
        ],
        foot: Some(cx.with("storage-character.foot", latency)),
    }
}
