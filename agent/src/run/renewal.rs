//! Sends batches, and carries out changes of key around them: another key goes out after an acknowledgement that asks
//! for one, and all of them go out again to a collector that does not know them any more.
// SPDX-License-Identifier: Apache-2.0

use crate::identity::IdentityError;
use crate::rotation::Rotation;
use crate::uplink::Outcome;
use crate::uplink::http::{Collector, EnrolError};
use cairn_schemas::enrolment::RotateRequest;
use std::cell::RefCell;
use std::rc::Rc;

/// Status of what will not be taken however often it is sent.
const FOR_GOOD: [u16; 5] = [400, 404, 405, 409, 422];

/// What is sent to a collector.
pub(crate) trait Line {
    /// A sealed batch.
    async fn send(&self, sealed: Vec<u8>) -> Outcome;
    /// A request for another key.
    async fn rotate(&self, request: &RotateRequest) -> Result<(), EnrolError>;
}

impl Line for Collector {
    async fn send(&self, sealed: Vec<u8>) -> Outcome {
        Self::send(self, sealed).await
    }

    async fn rotate(&self, request: &RotateRequest) -> Result<(), EnrolError> {
        Self::rotate(self, request).await
    }
}

/// The changes of key of a run, shared by what is sent.
#[derive(Clone)]
pub(crate) struct Renewal(Rc<RefCell<Rotation>>);

impl Renewal {
    pub(super) fn new(rotation: Rotation) -> Self {
        Self(Rc::new(RefCell::new(rotation)))
    }

    /// Sends a sealed batch. Where the collector takes its signature for nobody's, it may have been brought back from
    /// before a change of key: it is shown them all, and then the batch once more.
    pub(super) async fn send(&self, line: &impl Line, sealed: Vec<u8>) -> Outcome {
        let shown = self.0.borrow().all().unwrap_or_default();
        let again = if shown.is_empty() { None } else { Some(sealed.clone()) };
        let mut outcome = line.send(sealed).await;
        if let (Outcome::Refused { status: 400, .. }, Some(sealed)) = (&outcome, again) {
            outcome = match present(line, &shown).await {
                Ok(()) => line.send(sealed).await,
                Err(kept) => kept,
            };
        }
        if let Outcome::Acknowledged(ack) = &outcome {
            let asked = ack.directives.as_ref().map_or(0, |directives| directives.key_epoch);
            if let Err(error) = self.follow(line, asked).await {
                tracing::warn!(%error, "another key cannot be kept; the one there is signs on");
            }
        }
        outcome
    }

    /// Makes another key where one is asked for. Nothing waits for it: the key there is is good as long as no other
    /// has been used.
    async fn follow(&self, line: &impl Line, asked: u64) -> Result<(), IdentityError> {
        let request = self.0.borrow_mut().request(asked)?;
        let Some(request) = request else { return Ok(()) };
        match line.rotate(&request).await {
            Ok(()) => self.0.borrow_mut().taken(&request),
            Err(EnrolError::Refused { status, detail }) if FOR_GOOD.contains(&status) => {
                tracing::warn!(status, detail, "the collector does not take another key");
                self.0.borrow_mut().refused(&request, asked)
            }
            // It may have been taken and the answer lost: the same goes out with the next batch.
            Err(_) => Ok(()),
        }
    }
}

/// Shows a collector the changes of key it may not know. Whatever it has against them, it has nothing against the
/// batch, which is kept.
async fn present(line: &impl Line, shown: &[RotateRequest]) -> Result<(), Outcome> {
    for request in shown {
        line.rotate(request).await.map_err(|error| match error {
            EnrolError::Unreachable { why, .. } => Outcome::Unreachable(why),
            EnrolError::Refused { status, detail } => {
                Outcome::Refused { status: status.max(500), retry_after_s: None, detail }
            }
        })?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "renewal_tests.rs"]
mod tests;
