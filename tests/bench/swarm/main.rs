//! A fleet of simulated agents against a real collector on loopback: what a batch costs it until it is acknowledged
//! and until it is packed, how long an agent waits, what the store weighs after. Bounded in agents and batches.
// SPDX-License-Identifier: Apache-2.0

use anyhow::{Context as _, bail, ensure};
use cairn_schemas::enrolment::JoinString;
use cairn_schemas::slot::{Column, SlotTable};
use cairn_schemas::time::{DAY_S, Timestamp};
use cairn_tests::harness;
use connection::{Connection, Habit};
use cost::{Meter, Used};
use fleet::{Agent, Load, Told};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

mod connection;
mod cost;
mod fleet;
mod shapes;

const USAGE: &str = "usage: swarm [--agents N] [--batches N] [--slots 15|60] [--connections kept|resumed|new]
             [--in-flight N] [--collector PROGRAM] [--keep DIR] [--trace FILE]

With a trace each agent sends one of its servers instead, a batch a day.
Batches of each agent follow one another from midnight four days ago on; one more than a whole number of days (97 of
15 minutes, 25 of 60) closes the last of them, so that all but the last batch are packed.";
/// Descriptors the collector needs besides one an agent.
const DESCRIPTORS_BESIDES: usize = 200;
/// How long compaction may take to begin.
const COMPACTION_WAIT: Duration = Duration::from_secs(75);
/// The first batch of each is of so long ago.
const DAYS_BACK: i64 = 4;

struct Args {
    agents: usize,
    batches: u64,
    slots: usize,
    habit: Habit,
    in_flight: usize,
    collector: Option<String>,
    keep: Option<String>,
    trace: Option<String>,
}

fn args() -> anyhow::Result<Args> {
    let mut args = Args {
        agents: 200,
        batches: 97,
        slots: 15,
        habit: Habit::Kept,
        in_flight: 64,
        collector: None,
        keep: None,
        trace: None,
    };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let value = given.next().context(USAGE)?;
        match name.as_str() {
            "--agents" => args.agents = value.parse()?,
            "--batches" => args.batches = value.parse()?,
            "--slots" => args.slots = value.parse()?,
            "--in-flight" => args.in_flight = value.parse()?,
            "--collector" => args.collector = Some(value),
            "--keep" => args.keep = Some(value),
            "--trace" => args.trace = Some(value),
            "--connections" => {
                args.habit = match value.as_str() {
                    "kept" => Habit::Kept,
                    "resumed" => Habit::Resumed,
                    "new" => Habit::New,
                    _ => bail!(USAGE),
                }
            }
            _ => bail!(USAGE),
        }
    }
    Ok(args)
}

fn main() -> anyhow::Result<()> {
    let mut args = args()?;
    let trace = args.trace.as_ref().map(|file| recorded(file)).transpose()?;
    args.agents = trace.as_ref().map_or(args.agents, Vec::len);
    let descriptors = descriptors();
    ensure!(
        args.habit != Habit::Kept || args.agents + DESCRIPTORS_BESIDES <= descriptors,
        "{} kept connections need more than {descriptors} descriptors: raise `ulimit -n`",
        args.agents
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(run(args, trace))
}

/// A trace, server by server and day by day.
fn recorded(file: &str) -> anyhow::Result<Vec<Vec<SlotTable>>> {
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

fn descriptors() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(usize::MAX)
}

/// A collector of its own, what it listens on, and how to join it.
struct Host {
    collector: harness::Running,
    meter: Meter,
    address: SocketAddr,
    join: JoinString,
}

fn start(args: &Args, dir: &Path) -> anyhow::Result<Host> {
    const SERVE: [&str; 5] = ["serve", "--tls", "--listen", "127.0.0.1:0", "--data"];
    let mut command = match &args.collector {
        Some(program) => {
            let mut command = std::process::Command::new(program);
            command.args(SERVE);
            command
        }
        None => harness::cairn(&SERVE),
    };
    command.arg(dir);
    let collector = harness::Running::start("serve", command);
    let meter = Meter::of(collector.id());
    let said = harness::wait_for("the collector to listen", 30, || {
        let said = collector.stdout();
        said.contains('\n').then_some(said)
    });
    let first = said.lines().next().and_then(|line| line.strip_prefix("listening on https://"));
    let address = first.with_context(|| format!("the collector said {said:?}"))?.parse()?;
    let uses = args.agents.to_string();
    let mut token = harness::cairn(&["token", "create", "--json", "--uses", &uses, "--data"]);
    token.arg(dir);
    let token = harness::run(token).json();
    let join = token["join"].as_str().context("no join string")?;
    let join = JoinString::parse(join).map_err(anyhow::Error::msg)?;
    Ok(Host { collector, meter, address, join })
}

async fn enrolled(args: &Args, host: &Host, places: &Arc<Semaphore>) -> anyhow::Result<Vec<Agent>> {
    let tls = connection::tls()?;
    let begun = Instant::now();
    let mut enrolling = tokio::task::JoinSet::new();
    for number in 0..args.agents {
        let connection = Connection::new(host.address, number, &tls, args.habit);
        enrolling.spawn(Agent::enrol(number, connection, host.join.clone(), Arc::clone(places)));
    }
    let mut agents = Vec::with_capacity(args.agents);
    while let Some(agent) = enrolling.join_next().await {
        agents.push(agent??);
    }
    say(&format!("{} agents enrolled in {:.1} s", agents.len(), begun.elapsed().as_secs_f64()))?;
    Ok(agents)
}

async fn run(args: Args, trace: Option<Vec<Vec<SlotTable>>>) -> anyhow::Result<()> {
    let data = harness::fresh_dir("swarm");
    let dir = args.keep.clone().map_or_else(|| data.path().to_owned(), Into::into);
    let mut host = start(&args, &dir)?;
    let places = Arc::new(Semaphore::new(args.in_flight));
    let mut agents = enrolled(&args, &host, &places).await?;
    for (agent, recorded) in agents.iter_mut().zip(trace.into_iter().flatten()) {
        agent.recorded = Some(recorded);
    }

    let before = host.meter.used();
    let begun = Instant::now();
    let start = Timestamp(harness::now().start_of_day().0 - DAYS_BACK * DAY_S);
    let load = Load { start, batches: args.batches, slots: args.slots };
    let mut sending = tokio::task::JoinSet::new();
    for agent in agents {
        sending.spawn(agent.send_all(load, Arc::clone(&places)));
    }
    let mut told = Told::default();
    let mut open = Vec::new();
    while let Some(agent) = sending.join_next().await {
        let (agent, of_agent) = agent??;
        open.push(agent);
        told.add(of_agent);
    }
    let elapsed_s = begun.elapsed().as_secs_f64();
    wait_for_compaction(&host.meter).await;
    let used = host.meter.used() - before;
    let resident_mb = host.meter.resident_peak_mb();
    drop(open);
    let _ = host.collector.terminate();
    told.latencies_us.sort_unstable();
    let weight = cost::store_bytes(&dir.join("engagements/default.sqlite"));
    report(&args, &told, elapsed_s, used, resident_mb, weight)
}

fn report(
    args: &Args,
    told: &Told,
    elapsed_s: f64,
    used: Used,
    resident_mb: f64,
    (file_bytes, used_bytes): (u64, u64),
) -> anyhow::Result<()> {
    let what = args.trace.clone().unwrap_or_else(|| {
        format!("{} x {} slots x {} series, mean and maximum", args.batches, args.slots, shapes::SERIES)
    });
    let values = told.values as f64;
    let per_million = |seconds: f64| seconds / (values / 1e6);
    say(&format!(
        "MEASURED swarm: {} agents, {:?} connections ({} made besides enrolment's), {} at once, {}: \
         {:.1} million values in {} batches, {} put off, {} failed",
        args.agents,
        args.habit,
        told.connections,
        args.in_flight,
        what,
        values / 1e6,
        told.acknowledged,
        told.put_off,
        told.failed
    ))?;
    say(&format!(
        "MEASURED swarm: {:.0} batches/s, {:.2} million values/s; acknowledged in {:.1} ms (median), {:.1} ms (p99); \
         {:.2} bytes a value on the wire (sealed)",
        told.acknowledged as f64 / elapsed_s,
        values / 1e6 / elapsed_s,
        told.latency_ms(0.5),
        told.latency_ms(0.99),
        told.sealed_bytes as f64 / values
    ))?;
    say(&format!(
        "MEASURED swarm: collector {:.4} CPU-s per million values = {:.4} until acknowledged + {:.4} compaction; \
         {:.0} us a batch; resident {:.0} MB at most; store {:.3} bytes a value in use, {:.3} with pages left free",
        per_million(used.ingest_s + used.compaction_s),
        per_million(used.ingest_s),
        per_million(used.compaction_s),
        used.ingest_s * 1e6 / told.acknowledged as f64,
        resident_mb,
        used_bytes as f64 / values,
        file_bytes as f64 / values
    ))
}

/// Until compaction has worked and rests.
async fn wait_for_compaction(meter: &Meter) {
    let begun = Instant::now();
    let before = meter.used().compaction_s;
    let mut last = before;
    let mut rested = Duration::ZERO;
    while rested < Duration::from_secs(5) || (last - before < 0.05 && begun.elapsed() < COMPACTION_WAIT) {
        let pause = Duration::from_millis(500);
        tokio::time::sleep(pause).await;
        let now = meter.used().compaction_s;
        rested = if now - last > 0.01 { Duration::ZERO } else { rested + pause };
        last = now;
    }
}

fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
