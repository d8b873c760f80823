//! The table: kept, resumed and new connections at 15 and 60 minutes, more than the collector takes at once, ten thousand
//! connections, and what larger fleets would cost, which is extrapolated and says so.
// SPDX-License-Identifier: Apache-2.0

use crate::case::{Case, Outcome};
use crate::connection::Habit::{self, Kept, New, Resumed};
use crate::say;
use cairn_collector::bounds;

const HEAD: &str = "\
MEASURED swarm: connections | minutes | agents | M values | CPU-s/M until acknowledged + packed = all | us/batch | \
batches/s | ms p50 | ms p99 | MB resident (stated bound) | bytes/value wire | disk | put off | lost";

/// A row: its name, and what is run for it.
type Row = (&'static str, Case);

fn rows(is_short: bool) -> Vec<Row> {
    let agents = if is_short { 60 } else { 200 };
    let day = |habit: Habit, slots: usize| {
        let batches = if slots == 15 { 97 } else { 25 };
        Case { agents, batches, slots, habit, ..Case::default() }
    };
    let few = |agents: usize, batches: u64| Case { agents, batches, ..Case::default() };
    let burst = if is_short { 2_500 } else { 5_000 };
    let mut rows = vec![
        ("kept", day(Kept, 15)),
        ("resumed", day(Resumed, 15)),
        ("new", day(New, 15)),
        ("kept", day(Kept, 60)),
        ("resumed", day(Resumed, 60)),
        ("new", day(New, 60)),
        ("back-pressure", Case { is_store_held: true, in_flight: burst, ..few(burst, 4) }),
        ("10000-kept", few(10_000, 2)),
    ];
    if is_short {
        rows.retain(|(name, case)| case.slots == 15 || *name == "kept");
    }
    rows
}

/// Measures the rows whose name has a word in it, and prints each when it is done.
///
/// # Errors
/// A case could not be run, or lost something.
pub(crate) async fn measure(is_short: bool, word: &str) -> anyhow::Result<()> {
    say(HEAD)?;
    let mut measured = Vec::new();
    for (name, case) in rows(is_short).into_iter().filter(|(name, _)| name.contains(word)) {
        let outcome = case.run(None).await?;
        say(&line(name, &case, &outcome))?;
        measured.push((name, case, outcome));
    }
    for (name, case, outcome) in &measured {
        if *name == "resumed" {
            say(&extrapolated(case, outcome))?;
        }
    }
    Ok(())
}

fn line(name: &str, case: &Case, outcome: &Outcome) -> String {
    let told = &outcome.told;
    let [acknowledged, packed] = outcome.cpu_s_per_million();
    let per_value = |bytes: u64| bytes as f64 / told.values as f64;
    format!(
        "MEASURED swarm: {name:>13} | {:>2} | {:>6} | {:>5.1} | {acknowledged:.4} + {packed:.4} = {:.4} | {:>4.0} | {:>6.0} | \
         {:>6.1} | {:>6.1} | {:>4.0} ({:.0}) | {:.2} | {:.2} | {} | 0 of {} slots",
        case.slots,
        case.agents,
        outcome.million_values(),
        acknowledged + packed,
        outcome.used.ingest_s * 1e6 / told.acknowledged as f64,
        outcome.batches_per_s(),
        told.latency_ms(0.5),
        told.latency_ms(0.99),
        outcome.resident_mb[1],
        bounds::resident_bytes_max(case.agents) as f64 / 1e6,
        per_value(told.wire_bytes),
        per_value(outcome.store_bytes.1),
        told.put_off,
        outcome.slots_stored
    )
}

/// A fleet that is not measured: its batches a second times what one costs here. Agents of such a fleet come back with
/// the session they had, since nobody keeps a connection for a quarter of an hour.
fn extrapolated(case: &Case, outcome: &Outcome) -> String {
    const AGENTS: f64 = 100_000.0;
    let batches_per_s = AGENTS / (case.slots as f64 * 60.0);
    let values_per_batch = outcome.told.values as f64 / outcome.told.acknowledged as f64;
    let [acknowledged, packed] = outcome.cpu_s_per_million();
    let cores = batches_per_s * values_per_batch / 1e6 * (acknowledged + packed);
    let wire = outcome.told.wire_bytes as f64 / outcome.told.values as f64;
    let per_day = AGENTS * values_per_batch * 86_400.0 / (case.slots as f64 * 60.0);
    let disk = outcome.store_bytes.1 as f64 / outcome.told.values as f64;
    format!(
        "MEASURED swarm: extrapolated, not measured: {AGENTS:.0} agents at {} minutes, resumed: {batches_per_s:.0} batches/s, \
         {cores:.2} of a core, {:.1} MB/s on the wire, {:.1} GB a day on disk; at most {} connections at once \
         to each collector",
        case.slots,
        batches_per_s * values_per_batch * wire / 1e6,
        per_day * disk / 1e9,
        bounds::CONNECTIONS_MAX
    )
}
