//! A collection: the run with its network replaced by a file. Started again with the same file it goes on where
//! it was, until its time has passed.
// SPDX-License-Identifier: Apache-2.0

use super::keyholder::Keyholder;
use super::{Bundle, BundleState, FileMedium, Medium};
use crate::config::Config;
use crate::identity::{SigningKey, fingerprint, make_data_directory};
use crate::inventory::hostname;
use crate::rotation::Keyring;
use crate::run::{Destination, Ended, Host, Trial, lock, open_spool, ship};
use crate::spool::Spool;
use anyhow::{Context as _, ensure};
use cairn_schemas::bundle::{Ending, Header};
use cairn_schemas::time::Timestamp;
use std::cell::RefCell;
use std::fs::File;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// A bundle, the spool it is a copy of, and the time it has.
pub struct Collection {
    bundle: Bundle,
    spool: Spool,
    key: SigningKey,
    state: BundleState,
    _lock: File,
}

/// What a collection came to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Collected {
    /// The bundle.
    #[serde(flatten)]
    pub bundle: BundleState,
    /// Short form of the hash chain over everything in it.
    pub seal: String,
    /// Whether its time has passed and everything is in it; if not, the same command goes on with it.
    pub is_finished: bool,
    /// Whether batches are left that the bundle's disk did not take; the same command tries again.
    pub is_partial: bool,
}

impl Collection {
    /// Begins a bundle at `out`, or takes up the one that is there. It ends when `duration` has passed since it
    /// was begun, however often it was interrupted.
    ///
    /// # Errors
    /// An agent is running on this data directory, `out` is another's bundle or none at all, or a disk refuses.
    pub fn open(
        data: &Path,
        host: &Host,
        config: &Config,
        out: &Path,
        duration: Duration,
    ) -> anyhow::Result<Self> {
        let now = host.clock.now().timestamp();
        make_data_directory(data)?;
        let lock = lock(data)?;
        let free_ratio_min = config.free_disk_min_ratio;
        let at = out.display();
        let begun = resumed(out, free_ratio_min)?;
        let holder = Keyholder::load_or_make(data, begun.as_ref().map(|bundle| bundle.header.agent_id), now)?;
        let key = holder.key()?;
        let keyring = Keyring::load(&holder.directory, holder.agent_id)?;
        let spool = open_spool(&holder.directory, config, holder.agent_id, keyring)?;
        let bundle = if let Some(bundle) = begun {
            let writer = (bundle.header.agent_id, bundle.header.spool_id, &bundle.header.public_key);
            let ours = (holder.agent_id, spool.id(), &key.public_hex());
            ensure!(writer == ours, "{at} is of another agent or spool; name another file with --out");
            bundle
        } else {
            let header = Header {
                agent_id: holder.agent_id,
                spool_id: spool.id(),
                public_key: key.public_hex(),
                hostname: hostname(&host.root),
                fingerprint: fingerprint(&host.root),
                agent_version: env!("CARGO_PKG_VERSION").to_owned(),
                engagement: holder.engagement,
                started_at: now,
            };
            let first = Bundle::beginning(&header, &key)?;
            FileMedium::create(out, &first).with_context(|| format!("cannot create {at}"))?;
            resumed(out, free_ratio_min)?.with_context(|| format!("{at} vanished"))?
        };
        let until = bundle.header.started_at.0.saturating_add_unsigned(duration.as_secs());
        let state = BundleState {
            path: std::path::absolute(out)?.display().to_string(),
            key: bundle.key(),
            until: Timestamp(until),
            ..BundleState::default()
        };
        Ok(Self { bundle, spool, key, state, _lock: lock })
    }

    /// Who writes it.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.bundle.header
    }

    /// How far it is.
    #[must_use]
    pub fn state(&self) -> BundleState {
        let (batches, bytes) = (self.bundle.batches(), self.bundle.bytes());
        BundleState { batches, bytes, ..self.state.clone() }
    }

    /// Whether its time has passed and everything is in it: there is nothing to run.
    #[must_use]
    pub fn is_done(&self, now: Timestamp) -> bool {
        self.bundle.is_finished() && now >= self.state.until && self.left() == 0
    }

    /// Batches of the spool that are not in the bundle.
    fn left(&self) -> usize {
        self.spool.sealed().filter(|seq| !self.bundle.holds(*seq)).count() + self.spool.pending_slots()
    }

    /// Samples until the time has passed or a signal comes, and signs what there is.
    ///
    /// # Errors
    /// The sampling cannot be started, or the end cannot be written; the batches are in the bundle all the same.
    pub fn run(
        self,
        data: &Path,
        host: &Host,
        config: &Config,
        slot_width_s: Option<u32>,
    ) -> anyhow::Result<Collected> {
        // A clock that was ahead when the bundle was begun must not make it longer than was asked for.
        let (until, began) = (self.state.until.0, self.bundle.header.started_at.0);
        let left_s = (until - host.clock.now().timestamp().0).min(until - began);
        let stop_after = Duration::from_secs(left_s.max(0).unsigned_abs());
        let trial = Trial { stop_after: Some(stop_after), slot_width_s };
        // The rhythm of uploads is the collector's; a file takes each batch as it is sealed.
        let config = Config { upload_every_s: None, ..config.clone() };
        let agent_id = self.bundle.header.agent_id;
        let bundle = Rc::new(RefCell::new(self.bundle));
        let (state, clock) = (self.state.clone(), Arc::clone(&host.clock));
        let destination = Destination::Bundle { bundle: Rc::clone(&bundle), state, clock };
        let ended = ship(data, host, &config, trial, self.spool, agent_id, destination)?;
        let now = host.clock.now().timestamp();
        let is_partial = ended == Ended::Undelivered;
        let is_finished = now >= self.state.until && !is_partial;
        let ending = if is_finished { Ending::Finished } else { Ending::Stopped };
        let mut bundle = bundle.borrow_mut();
        bundle.finish(ending, now, &self.key).with_context(|| {
            format!("cannot sign the end of {}; free space and run the same command again", self.state.path)
        })?;
        Ok(Collected {
            bundle: BundleState { batches: bundle.batches(), bytes: bundle.bytes(), ..self.state },
            seal: bundle.seal(),
            is_finished,
            is_partial,
        })
    }

    /// What a finished collection came to.
    #[must_use]
    pub fn collected(&self) -> Collected {
        let (bundle, seal) = (self.state(), self.bundle.seal());
        Collected { bundle, seal, is_finished: true, is_partial: false }
    }
}

/// The bundle of a file, if there is a file.
fn resumed(out: &Path, free_ratio_min: f64) -> anyhow::Result<Option<Bundle>> {
    let tried = || format!("cannot go on with {}; name another file with --out", out.display());
    let Some(medium) = FileMedium::open(out).with_context(tried)? else { return Ok(None) };
    let medium: Box<dyn Medium> = Box::new(medium);
    Bundle::resume(medium, free_ratio_min).map(Some).with_context(tried)
}
