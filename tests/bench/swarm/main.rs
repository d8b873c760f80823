//! A fleet of simulated agents against a real collector on loopback: what a batch costs it until it is acknowledged
//! and until it is packed, how long an agent waits, what the store weighs after. Bounded in agents and batches.
// SPDX-License-Identifier: Apache-2.0

use anyhow::{Context as _, bail, ensure};
use cairn_schemas::batch::{Batch, seal};
use cairn_schemas::digest::hex;
use cairn_schemas::enrolment::{EnrolReply, EnrolRequest, JoinString};
use cairn_schemas::identity::{BatchKey, Id128};
use cairn_schemas::slot::{Column, SlotTable};
use cairn_schemas::time::{DAY_S, MINUTE_S, Timestamp};
use cairn_tests::harness;
use connection::{Connection, Habit};
use cost::Meter;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

mod connection;
mod cost;
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

struct Agent {
    connection: Connection,
    key: Ed25519KeyPair,
    id: Id128,
    server: shapes::Server,
    /// What it sends, where it is a recorded trace.
    recorded: Option<Vec<SlotTable>>,
}

/// What came of one agent's batches.
#[derive(Default)]
struct Told {
    latencies_us: Vec<u64>,
    acknowledged: u64,
    put_off: u64,
    failed: u64,
    sealed_bytes: u64,
    values: u64,
    connections: u64,
}

async fn run(args: Args, trace: Option<Vec<Vec<SlotTable>>>) -> anyhow::Result<()> {
    let data = harness::fresh_dir("swarm");
    let dir = args.keep.clone().map_or_else(|| data.path().to_owned(), Into::into);
    let mut command = harness::cairn(&["serve", "--tls", "--listen", "127.0.0.1:0", "--data"]);
    if let Some(program) = &args.collector {
        command = std::process::Command::new(program);
        command.args(["serve", "--tls", "--listen", "127.0.0.1:0", "--data"]);
    }
    command.arg(&dir);
    let mut collector = harness::Running::start("serve", command);
    let meter = Meter::of(collector.id());
    let said = harness::wait_for("the collector to listen", 30, || {
        let said = collector.stdout();
        said.contains('\n').then_some(said)
    });
    let first = said.lines().next().and_then(|line| line.strip_prefix("listening on https://"));
    let address = first.with_context(|| format!("the collector said {said:?}"))?.parse()?;
    let uses = args.agents.to_string();
    let mut token = harness::cairn(&["token", "create", "--json", "--uses", &uses, "--data"]);
    token.arg(&dir);
    let token = harness::run(token).json();
    let join =
        JoinString::parse(token["join"].as_str().context("no join string")?).map_err(anyhow::Error::msg)?;

    let places = Arc::new(Semaphore::new(args.in_flight));
    let tls = connection::tls()?;
    let begun = Instant::now();
    let mut enrolling = tokio::task::JoinSet::new();
    for number in 0..args.agents {
        let connection = Connection::new(address, number, &tls, args.habit);
        enrolling.spawn(enrol(number, connection, join.clone(), Arc::clone(&places)));
    }
    let mut agents = Vec::with_capacity(args.agents);
    while let Some(agent) = enrolling.join_next().await {
        agents.push(agent??);
    }
    for (agent, recorded) in agents.iter_mut().zip(trace.into_iter().flatten()) {
        agent.recorded = Some(recorded);
    }
    say(&format!("{} agents enrolled in {:.1} s", agents.len(), begun.elapsed().as_secs_f64()))?;

    let before = (meter.cpu_s(), meter.compaction_s());
    let begun = Instant::now();
    let start = Timestamp(harness::now().start_of_day().0 - 4 * DAY_S);
    let mut sending = tokio::task::JoinSet::new();
    for agent in agents {
        sending.spawn(send_all(agent, start, args.batches, args.slots, Arc::clone(&places)));
    }
    let mut told = Told::default();
    let mut open = Vec::new();
    while let Some(agent) = sending.join_next().await {
        let (agent, of_agent) = agent??;
        open.push(agent);
        told.latencies_us.extend(of_agent.latencies_us);
        told.acknowledged += of_agent.acknowledged;
        told.put_off += of_agent.put_off;
        told.failed += of_agent.failed;
        told.sealed_bytes += of_agent.sealed_bytes;
        told.values += of_agent.values;
        told.connections += of_agent.connections;
    }
    let elapsed_s = begun.elapsed().as_secs_f64();
    let loaded = (meter.cpu_s(), meter.compaction_s());
    wait_for_compaction(&meter, loaded.1).await;
    let after = (meter.cpu_s(), meter.compaction_s());
    let resident_mb = meter.resident_peak_mb();
    drop(open);
    let _ = collector.terminate();
    let (file_bytes, used_bytes) = cost::store_bytes(&dir.join("engagements/default.sqlite"));

    told.latencies_us.sort_unstable();
    let quantile = |q: f64| {
        let at = ((told.latencies_us.len() as f64 - 1.0) * q) as usize;
        told.latencies_us.get(at).copied().unwrap_or(0) as f64 / 1e3
    };
    let what = args.trace.clone().unwrap_or_else(|| {
        format!("{} x {} slots x {} series, mean and maximum", args.batches, args.slots, shapes::SERIES)
    });
    let values = told.values as f64;
    let compaction_s = after.1 - before.1;
    let ingest_s = after.0 - before.0 - compaction_s;
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
        quantile(0.5),
        quantile(0.99),
        told.sealed_bytes as f64 / values
    ))?;
    say(&format!(
        "MEASURED swarm: collector {:.4} CPU-s per million values = {:.4} until acknowledged + {:.4} compaction; \
         {:.0} us a batch; resident {:.0} MB at most; store {:.3} bytes a value in use, {:.3} with pages left free",
        per_million(ingest_s + compaction_s),
        per_million(ingest_s),
        per_million(compaction_s),
        ingest_s * 1e6 / told.acknowledged as f64,
        resident_mb,
        used_bytes as f64 / values,
        file_bytes as f64 / values
    ))
}

async fn enrol(
    number: usize,
    mut connection: Connection,
    join: JoinString,
    places: Arc<Semaphore>,
) -> anyhow::Result<Agent> {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    let key = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|why| anyhow::anyhow!("{why}"))?;
    let request = EnrolRequest {
        token_id: join.token_id,
        secret: join.secret,
        public_key: hex(key.public_key().as_ref()),
        hostname: format!("swarm-{number}"),
        fingerprint: format!("swarm-{number}"),
        agent_version: "0.1.0".into(),
    };
    let body = serde_json::to_vec(&request)?;
    loop {
        let place = places.acquire().await?;
        let (status, retry_after, text) = connection.post("/v1/enroll", "application/json", &body).await?;
        drop(place);
        match status {
            200 => {
                let reply: EnrolReply = serde_json::from_slice(&text)?;
                let server = shapes::Server::new(number as u64);
                return Ok(Agent { connection, key, id: reply.agent_id, server, recorded: None });
            }
            429 | 503 => tokio::time::sleep(Duration::from_secs(retry_after)).await,
            _ => bail!("enrolment: {status} {}", String::from_utf8_lossy(&text)),
        }
    }
}

async fn send_all(
    mut agent: Agent,
    start: Timestamp,
    batches: u64,
    slots: usize,
    places: Arc<Semaphore>,
) -> anyhow::Result<(Agent, Told)> {
    let mut told = Told::default();
    let made = agent.connection.made;
    let length_s = slots as i64 * MINUTE_S;
    let batches = agent.recorded.as_ref().map_or(batches, |days| days.len() as u64);
    for seq in 1..=batches {
        let from = Timestamp(start.0 + (seq as i64 - 1) * length_s);
        let table = match &agent.recorded {
            Some(days) => days[seq as usize - 1].clone(),
            None => agent.server.minutes(from, slots),
        };
        loop {
            let place = places.acquire().await?;
            let batch = Batch {
                key: BatchKey { agent_id: agent.id, spool_id: Id128([3; 16]), seq },
                sealed_at: Timestamp(from.0 + length_s),
                table: table.clone(),
                gaps: vec![],
                inventory: None,
            };
            let key = &agent.key;
            let sealed = seal(&batch, |bytes| {
                let mut signature = [0; 64];
                signature.copy_from_slice(key.sign(bytes).as_ref());
                signature
            })?;
            let asked = Instant::now();
            let answer = agent.connection.post("/v1/batches", "application/x-cairn-batch", &sealed).await;
            drop(place);
            match answer {
                Ok((200, ..)) => {
                    told.latencies_us.push(u64::try_from(asked.elapsed().as_micros())?);
                    told.acknowledged += 1;
                    told.sealed_bytes += sealed.len() as u64;
                    told.values += table.values_known() as u64;
                    break;
                }
                Ok((429 | 503, retry_after, _)) => {
                    told.put_off += 1;
                    tokio::time::sleep(Duration::from_secs(retry_after)).await;
                }
                Ok((status, _, text)) => bail!("batch: {status} {}", String::from_utf8_lossy(&text)),
                Err(error) => {
                    told.failed += 1;
                    ensure!(told.failed < 100, "batch: {error}");
                }
            }
        }
    }
    told.connections = agent.connection.made - made;
    Ok((agent, told))
}

/// Until compaction has worked since `before` and rests.
async fn wait_for_compaction(meter: &Meter, before: f64) {
    let begun = Instant::now();
    let mut last = meter.compaction_s();
    let mut rested = Duration::ZERO;
    while rested < Duration::from_secs(5) || (last - before < 0.05 && begun.elapsed() < COMPACTION_WAIT) {
        let pause = Duration::from_millis(500);
        tokio::time::sleep(pause).await;
        let now = meter.compaction_s();
        rested = if now - last > 0.01 { Duration::ZERO } else { rested + pause };
        last = now;
    }
}

fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
