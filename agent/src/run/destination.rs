//! Where sealed batches go: to a collector over the network, or into a bundle where there is none.
// SPDX-License-Identifier: Apache-2.0

use crate::bundle::{Bundle, BundleState};
use crate::clock::Clock;
use crate::uplink::Outcome;
use crate::uplink::http::Collector;
use cairn_schemas::enrolment::Ack;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// Where sealed batches go.
#[derive(Clone)]
pub(crate) enum Destination {
    /// A collector.
    Collector(Collector),
    /// A bundle, what is said of it besides its size, and the host's clock.
    Bundle { bundle: Rc<RefCell<Bundle>>, state: BundleState, clock: Arc<dyn Clock> },
}

impl Destination {
    /// Sends a sealed batch. A bundle acknowledges nothing, since it may be lost on its way: the spool keeps
    /// what it sealed until a collector has it.
    pub(super) async fn send(&self, sealed: Vec<u8>) -> Outcome {
        match self {
            Self::Collector(collector) => collector.send(sealed).await,
            Self::Bundle { bundle, state, clock } => {
                written(&mut bundle.borrow_mut(), &sealed, &state.path, &**clock)
            }
        }
    }

    /// Whether others send to it too, and it may ask for something.
    pub(super) const fn is_network(&self) -> bool {
        matches!(self, Self::Collector(_))
    }

    /// Whether a batch is there for good; of a collector's only the spool knows, which forgets those.
    pub(super) fn holds(&self, seq: u64) -> bool {
        match self {
            Self::Collector(_) => false,
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
