//! The run: one thread samples, one keeps the spool and talks to the collector, one polls file systems. Only
//! messages pass between them, so that neither a slow disk nor a slow network ever delays a reading.
// SPDX-License-Identifier: Apache-2.0

mod destination;
mod governor;
pub mod heard;
mod inheritance;
mod keeper;
mod pulse;
mod renewal;
mod service;

pub(crate) use destination::{Destination, Introduction};
pub(crate) use renewal::Renewal;
pub use service::ServiceManager;

use crate::clock::Clock;
use crate::config::Config;
use crate::delivery::{Delivery, Rhythm};
use crate::identity::{Identity, random_bytes};
use crate::inventory;
use crate::moved;
use crate::root::Root;
use crate::rotation::{Keyring, Rotation};
use crate::slot::{OpenMinute, Timeline, WIDTH_S};
use crate::spool::{Limits, Spool, SystemDisk};
use crate::uplink::http::Collector;
use anyhow::Context as _;
use cairn_schemas::directives::Directives;
use cairn_schemas::identity::{AgentId, SpoolId};
use keeper::Keeper;
use pulse::{Control, Message, Pulse};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread::Thread;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

const LOCK_FILE: &str = "lock";
const SPOOL_DIRECTORY: &str = "spool";
const INVENTORY_EVERY: Duration = Duration::from_secs(3_600);
/// What stopping may take for a last upload.
const FAREWELL: Duration = Duration::from_secs(10);
/// A pulse that has not beaten for this long hangs; a resting one beats once a minute.
const HANGS_NS: i64 = 75_000_000_000;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything sealed was acknowledged.
    Delivered,
    /// Batches are left in the spool; the next run sends them.
    Undelivered,
}

/// How this run differs from a service's: bounded, or with narrower slots. For tests and demonstrations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// Ends after this time; otherwise at a signal.
    pub stop_after: Option<Duration>,
    /// Width of its slots, a whole part of a minute; otherwise [`WIDTH_S`].
    pub slot_width_s: Option<u32>,
}

/// The machine a run finds itself on.
#[derive(Clone)]
pub struct Host {
    /// Where its file tree hangs.
    pub root: Root,
    /// Its clocks.
    pub clock: Arc<dyn Clock>,
    /// Who started the run, if a service manager did.
    pub service: ServiceManager,
}

/// Samples and ships until a signal comes or the time of the trial has passed.
///
/// # Errors
/// Not enrolled (an [`crate::identity::IdentityError`] inside), already running on this data directory, or the
/// spool cannot be opened.
pub fn run(data: &Path, host: &Host, config: &Config, trial: Trial) -> anyhow::Result<Ended> {
    Identity::load(data)?;
    let _lock = lock(data)?;
    let now = host.clock.now().timestamp();
    let identity = moved::settle(data, &data.join(SPOOL_DIRECTORY), &host.root, now)?;
    let keyring = Keyring::load(data, identity.agent_id)?;
    let spool = open_spool(data, config, identity.agent_id, keyring.clone())?;
    let collector = Collector::new(&identity.url, identity.ca_spki_sha256.as_deref(), &config.network())
        .map_err(|why| anyhow::anyhow!("cannot prepare the connection to {}: {why}", identity.url))?;
    tracing::info!(collector = identity.url, "samples go to a collector");
    let agent_id = identity.agent_id;
    let renewal = Renewal::new(Rotation::new(data, agent_id, keyring));
    let introduction = Introduction::new(data, identity);
    let destination = Destination::Collector { collector, introduction, renewal };
    ship(data, host, config, trial, spool, agent_id, destination)
}

/// Samples into a spool, and hands on what is sealed, until a signal comes or the time of the trial has passed.
pub(crate) fn ship(
    data: &Path,
    host: &Host,
    config: &Config,
    trial: Trial,
    spool: Spool,
    agent_id: AgentId,
    destination: Destination,
) -> anyhow::Result<Ended> {
    tracing::info!(agent = %agent_id, "sampling begins");
    // What a collector once asked for does not bind a collection that a person began.
    let (directives, heard) = watch::channel(if destination.is_network() {
        heard::load(&SystemDisk, data)
    } else {
        Directives::default()
    });
    let (stop, last_beat_ns) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(i64::MAX)));
    let (sender, messages) = mpsc::unbounded_channel();
    let mut timeline = Timeline::with_width(trial.slot_width_s.unwrap_or(WIDTH_S), spool.covered());
    OpenMinute::take(&mut SystemDisk, data).into_iter().for_each(|open| timeline.resume(open));
    let control =
        Control { stop: Arc::clone(&stop), directives: heard, last_beat_ns: Arc::clone(&last_beat_ns) };
    let pulse = Pulse::new(&host.root, timeline, sender.clone(), control);
    let clock = Arc::clone(&host.clock);
    let sampling = std::thread::Builder::new()
        .name("sampling".into())
        .spawn(move || pulse.beat(&*clock))
        .context("cannot start the sampling thread")?;
    watch_inventory(host, data, &sender)?;
    drop(sender);

    let rhythm = Rhythm { batch_every_s: config.batch_every_s, upload_every_s: config.upload_every_s };
    let asked = directives.borrow().clone();
    let mut delivery = Delivery::new(spool, agent_id, rhythm, asked, |seq| destination.holds(seq));
    if destination.is_network() {
        let [a, b, ..] = random_bytes()?;
        delivery.spread_first_upload(config.upload_every_s, u16::from_le_bytes([a, b]));
    }
    let heritage = destination.collector().filter(|_| !moved::directories(data).is_empty());
    let heritage = heritage.map(|collector| (data.to_owned(), collector));
    let keeper = Keeper::new(Arc::clone(&host.clock), data, delivery, destination, directives);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let watched = Watched { stop: &stop, last_beat_ns: &last_beat_ns, thread: sampling.thread().clone() };
    let stop_after = [trial.stop_after, until(config, &*host.clock)].into_iter().flatten().min();
    let ended = runtime.block_on(attend(keeper, messages, &watched, stop_after, host, heritage))?;
    sampling.join().map_err(|_| anyhow::anyhow!("the sampling thread panicked"))?;
    tracing::info!("sampling ended");
    Ok(ended)
}

/// Opens the spool of an agent beside its keys.
pub(crate) fn open_spool(
    data: &Path,
    config: &Config,
    agent_id: AgentId,
    keyring: Keyring,
) -> anyhow::Result<Spool> {
    let limits = Limits { bytes_max: config.spool_bytes_max, free_ratio_min: config.free_disk_min_ratio };
    let (disk, keys) = (Box::new(SystemDisk), Box::new(keyring));
    let new_id = SpoolId::v4(random_bytes()?);
    Ok(Spool::open(disk, &data.join(SPOOL_DIRECTORY), limits, agent_id, new_id, keys)?)
}

/// How long until the moment at which this agent ends by itself.
fn until(config: &Config, clock: &dyn Clock) -> Option<Duration> {
    let stops_at = config.stops_at().ok().flatten()?;
    Some(Duration::from_secs(u64::try_from(stops_at.0 - clock.now().timestamp().0).unwrap_or(0)))
}

/// One agent a data directory: two would give the same numbers to different batches.
pub(crate) fn lock(data: &Path) -> anyhow::Result<File> {
    let path = data.join(LOCK_FILE);
    let file = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    file.try_lock().with_context(|| format!("an agent is running on {} already", data.display()))?;
    Ok(file)
}

/// Whether an agent runs on a data directory.
#[must_use]
pub fn is_running(data: &Path) -> bool {
    let file = File::open(data.join(LOCK_FILE));
    file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock)))
}

/// Reads the inventory now and again, on a thread of its own since it asks file systems.
fn watch_inventory(host: &Host, data: &Path, sender: &mpsc::UnboundedSender<Message>) -> anyhow::Result<()> {
    // The keeper ends when sampling does; this thread must not keep the channel open.
    let (weak, host, data) = (sender.downgrade(), host.clone(), data.to_owned());
    let watch = move || {
        loop {
            let now = host.clock.now().timestamp();
            let inventory = Box::new(inventory::read_with_data(&host.root, &data, now));
            match weak.upgrade().map(|sender| sender.send(Message::Inventory(inventory))) {
                Some(Ok(())) => std::thread::sleep(INVENTORY_EVERY),
                _ => return,
            }
        }
    };
    std::thread::Builder::new().name("inventory".into()).spawn(watch).context("cannot start a thread")?;
    Ok(())
}

/// The sampling thread as the rest of the run sees it.
struct Watched<'a> {
    stop: &'a AtomicBool,
    last_beat_ns: &'a AtomicI64,
    thread: Thread,
}

impl Watched<'_> {
    fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.unpark();
    }

    fn is_alive(&self, clock: &dyn Clock) -> bool {
        clock.now().mono_ns.saturating_sub(self.last_beat_ns.load(Ordering::Relaxed)) < HANGS_NS
    }
}

async fn attend(
    mut keeper: Keeper,
    mut messages: mpsc::UnboundedReceiver<Message>,
    sampling: &Watched<'_>,
    stop_after: Option<Duration>,
    host: &Host,
    heritage: Option<(PathBuf, Collector)>,
) -> anyhow::Result<Ended> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for signals")?;
    let mut deadline = stop_after.map(|after| Instant::now() + after);
    let mut sign_of_life = host.service.alive_every.map(|_| Instant::now());
    let mut inheriting = std::pin::pin!(async {
        if let Some((data, collector)) = heritage {
            inheritance::deliver(&data, &collector).await;
        }
    });
    let mut inherited = false;
    host.service.ready();
    loop {
        keeper.send_next();
        let due = keeper.next_due();
        tokio::select! {
            message = messages.recv() => match message {
                Some(message) => keeper.take(message),
                None => break,
            },
            (seq, outcome) = keeper.sent() => {
                keeper.settle(seq, &outcome);
                // It may rest and be asked to measure.
                sampling.thread.unpark();
            }
            () = sleep_until(due) => {}
            () = &mut inheriting, if !inherited => inherited = true,
            () = sleep_until(sign_of_life) => {
                if sampling.is_alive(&*host.clock) {
                    host.service.alive();
                }
                sign_of_life = host.service.alive_every.map(|every| Instant::now() + every);
            }
            () = sleep_until(deadline) => {
                deadline = None;
                sampling.stop();
            }
            _ = terminate.recv() => sampling.stop(),
            _ = interrupt.recv() => sampling.stop(),
        }
    }
    host.service.stopping();
    keeper.seal();
    // A collector that does not answer must not hold up a shutdown.
    let _ = tokio::time::timeout(FAREWELL, keeper.farewell()).await;
    keeper.write_status();
    Ok(if keeper.is_delivered() { Ended::Delivered } else { Ended::Undelivered })
}

async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
