//! Bytes a value: each day block taken apart by series, the whole file by table, and the same values in longer blocks.
// SPDX-License-Identifier: Apache-2.0

use super::{open, say};
use anyhow::Context as _;
use cairn_collector::store::Store as _;
use cairn_collector::store::sqlite::SqliteStore;
use cairn_collector::store::weight::{joined, weigh};
use cairn_schemas::metric;
use cairn_schemas::slot::SlotTable;
use cairn_schemas::time::{DAY_S, Timestamp, Window};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;

/// Blocks of so many slots and more stand apart.
const LONG: usize = 1_000;
/// Days in the longer blocks the same values are packed into, to see what a longer block would save.
const LONGER: [usize; 2] = [7, 28];
/// What the trace may weigh at most: in day blocks, and in longer ones.
const TRACE_DAYS_MAX: f64 = 0.85;
const TRACE_LONGER_MAX: f64 = 0.62;

/// Bytes and values of some kind of block.
#[derive(Clone, Copy, Default)]
struct Tally {
    blocks: u64,
    bytes: u64,
    values: u64,
}

impl Tally {
    fn add(&mut self, table: &SlotTable, bytes: usize) {
        self.blocks += 1;
        self.bytes += bytes as u64;
        self.values += table.values_known() as u64;
    }

    fn each(&self) -> f64 {
        self.bytes as f64 / self.values as f64
    }

    fn line(&self, what: &str) -> String {
        let (blocks, values, bytes, each) = (self.blocks, self.values, self.bytes, self.each());
        format!("{what:32} {blocks:9} blocks {values:11} values {bytes:11} bytes {each:6.3} a value")
    }
}

#[derive(Default)]
struct Weighed {
    days: Tally,
    long_days: Tally,
    longer: [Tally; LONGER.len()],
    series: BTreeMap<String, (u64, u64)>,
}

/// Weighs a store; one that holds the trace may not weigh more than it should.
pub(crate) fn run(dir: &Path, is_trace: bool) -> anyhow::Result<()> {
    let store = open(dir)?;
    let mut all = Weighed::default();
    for source in store.sources()? {
        let mut days = Vec::new();
        for day in days_of(&store)? {
            days.extend(store.day_tables(source.id, day)?);
        }
        all.add(&days)?;
    }
    for (name, (bytes, values)) in &all.series {
        say(&format!("{name:32} {:6.3} bytes a value", *bytes as f64 / *values as f64))?;
    }
    say(&all.days.line("day blocks"))?;
    if all.long_days.blocks > 0 {
        say(&all.long_days.line("those of 1,000 slots and more"))?;
    }
    for (tally, days) in all.longer.iter().zip(LONGER) {
        say(&tally.line(&format!("the same, {days} days a block")))?;
    }
    let folded = folded(&store)?;
    say(&folded.line("weeks in one block, as stored"))?;
    of_file(&store, &all)?;
    anyhow::ensure!(
        !is_trace || all.days.each() <= TRACE_DAYS_MAX && folded.each() <= TRACE_LONGER_MAX,
        "the trace may weigh {TRACE_DAYS_MAX} bytes a value in day blocks and {TRACE_LONGER_MAX} in longer ones"
    );
    Ok(())
}

/// The days something is measured in.
fn days_of(store: &SqliteStore) -> anyhow::Result<impl Iterator<Item = Window>> {
    let Some(extent) = store.extent()? else { anyhow::bail!("nothing is measured") };
    let day = |day: i64| Window { from: Timestamp(day * DAY_S), to: Timestamp((day + 1) * DAY_S) };
    Ok((extent.from.day()..=extent.to.day()).map(day))
}

impl Weighed {
    fn add(&mut self, days: &[SlotTable]) -> anyhow::Result<()> {
        for table in days {
            let weight = weigh(table).map_err(anyhow::Error::msg)?;
            let bytes = weight.slots + weight.columns.iter().sum::<usize>();
            self.days.add(table, bytes);
            if table.slots.len() >= LONG {
                self.long_days.add(table, bytes);
            }
            let values = table.values_known() as u64;
            let mut count = |name: String, bytes: usize, values: u64| {
                let of_series = self.series.entry(name).or_default();
                *of_series = (of_series.0 + bytes as u64, of_series.1 + values);
            };
            count("(slots)".into(), weight.slots, values);
            for (column, bytes) in table.columns.iter().zip(&weight.columns) {
                let metric = metric::by_id(column.key.metric).context("a metric that is not known")?;
                let values = table.slots.len() * if column.max.is_some() { 2 } else { 1 };
                count(metric.name.to_owned(), *bytes, values as u64);
            }
        }
        for (tally, length) in self.longer.iter_mut().zip(LONGER) {
            for days in days.chunks(length) {
                let table = joined(days);
                if table.slots.len() >= LONG {
                    let weight = weigh(&table).map_err(anyhow::Error::msg)?;
                    tally.add(&table, weight.slots + weight.columns.iter().sum::<usize>());
                }
            }
        }
        Ok(())
    }
}

/// The weeks the store itself has put into one block.
fn folded(store: &SqliteStore) -> anyhow::Result<Tally> {
    let db = Connection::open(store.path())?;
    let mut query = db.prepare("select source, day, days, length(block) from day_block where days > 1")?;
    let mut rows = query.query([])?;
    let mut folded = Tally::default();
    while let Some(row) = rows.next()? {
        let (day, days): (i64, i64) = (row.get(1)?, row.get(2)?);
        let window = Window { from: Timestamp(day * DAY_S), to: Timestamp((day + days) * DAY_S) };
        let table = joined(&store.day_tables(row.get(0)?, window)?);
        if table.slots.len() >= LONG {
            folded.add(&table, row.get(3)?);
        }
    }
    Ok(folded)
}

/// What the file holds, table by table; the blocks in it are the ones that were weighed.
fn of_file(store: &SqliteStore, all: &Weighed) -> anyhow::Result<()> {
    let db = Connection::open(store.path())?;
    let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, u64>(0));
    let stored = number("select ifnull(sum(length(block)), 0) from day_block")?;
    let waiting = number("select count(*) from inbox")?;
    anyhow::ensure!(
        waiting > 0 || stored <= all.days.bytes,
        "{stored} bytes stored, {} weighed",
        all.days.bytes
    );
    let in_use = number(
        "select (select page_count from pragma_page_count) - (select freelist_count from pragma_freelist_count)",
    )? * number("select page_size from pragma_page_size")?;
    let weeks = number("select ifnull(sum(length(block)), 0) from week_block")?;
    let values = all.days.values as f64;
    say(&format!(
        "MEASURED density: {:.1} million values: day blocks {:.3} bytes a value, as stored {:.3}, weekly summaries {:.3}, \
         whole file in use {:.3}; {} days a block {:.3}, {} days {:.3}",
        values / 1e6,
        all.days.each(),
        stored as f64 / values,
        weeks as f64 / values,
        in_use as f64 / values,
        LONGER[0],
        all.longer[0].each(),
        LONGER[1],
        all.longer[1].each(),
    ))
}
