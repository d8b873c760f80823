//! One case: a collector of its own, a fleet that enrols and sends, and what came of it.
// SPDX-License-Identifier: Apache-2.0

use crate::connection::{self, Connection, Habit};
use crate::cost::{self, Meter, Used};
use crate::fleet::{Agent, Load, Told};
use crate::{Trace, ensure_descriptors, shapes};
use anyhow::Context as _;
use cairn_collector::store::Store as _;
use cairn_collector::store::sqlite::SqliteStore;
use cairn_schemas::enrolment::JoinString;
use cairn_schemas::fact::{Fact, FactValue};
use cairn_schemas::time::{DAY_S, Timestamp, Window};
use cairn_tests::harness;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How long compaction may take to begin.
const COMPACTION_WAIT: Duration = Duration::from_secs(75);
/// The first batch of each is of so long ago.
const DAYS_BACK: i64 = 4;

/// A fleet and how it sends.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) agents: usize,
    /// Batches of each agent.
    pub(crate) batches: u64,
    /// Minutes of a batch.
    pub(crate) slots: usize,
    pub(crate) habit: Habit,
    /// Requests at once.
    pub(crate) in_flight: usize,
    /// Whether another process keeps the store for itself meanwhile, so that more is offered than can be written.
    pub(crate) is_store_held: bool,
    /// Another program than the one that was built.
    pub(crate) collector: Option<String>,
    /// Where its store is to stay.
    pub(crate) keep: Option<PathBuf>,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            agents: 200,
            batches: 97,
            slots: 15,
            habit: Habit::Kept,
            in_flight: 64,
            is_store_held: false,
            collector: None,
            keep: None,
        }
    }
}

/// What came of a case.
pub(crate) struct Outcome {
    pub(crate) told: Told,
    pub(crate) elapsed_s: f64,
    pub(crate) used: Used,
    /// Before the first agent enrolled, and at most.
    pub(crate) resident_mb: [f64; 2],
    /// Of the store's file in use, and in all.
    pub(crate) store_bytes: (u64, u64),
    /// Slots that are readable at the end.
    pub(crate) slots_stored: u64,
}

impl Case {
    /// Runs it.
    ///
    /// # Errors
    /// The collector cannot be started, refuses what is good, or lost something.
    pub(crate) async fn run(&self, trace: Option<Trace>) -> anyhow::Result<Outcome> {
        if self.habit == Habit::Kept {
            ensure_descriptors(self.agents)?;
        }
        let data = harness::fresh_dir("swarm");
        let dir = self.keep.clone().unwrap_or_else(|| data.path().to_owned());
        let mut host = Host::start(self, &dir)?;
        let resident_mb = host.meter.resident_peak_mb();
        let places = Arc::new(Semaphore::new(self.in_flight));
        let mut agents = self.enrolled(&host, &places).await?;
        for (agent, recorded) in agents.iter_mut().zip(trace.into_iter().flatten()) {
            agent.recorded = Some(recorded);
        }
        if self.habit == Habit::Kept {
            open_all(&mut agents).await?;
        }
        let before = host.meter.used();
        let begun = Instant::now();
        let folder = dir.clone();
        let holding = self.is_store_held.then(|| tokio::task::spawn_blocking(move || hold_store(&folder)));
        let (told, open) = self.sent(agents, &places).await?;
        let elapsed_s = begun.elapsed().as_secs_f64();
        if let Some(holding) = holding {
            holding.await??;
        }
        wait_for_compaction(&host.meter).await;
        let used = host.meter.used() - before;
        let resident_mb = [resident_mb, host.meter.resident_peak_mb()];
        drop(open);
        let _ = host.collector.terminate();
        let slots_stored = slots_stored(&dir)?;
        // Whoever closes a store last has its log taken over into the file.
        let store_bytes = cost::store_bytes(&dir.join("engagements/default.sqlite"));
        anyhow::ensure!(
            slots_stored == told.slots,
            "{} slots acknowledged, {slots_stored} readable",
            told.slots
        );
        Ok(Outcome { told, elapsed_s, used, resident_mb, store_bytes, slots_stored })
    }

    async fn enrolled(&self, host: &Host, places: &Arc<Semaphore>) -> anyhow::Result<Vec<Agent>> {
        let tls = connection::tls()?;
        let mut enrolling = tokio::task::JoinSet::new();
        for number in 0..self.agents {
            let connection = Connection::new(host.address, number, &tls, self.habit);
            enrolling.spawn(Agent::enrol(number, connection, host.join.clone(), Arc::clone(places)));
        }
        let mut agents = Vec::with_capacity(self.agents);
        while let Some(agent) = enrolling.join_next().await {
            agents.push(agent??);
        }
        Ok(agents)
    }

    async fn sent(&self, agents: Vec<Agent>, places: &Arc<Semaphore>) -> anyhow::Result<(Told, Vec<Agent>)> {
        let start = Timestamp(harness::now().start_of_day().0 - DAYS_BACK * DAY_S);
        let load = Load { start, batches: self.batches, slots: self.slots };
        let mut sending = tokio::task::JoinSet::new();
        for agent in agents {
            sending.spawn(agent.send_all(load, Arc::clone(places)));
        }
        let (mut told, mut open) = (Told::default(), Vec::new());
        while let Some(agent) = sending.join_next().await {
            let (agent, of_agent) = agent??;
            open.push(agent);
            told.add(of_agent);
        }
        told.latencies_us.sort_unstable();
        Ok((told, open))
    }
}

/// Enrolment may have taken longer than a connection is kept: all are open when measuring begins.
async fn open_all(agents: &mut [Agent]) -> anyhow::Result<()> {
    for agent in agents {
        agent.reopen().await?;
    }
    Ok(())
}

/// Keeps a store for itself for some seconds, as a large import does: one fact, over and over, in one transaction.
fn hold_store(dir: &Path) -> anyhow::Result<()> {
    const TIMES: usize = 200_000;
    let store = SqliteStore::open(dir, &"default".parse()?)?;
    let fact = Fact {
        value: FactValue::Text("somebody".into()),
        unit: String::new(),
        source: "import".into(),
        observed_at: harness::now(),
        valid_from: None,
        confirmed_by: None,
    };
    let facts = vec![("owner".to_owned(), fact); TIMES];
    Ok(store.put_all_facts(&BTreeMap::from([("imported".to_owned(), facts)]))?)
}

/// Slots of all agents, read as an assessment reads them.
fn slots_stored(dir: &Path) -> anyhow::Result<u64> {
    let store = SqliteStore::open(dir, &"default".parse()?)?;
    let ever = Window { from: Timestamp(0), to: Timestamp(harness::now().0 + DAY_S) };
    let mut slots = 0;
    for source in store.sources()? {
        slots += store.day_tables(source.id, ever)?.iter().map(|table| table.slots.len() as u64).sum::<u64>();
    }
    Ok(slots)
}

/// A collector of its own, what it listens on, and how to join it.
struct Host {
    collector: harness::Running,
    meter: Meter,
    address: SocketAddr,
    join: JoinString,
}

impl Host {
    fn start(case: &Case, dir: &Path) -> anyhow::Result<Self> {
        const SERVE: [&str; 5] = ["serve", "--tls", "--listen", "127.0.0.1:0", "--data"];
        let mut command = match &case.collector {
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
        let uses = case.agents.to_string();
        let mut token = harness::cairn(&["token", "create", "--json", "--uses", &uses, "--data"]);
        token.arg(dir);
        let token = harness::run(token).json();
        let join = token["join"].as_str().context("no join string")?;
        let join = JoinString::parse(join).map_err(anyhow::Error::msg)?;
        Ok(Self { collector, meter, address, join })
    }
}

impl Outcome {
    pub(crate) fn million_values(&self) -> f64 {
        self.told.values as f64 / 1e6
    }

    /// CPU seconds of the collector a million values, until acknowledged and for compaction.
    pub(crate) fn cpu_s_per_million(&self) -> [f64; 2] {
        [self.used.ingest_s, self.used.compaction_s].map(|seconds| seconds / self.million_values())
    }

    pub(crate) fn batches_per_s(&self) -> f64 {
        self.told.acknowledged as f64 / self.elapsed_s
    }

    /// What a case alone says.
    pub(crate) fn lines(&self, case: &Case) -> [String; 3] {
        let told = &self.told;
        let [acknowledged, compaction] = self.cpu_s_per_million();
        let per_value = |bytes: u64| bytes as f64 / told.values as f64;
        [
            format!(
                "MEASURED swarm: {} agents, {:?} connections ({} made), {} at once, {} batches of up to {} series: \
                 {:.1} million values, {} put off, {} failed, {} slots readable after",
                case.agents,
                case.habit,
                told.connections,
                case.in_flight,
                told.acknowledged,
                shapes::SERIES,
                self.million_values(),
                told.put_off,
                told.failed,
                self.slots_stored
            ),
            format!(
                "MEASURED swarm: {:.0} batches/s, {:.2} million values/s; acknowledged in {:.1} ms (median), {:.1} ms \
                 (p99); {:.2} bytes a value on the wire",
                self.batches_per_s(),
                self.million_values() / self.elapsed_s,
                told.latency_ms(0.5),
                told.latency_ms(0.99),
                per_value(told.wire_bytes)
            ),
            format!(
                "MEASURED swarm: collector {:.4} CPU-s per million values = {acknowledged:.4} until acknowledged + \
                 {compaction:.4} compaction; {:.0} us a batch; resident {:.0} MB at most; store {:.3} bytes a value in \
                 use, {:.3} with pages left free",
                acknowledged + compaction,
                self.used.ingest_s * 1e6 / told.acknowledged as f64,
                self.resident_mb[1],
                per_value(self.store_bytes.1),
                per_value(self.store_bytes.0)
            ),
        ]
    }
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
