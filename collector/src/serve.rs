//! The collector as a running thing: listener, writer, compaction and outbox, until it is asked to end.
// SPDX-License-Identifier: Apache-2.0

use crate::clock::now;
use crate::engagements::Engagements;
use crate::http::{self, Counters, Door, Listener, Offer, Shared};
use crate::people::Secret;
use crate::schedule;
use crate::store::sqlite::SqliteStore;
use crate::store::{EngagementName, Store};
use crate::tls::Shown;
use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Pause between two rounds of delivery.
const ROUND: Duration = Duration::from_secs(2);
/// Threads that wait look so often whether the end has come.
const PAUSE: Duration = Duration::from_millis(200);
/// A minute between two rounds of compaction: what comes late for a day that is over opens it no more often.
const COMPACTION_PAUSES: usize = 300;
/// Twenty seconds between two looks at the schedules, which know minutes.
const SCHEDULE_PAUSES: usize = 100;
/// File that tells other verbs where the collector listens.
const PLACE_FILE: &str = "listen.json";

/// How to serve.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where engagements are kept.
    pub data_dir: PathBuf,
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Further names agents reach the listener by.
    pub names: Vec<String>,
    /// TLS on loopback too; elsewhere always.
    pub tls: bool,
    /// The pages beyond loopback too; on loopback always.
    pub pages: bool,
    /// The engagement whose pages are shown first.
    pub engagement: EngagementName,
}

/// Where a collector listens, for `cairn token create`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// `http://127.0.0.1:8443` or `https://...`.
    pub url: String,
    /// Hash of the authority's key; `None` without TLS.
    pub ca_spki_sha256: Option<String>,
}

impl Place {
    /// The place the last `cairn serve` of a data directory wrote down.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn recorded(data_dir: &Path) -> anyhow::Result<Self> {
        let path = data_dir.join(PLACE_FILE);
        let text = std::fs::read(&path).with_context(|| {
            format!("reading {}: start `cairn serve` first or give --url", path.display())
        })?;
        serde_json::from_slice(&text).with_context(|| format!("reading {}", path.display()))
    }
}

/// A collector that is running; it ends when this is dropped or [`Running::stop`] is called.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The same for people and agents.
    pub place: Place,
    /// Whether people can look at pages there.
    pub has_pages: bool,
    end: watch::Sender<bool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

/// A link that signs somebody in once: it leads to the first page of an engagement.
#[must_use]
pub fn link(place: &Place, engagement: &str, secret: &Secret) -> String {
    format!("{}/e/{engagement}/enter?link={}", place.url, secret.reveal())
}

impl Running {
    /// Ends it, letting requests finish.
    pub async fn stop(self) {
        let _ = self.end.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

/// Starts a collector on the current tokio runtime.
///
/// # Errors
/// The address cannot be bound, or a store or key not be opened.
pub async fn start(config: Config) -> anyhow::Result<Running> {
    anyhow::ensure!(
        !config.listen.ip().is_unspecified() || !config.names.is_empty(),
        "listening on every address needs --name NAME: the name agents reach this collector by"
    );
    let engagements = Arc::new(Engagements::new(&config.data_dir));
    // It is there before anybody asks for its pages.
    let first = engagements.store(&config.engagement)?;
    let offer = offer(&config, first.as_ref())?;
    let (mut listener, address) = Listener::bind(config.listen)
        .await
        .with_context(|| format!("listening on {}: is another collector running there?", config.listen))?;
    let loopback = address.ip().is_loopback();
    let names = names(&config, address);
    let settings = crate::config::Config::load(&config.data_dir)?.tls;
    let shown = if loopback && !config.tls {
        None
    } else {
        Some(Arc::new(Shown::open(&config.data_dir, &settings, names.clone())?))
    };
    let place = place(&names, address, shown.as_deref());
    std::fs::write(config.data_dir.join(PLACE_FILE), serde_json::to_vec(&place)?)
        .context("writing down where we listen")?;

    let door =
        Door::new(place.clone(), &names_of_people(&config, address), first.engagement().as_str(), loopback);
    let shared = Shared::new(Arc::clone(&engagements), door);
    let router = http::routes(shared.clone(), offer);
    listener.tls = shown.as_ref().map(Shown::acceptor).transpose()?;
    let (end, ended) = watch::channel(false);
    let listening = http::serve(listener, router, Arc::clone(&shared.counters), until(ended.clone()));
    let (stores, counters, over) = (Arc::clone(&engagements), shared.counters, ended.clone());
    let compacting = thread("compaction", move || compaction_rounds(&stores, &counters, &over))?;
    let (stores, dir, over) = (Arc::clone(&engagements), config.data_dir.clone(), ended.clone());
    // Nobody waits for its end: a run that is broken off is begun again.
    drop(thread("schedule", move || schedule_rounds(&stores, &dir, &over))?);
    let tasks = vec![
        tokio::spawn(listening),
        compacting,
        tokio::spawn(rounds(engagements, config.data_dir, shown, ended)),
    ];
    Ok(Running { address, place, has_pages: offer != Offer::Agents, end, tasks })
}

/// What is offered where we listen: beyond loopback the pages only where somebody can sign in to them.
fn offer(config: &Config, first: &dyn Store) -> anyhow::Result<Offer> {
    if config.listen.ip().is_loopback() {
        return Ok(Offer::All);
    }
    if !config.pages {
        return Ok(Offer::Agents);
    }
    let name = first.engagement().as_str();
    anyhow::ensure!(
        first.people()?.iter().any(|person| person.password.is_some()),
        "--pages on {}: nobody of engagement {name} has a password, so that nobody could sign in there; give somebody \
         one first (cairn people add NAME --role admin --engagement {name}), or leave --pages out: then agents alone \
         are served",
        config.listen
    );
    Ok(Offer::Pages)
}

async fn until(mut ended: watch::Receiver<bool>) {
    // A dropped sender ends it too.
    let _ = ended.wait_for(|ended| *ended).await;
}

fn names(config: &Config, address: SocketAddr) -> Vec<String> {
    let own = (!address.ip().is_unspecified()).then(|| address.ip().to_string());
    config.names.iter().cloned().chain(own).chain(["localhost".into(), "127.0.0.1".into()]).collect()
}

/// Names people may ask for: those that were given, and the address; those of loopback only there.
fn names_of_people(config: &Config, address: SocketAddr) -> Vec<String> {
    let own = (!address.ip().is_unspecified()).then(|| address.ip().to_string());
    config.names.iter().cloned().chain(own).collect()
}

fn place(names: &[String], address: SocketAddr, shown: Option<&Shown>) -> Place {
    let scheme = if shown.is_some() { "https" } else { "http" };
    let host = match (shown, names.first()) {
        (Some(_), Some(name)) if name.contains(':') => format!("[{name}]:{}", address.port()),
        (Some(_), Some(name)) => format!("{name}:{}", address.port()),
        _ => address.to_string(),
    };
    Place {
        url: format!("{scheme}://{host}"),
        ca_spki_sha256: shown.map(|shown| shown.ca_spki_sha256.clone()),
    }
}

/// Delivers, removes what is past its time and shows a renewed certificate, round after round, and once more at the
/// end.
async fn rounds(
    engagements: Arc<Engagements>,
    data_dir: PathBuf,
    shown: Option<Arc<Shown>>,
    mut ended: watch::Receiver<bool>,
) {
    loop {
        let over = tokio::select! {
            () = tokio::time::sleep(ROUND) => false,
            _ = ended.wait_for(|ended| *ended) => true,
        };
        refresh(shown.as_deref());
        let (engagements, data_dir) = (Arc::clone(&engagements), data_dir.clone());
        let round = tokio::task::spawn_blocking(move || {
            each_store(&engagements, |store| {
                crate::outbox::deliver_configured(store, &data_dir, now());
                crate::upkeep::daily(store, &data_dir, now());
            });
        });
        if round.await.is_err() {
            tracing::error!("a round of delivery and upkeep panicked; the next one tries again");
        }
        if over {
            return;
        }
    }
}

/// A renewed certificate is shown from the next round on.
fn refresh(shown: Option<&Shown>) {
    match shown.map(Shown::refresh) {
        Some(Ok(true)) => tracing::info!("the listener shows its renewed certificate"),
        Some(Err(error)) => {
            tracing::error!(error = format!("{error:#}"), "the certificate that is shown stays")
        }
        _ => {}
    }
}

/// Starts a thread; the task completes when it has ended.
fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    let (done, finished) = tokio::sync::oneshot::channel::<()>();
    let run = move || {
        work();
        drop(done);
    };
    std::thread::Builder::new()
        .name(name.into())
        .spawn(run)
        .with_context(|| format!("starting the thread of {name}"))?;
    Ok(tokio::spawn(async move {
        // It is dropped, not sent: an error is the end it waits for.
        let _ = finished.await;
    }))
}

/// Waits so many pauses; `false` when the end has come.
fn waited(pauses: usize, ended: &watch::Receiver<bool>) -> bool {
    for _ in 0..pauses {
        if is_over(ended) {
            return false;
        }
        std::thread::sleep(PAUSE);
    }
    true
}

fn is_over(ended: &watch::Receiver<bool>) -> bool {
    *ended.borrow() || ended.has_changed().is_err()
}

/// Compacts, round after round, on a thread of its own: what it costs can be told from what ingest costs, and it
/// takes no thread from it. The end need not wait for it: what is in the inbox is read from there.
fn compaction_rounds(engagements: &Engagements, counters: &Counters, ended: &watch::Receiver<bool>) {
    while waited(COMPACTION_PAUSES, ended) {
        each_store(engagements, |store| match store.compact_due(now(), &|| !is_over(ended)) {
            Ok(done) => counters.add("batch_compacted", done.batches),
            Err(error) => {
                let engagement = store.engagement().as_str();
                tracing::error!(%error, engagement, "compaction failed; it is tried again");
            }
        });
    }
}

/// Works off what is due, round after round, on a thread of its own: an assessment of a large estate takes minutes. One
/// that the end breaks off is begun again by whoever serves next.
fn schedule_rounds(engagements: &Engagements, data_dir: &Path, ended: &watch::Receiver<bool>) {
    while !is_over(ended) {
        each_store(engagements, |store| work_off(store, data_dir));
        waited(SCHEDULE_PAUSES, ended);
    }
}

fn work_off(store: &dyn Store, data_dir: &Path) {
    let engagement = store.engagement();
    let lock = SqliteStore::schedule_lock(data_dir, engagement);
    // A run whose assessment panics stays begun, and is given up after some tries.
    let round = AssertUnwindSafe(|| schedule::round(store, &lock, now()));
    let engagement = engagement.as_str();
    match std::panic::catch_unwind(round) {
        Ok(Ok(done)) => done.into_iter().flatten().for_each(|done| tracing::info!(engagement, "{done}")),
        Ok(Err(error)) => {
            let error = format!("{error:#}");
            tracing::error!(error, engagement, "what is due could not be worked off; it is tried again");
        }
        Err(_) => tracing::error!(engagement, "a scheduled assessment panicked"),
    }
}

fn each_store(engagements: &Engagements, mut each: impl FnMut(&dyn Store)) {
    match engagements.all() {
        Ok(stores) => stores.iter().for_each(|store| each(store.as_ref())),
        Err(error) => tracing::error!(%error, "engagements could not be read"),
    }
}
