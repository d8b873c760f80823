//! Where sealed batches go: to a collector over the network, or into a bundle where there is none.
// SPDX-License-Identifier: Apache-2.0

use super::renewal::Renewal;
use crate::bundle::{Bundle, BundleState};
use crate::clock::Clock;
use crate::identity::Identity;
use crate::uplink::Outcome;
use crate::uplink::http::{Collector, EnrolError};
use cairn_schemas::enrolment::Ack;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// The request of a copy to be known, until the collector has taken it.
#[derive(Clone)]
pub(crate) struct Introduction {
    pending: Rc<RefCell<Option<Identity>>>,
    data: PathBuf,
}

impl Introduction {
    pub(super) fn new(data: &Path, identity: Identity) -> Self {
        let pending = identity.moved.is_some().then_some(identity);
        Self { pending: Rc::new(RefCell::new(pending)), data: data.to_owned() }
    }

    /// Makes it if it is still to be made. A collector that does not know the old identity may be told of the new
    /// one by a person; until then everything is kept.
    async fn make(&self, collector: &Collector) -> Result<(), Outcome> {
        let pending = self.pending.borrow().clone();
        let Some((identity, request)) =
            pending.and_then(|identity| Some((identity.clone(), identity.moved?)))
        else {
            return Ok(());
        };
        match collector.moved(&request).await {
            Ok(()) => {
                // Made twice, it is taken twice: a failure to remember it does no harm.
                let _ = Identity { moved: None, ..identity }.store(&self.data);
                *self.pending.borrow_mut() = None;
                Ok(())
            }
            Err(EnrolError::Unreachable { why, .. }) => Err(Outcome::Unreachable(why)),
            // Whatever the collector has against the request, it has nothing against the batch.
            Err(EnrolError::Refused { status, detail }) => {
                Err(Outcome::Refused { status: status.max(500), retry_after_s: None, detail })
            }
        }
    }
}

/// Where sealed batches go.
#[derive(Clone)]
pub(crate) enum Destination {
    /// A collector, how a copy makes itself known to it first, and how it hears of another key.
    Collector { collector: Collector, introduction: Introduction, renewal: Renewal },
    /// A bundle, what is said of it besides its size, and the host's clock.
    Bundle { bundle: Rc<RefCell<Bundle>>, state: BundleState, clock: Arc<dyn Clock> },
}

impl Destination {
    /// Sends a sealed batch. A bundle acknowledges nothing, since it may be lost on its way: the spool keeps
    /// what it sealed until a collector has it.
    pub(super) async fn send(&self, sealed: Vec<u8>) -> Outcome {
        match self {
            Self::Collector { collector, introduction, renewal } => {
                match introduction.make(collector).await {
                    Ok(()) => renewal.send(collector, sealed).await,
                    Err(outcome) => outcome,
                }
            }
            Self::Bundle { bundle, state, clock } => {
                written(&mut bundle.borrow_mut(), &sealed, &state.path, &**clock)
            }
        }
    }

    /// The collector, if it is one.
    pub(super) fn collector(&self) -> Option<Collector> {
        if let Self::Collector { collector, .. } = self { Some(collector.clone()) } else { None }
    }

    /// Whether others send to it too, and it may ask for something.
    pub(super) const fn is_network(&self) -> bool {
        matches!(self, Self::Collector { .. })
    }

    /// Whether a batch is there for good; of a collector's only the spool knows, which forgets those.
    pub(super) fn holds(&self, seq: u64) -> bool {
        match self {
            Self::Collector { .. } => false,
            Self::Bundle { bundle, .. } => bundle.borrow().holds(seq),
        }
    }

    /// What `status` says of the bundle.
    pub(super) fn bundle_state(&self) -> Option<BundleState> {
        let Self::Bundle { bundle, state, .. } = self else { return None };
        let bundle = bundle.borrow();
        Some(BundleState { batches: bundle.batches(), bytes: bundle.bytes(), ..state.clone() })
    }
}

fn written(bundle: &mut Bundle, sealed: &[u8], path: &str, clock: &dyn Clock) -> Outcome {
    if let Err(why) = bundle.append(sealed) {
        return Outcome::Unreachable(format!("cannot write {path}: {why}"));
    }
    Outcome::Acknowledged(Ack {
        spool_id: bundle.header().spool_id,
        ack_through: 0,
        missing: Vec::new(),
        duplicate: false,
        server_time: clock.now().timestamp(),
        next_upload_in_s: 0,
        directives_version: 0,
        directives: None,
    })
}
