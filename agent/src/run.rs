//! The run: one thread samples, one keeps the spool and talks to the collector, one polls file systems. Only
//! messages pass between them, so that neither a slow disk nor a slow network ever delays a reading.
// SPDX-License-Identifier: Apache-2.0

mod keeper;
mod pulse;

use crate::clock::SystemClock;
use crate::config::Config;
use crate::identity::{Identity, SigningKey, random_bytes};
use crate::inventory;
use crate::root::Root;
use crate::slot::{Timeline, WIDTH_S};
use crate::spool::{Limits, Spool, SystemDisk};
use crate::uplink::Uplink;
use crate::uplink::http::Collector;
use anyhow::Context as _;
use cairn_schemas::identity::SpoolId;
use keeper::Keeper;
use pulse::{Message, Pulse};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

const LOCK_FILE: &str = "lock";
const SPOOL_DIRECTORY: &str = "spool";
const INVENTORY_EVERY: Duration = Duration::from_secs(3_600);
/// What stopping may take for a last upload.
const FAREWELL: Duration = Duration::from_secs(10);

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

/// Samples and ships until a signal comes or the time of the trial has passed.
///
/// # Errors
/// Not enrolled (an [`crate::identity::IdentityError`] inside), already running on this data directory, or the
/// spool cannot be opened.
pub fn run(data: &Path, root: &Root, config: &Config, trial: Trial) -> anyhow::Result<Ended> {
    let identity = Identity::load(data)?;
    let key = SigningKey::load_or_make(data)?;
    let _lock = lock(data)?;
    let limits = Limits { bytes_max: config.spool_bytes_max, free_ratio_min: config.free_disk_min_ratio };
    let spool = Spool::open(
        Box::new(SystemDisk),
        &data.join(SPOOL_DIRECTORY),
        limits,
        identity.agent_id,
        SpoolId::v4(random_bytes()?),
        Box::new(key),
    )?;
    let collector = Collector::new(&identity.url, identity.ca_spki_sha256.as_deref())
        .map_err(|why| anyhow::anyhow!("cannot prepare the connection to {}: {why}", identity.url))?;
    tracing::info!(collector = identity.url, agent = %identity.agent_id, "sampling begins");

    let stop = Arc::new(AtomicBool::new(false));
    let (sender, messages) = mpsc::unbounded_channel();
    let timeline = Timeline::with_width(trial.slot_width_s.unwrap_or(WIDTH_S), spool.covered());
    let pulse = Pulse::new(root, timeline, sender.clone(), Arc::clone(&stop));
    let sampling = std::thread::Builder::new()
        .name("sampling".into())
        .spawn(move || pulse.beat(&SystemClock))
        .context("cannot start the sampling thread")?;
    watch_inventory(root.clone(), data.to_owned(), &sender)?;
    drop(sender);

    let uplink = Uplink::new(spool.id(), spool.sealed(), config.upload_every_s);
    let keeper = Keeper::new(data, spool, uplink, collector, &identity, config);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let ended = runtime.block_on(attend(keeper, messages, &stop, trial.stop_after))?;
    stop.store(true, Ordering::Relaxed);
    sampling.join().map_err(|_| anyhow::anyhow!("the sampling thread panicked"))?;
    tracing::info!("sampling ended");
    Ok(ended)
}

/// One agent a data directory: two would give the same numbers to different batches.
fn lock(data: &Path) -> anyhow::Result<File> {
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
fn watch_inventory(root: Root, data: PathBuf, sender: &mpsc::UnboundedSender<Message>) -> anyhow::Result<()> {
    use crate::clock::Clock as _;
    // The keeper ends when sampling does; this thread must not keep the channel open.
    let weak = sender.downgrade();
    let watch = move || {
        loop {
            let inventory = Box::new(inventory::read_with_data(&root, &data, SystemClock.now().timestamp()));
            match weak.upgrade().map(|sender| sender.send(Message::Inventory(inventory))) {
                Some(Ok(())) => std::thread::sleep(INVENTORY_EVERY),
                _ => return,
            }
        }
    };
    std::thread::Builder::new().name("inventory".into()).spawn(watch).context("cannot start a thread")?;
    Ok(())
}

async fn attend(
    mut keeper: Keeper,
    mut messages: mpsc::UnboundedReceiver<Message>,
    stop: &AtomicBool,
    stop_after: Option<Duration>,
) -> anyhow::Result<Ended> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for signals")?;
    let deadline = stop_after.map(|after| tokio::time::Instant::now() + after);
    loop {
        keeper.send_next();
        let due = keeper.next_due();
        tokio::select! {
            message = messages.recv() => match message {
                Some(message) => keeper.take(message),
                None => break,
            },
            (seq, outcome) = keeper.sent() => keeper.settle(seq, &outcome),
            () = sleep_until(due) => {}
            () = sleep_until(deadline), if !stop.load(Ordering::Relaxed) => stop.store(true, Ordering::Relaxed),
            _ = terminate.recv() => stop.store(true, Ordering::Relaxed),
            _ = interrupt.recv() => stop.store(true, Ordering::Relaxed),
        }
    }
    keeper.seal();
    // A collector that does not answer must not hold up a shutdown.
    let _ = tokio::time::timeout(FAREWELL, keeper.farewell()).await;
    keeper.write_status();
    Ok(if keeper.is_delivered() { Ended::Delivered } else { Ended::Undelivered })
}

async fn sleep_until(moment: Option<tokio::time::Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
