//! A fleet of simulated agents against a real collector on loopback: what a batch costs it until it is acknowledged
//! and until it is packed, how long an agent waits, what memory and disk it takes. Bounded in agents and batches.
// SPDX-License-Identifier: Apache-2.0

use anyhow::{Context as _, bail, ensure};
use cairn_schemas::slot::{Column, SlotTable};
use case::Case;
use connection::Habit;
use std::io::Write as _;

mod case;
mod connection;
mod cost;
mod counted;
mod fleet;
mod shapes;
mod table;

const USAGE: &str = "usage: swarm [--short] [--rows WORD]
       swarm [--agents N] [--batches N] [--slots 15|60] [--connections kept|resumed|new] [--in-flight N]
             [--collector PROGRAM] [--keep DIR] [--trace FILE]

The first form measures the whole table, or those rows whose name has the word in it; the second one case. With a
trace each agent sends one of its servers instead, a batch a day.
Batches of each agent follow one another from midnight four days ago on; one more than a whole number of days (97 of
15 minutes, 25 of 60) closes the last of them, so that all but the last batch are packed.";

/// Which rows of the table.
struct Rows {
    is_short: bool,
    word: String,
}

fn main() -> anyhow::Result<()> {
    descriptors();
    let given: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    if given.iter().any(|word| word == "--help") {
        return say(USAGE);
    }
    if let Some(rows) = rows(&given)? {
        return runtime.block_on(table::measure(rows.is_short, &rows.word));
    }
    let (case, trace) = one_case(&given)?;
    let outcome = runtime.block_on(case.run(trace))?;
    outcome.lines(&case).iter().try_for_each(|line| say(line))
}

/// The whole table, where no case is described.
fn rows(given: &[String]) -> anyhow::Result<Option<Rows>> {
    let mut rows = Rows { is_short: false, word: String::new() };
    let mut words = given.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--short" => rows.is_short = true,
            "--rows" => rows.word = words.next().context(USAGE)?.clone(),
            _ => return Ok(None),
        }
    }
    Ok(Some(rows))
}

type Trace = Vec<Vec<SlotTable>>;

fn one_case(given: &[String]) -> anyhow::Result<(Case, Option<Trace>)> {
    let (mut case, mut trace) = (Case::default(), None);
    for pair in given.chunks(2) {
        let [name, value] = pair else { bail!(USAGE) };
        match name.as_str() {
            "--agents" => case.agents = value.parse()?,
            "--batches" => case.batches = value.parse()?,
            "--slots" => case.slots = value.parse()?,
            "--in-flight" => case.in_flight = value.parse()?,
            "--collector" => case.collector = Some(value.clone()),
            "--keep" => case.keep = Some(value.into()),
            "--trace" => trace = Some(recorded(value)?),
            "--connections" => {
                case.habit = match value.as_str() {
                    "kept" => Habit::Kept,
                    "resumed" => Habit::Resumed,
                    "new" => Habit::New,
                    _ => bail!(USAGE),
                }
            }
            _ => bail!(USAGE),
        }
    }
    case.agents = trace.as_ref().map_or(case.agents, Vec::len);
    Ok((case, trace))
}

/// A trace, server by server and day by day.
fn recorded(file: &str) -> anyhow::Result<Trace> {
    let bytes = std::fs::read(file).with_context(|| format!("reading {file}"))?;
    let tables = shapes::read_trace(&bytes, 300).with_context(|| format!("{file} is no trace"))?;
    let days = |table: SlotTable| {
        let mut days = Vec::new();
        let mut from = 0;
        while let Some(first) = table.slots.get(from) {
            let to = table.slots.partition_point(|slot| slot.start.day() <= first.start.day());
            let columns = table.columns.iter().map(|column| Column {
                key: column.key.clone(),
                mean: column.mean[from..to].to_vec(),
                max: None,
            });
            days.push(SlotTable { slots: table.slots[from..to].to_vec(), columns: columns.collect() });
            from = to;
        }
        days
    };
    Ok(tables.into_iter().map(days).collect())
}

/// Raises the limit of open files as far as it goes, for this program and the collector it starts.
fn descriptors() {
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current = limit.maximum;
    // Where it may not be raised, a case that needs more says so.
    let _ = rustix::process::setrlimit(rustix::process::Resource::Nofile, limit);
}

/// Whether so many connections can be open here.
fn ensure_descriptors(connections: usize) -> anyhow::Result<()> {
    /// What a process needs besides.
    const BESIDES: usize = 200;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX);
    ensure!(
        (connections + BESIDES) as u64 <= limit,
        "{connections} connections need more than {limit} descriptors: raise `ulimit -n`"
    );
    Ok(())
}

fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
