//! The service catalogue: sizes, entries with their rates and promises, and what the pool costs.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Row, Section, Table, Tile, Tone};
use crate::number;
use cairn_schemas::assessment::{Cents, PoolCost, PoolPart, ServiceCatalogue, ServiceEntry, ServiceSize};
use cairn_schemas::finding::Arg;

/// The section.
pub(super) static SECTION: Section = Section { id: "catalogue", build };

fn build(cx: &Context<'_>) -> Vec<Block> {
    let catalogue = cx.assessment.service_catalogue.as_ref();
    let Some(catalogue) = catalogue.filter(|catalogue| !catalogue.entries.is_empty()) else {
        return vec![Block::Note(Tone::Unknown, cx.known(None, "catalogue"))];
    };
    let sizes = catalogue.sizes.len() as f64;
    let mut blocks = vec![
        Block::Prose(cx.with("catalogue.lead", [("sizes", sizes)])),
        Block::Tiles(tiles(cx, catalogue)),
        Block::Table(entries(cx, catalogue)),
        Block::Table(size_table(cx, catalogue)),
        Block::Table(pool(cx, catalogue)),
    ];
    blocks.extend(cx.findings(&catalogue.findings));
    blocks
}

/// Money to the cent, without its currency.
pub(super) fn cents(cents: i64) -> String {
    number::decimals(cents as f64 / 100.0, 2)
}

/// Money to the cent at both ends, in words.
pub(super) fn ends(cx: &Context<'_>, amount: Cents) -> String {
    cx.with("value.range", [("low", cents(amount.low)), ("high", cents(amount.high))])
}

fn tiles(cx: &Context<'_>, catalogue: &ServiceCatalogue) -> Vec<Tile> {
    let pool = &catalogue.pool;
    let money = |amount: Cents| number::money(amount.money().base, &catalogue.currency);
    let note = pool.cash.map_or_else(|| missing(cx, &pool.missing), |cash| ends(cx, cash));
    let over = |id: &str, ratio: Option<f64>, figure: &str| {
        cx.tile(id, ratio.map(number::percent), cx.say(&format!("{id}.note")), figure)
    };
    vec![
        cx.tile("tile.pool-cost", pool.cash.map(money), note, "pool_cost_per_month"),
        over("tile.memory-over", catalogue.memory_over_ratio, "service_memory_over_ratio"),
        over("tile.vcpu-over", catalogue.vcpu_over_ratio, "service_vcpu_over_ratio"),
    ]
}

/// What nobody has said, in words.
pub(super) fn missing(cx: &Context<'_>, inputs: &[String]) -> String {
    let names: Vec<String> = inputs.iter().map(|id| input(cx, id)).collect();
    cx.with("unknown", [("why", names.join(", "))])
}

pub(super) fn input(cx: &Context<'_>, id: &str) -> String {
    cx.name(&[format!("report.input.{id}")], id)
}

/// Three cells: low, base and high; or that it is not known.
fn range(cx: &Context<'_>, amount: Option<Cents>) -> [Cell; 3] {
    match amount {
        Some(amount) => [amount.low, amount.base, amount.high].map(|amount| Cell::new(cents(amount))),
        None => [(); 3].map(|()| Cell::new(cx.say("not-known")).tone(Tone::Unknown)),
    }
}

/// The name of an entry: its size and its tier.
fn entry_name(cx: &Context<'_>, entry: &ServiceEntry) -> String {
    let tier = cx.say(&format!("tier.{}", entry.tier.name()));
    cx.with("catalogue.entry", [("size", entry.size.clone()), ("tier", tier)])
}

fn entries(cx: &Context<'_>, catalogue: &ServiceCatalogue) -> Table {
    let row = |entry: &ServiceEntry| {
        let [low, base, high] = range(cx, entry.rate);
        let labour = entry.labour.map(|labour| cents(labour.base));
        let promise = cx.name(std::slice::from_ref(&entry.message_id), entry.tier.name());
        let promise =
            if entry.rate.is_some() { promise } else { format!("{promise} {}", missing(cx, &entry.missing)) };
        Row::new([
            Cell::new(entry_name(cx, entry)),
            Cell::new(number::count(entry.count)),
            low,
            base,
            high,
            cx.known_cell(labour, "rate"),
            Cell::new(promise),
        ])
    };
    let columns = ["entry", "#servers", "#low", "#base", "#high", "#labour", "promise"];
    Table {
        caption: cx.with("catalogue-entries.title", [("currency", catalogue.currency.as_str())]),
        columns: cx.columns("catalogue-entries", &columns),
        rows: catalogue.entries.iter().map(row).collect(),
        foot: Some(cx.say("catalogue-entries.foot")),
    }
}

fn size_table(cx: &Context<'_>, catalogue: &ServiceCatalogue) -> Table {
    let disk = |size: &ServiceSize| {
        let known = size.disk_bytes_max.map(number::bytes)?;
        Some(match size.disk_unknown {
            0 => known,
            unknown => {
                let args = [("disk", Arg::from(known)), ("unknown", Arg::from(unknown as f64))];
                cx.with("catalogue-sizes.disk-unknown", args)
            }
        })
    };
    let row = |size: &ServiceSize| {
        Row::new([
            Cell::new(&size.size),
            Cell::new(number::int(f64::from(size.vcpu))),
            Cell::new(number::bytes(size.memory_bytes)),
            Cell::new(number::count(size.count)),
            cx.known_cell(disk(size), "capacity"),
        ])
    };
    Table {
        caption: cx.say("catalogue-sizes.title"),
        columns: cx.columns("catalogue-sizes", &["size", "#vcpu", "#memory", "#servers", "#disk"]),
        rows: catalogue.sizes.iter().map(row).collect(),
        foot: Some(cx.say("catalogue-sizes.foot")),
    }
}

fn pool(cx: &Context<'_>, catalogue: &ServiceCatalogue) -> Table {
    let pool = &catalogue.pool;
    let row = |part: &PoolPart| {
        let [low, base, high] = range(cx, part.amount);
        Row::new([Cell::new(part_name(cx, &part.id)), low, base, high, Cell::new(&part.formula)])
    };
    let [low, base, high] = range(cx, pool.cash);
    let total =
        Row::new([Cell::new(cx.say("catalogue-pool.total")), low, base, high, Cell::default()]).total();
    Table {
        caption: cx.with("catalogue-pool.title", [("currency", catalogue.currency.as_str())]),
        columns: cx.columns("catalogue-pool", &["part", "#low", "#base", "#high", "formula"]),
        rows: pool.parts.iter().map(row).chain([total]).collect(),
        foot: Some(pool_foot(cx, pool)),
    }
}

fn pool_foot(cx: &Context<'_>, pool: &PoolCost) -> String {
    let args = [
        ("hosts", pool.hosts as f64),
        ("failover", pool.failover_hosts as f64),
        ("sold_vcpu", pool.sold_vcpu),
        ("sold_memory", pool.sold_memory_bytes),
        ("vcpu", pool.sellable_vcpu),
        ("memory", pool.sellable_memory_bytes),
    ];
    cx.with("catalogue-pool.foot", args)
}

/// A part of a cost by the name its line of the value has.
pub(super) fn part_name(cx: &Context<'_>, id: &str) -> String {
    cx.name(&[format!("value.{id}"), format!("report.value-line.{id}")], id)
}
