//! Making an assessment and moving it forward: what a verb and a page do alike.
// SPDX-License-Identifier: Apache-2.0

use crate::evidence::{self, Inputs};
use crate::store::{ReviewState, Store};
use cairn_assess::estate::Estate;
use cairn_assess::policy::Policy;
use cairn_schemas::assessment::Assessment;
use cairn_schemas::time::Timestamp;

/// Why nobody has signed an assessment.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// Nobody does it.
    #[error("an assessment is {0} by somebody, and nobody is named")]
    Nobody(&'static str),
    /// There is none of the number.
    #[error("there is no assessment {0}")]
    None(u64),
    /// What it was computed from is gone.
    #[error("{0:#}")]
    Unfounded(anyhow::Error),
    /// The store refuses, or failed.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}

/// Assesses an estate of a store and keeps the result under the next number, with what it was computed from.
///
/// # Errors
/// The store fails.
pub fn make(
    store: &dyn Store,
    estate: &Estate,
    policy: &Policy,
    now: Timestamp,
) -> anyhow::Result<Assessment> {
    tracing::info!("read {} servers; assessing them", estate.servers.len());
    let mut assessment = cairn_assess::assess(estate, policy, now);
    assessment.id = store.put_assessment(&assessment)?;
    evidence::keep(store, Inputs { estate, policy, assessment: &assessment })?;
    Ok(assessment)
}

/// Moves an assessment forward, once what it was computed from is sure to be kept: what nobody can compute again is
/// signed only by who says so with `without_evidence`.
///
/// # Errors
/// Nobody signs, there is no such assessment, its inputs are gone, or the store refuses.
pub fn sign(
    store: &dyn Store,
    id: u64,
    state: ReviewState,
    by: &str,
    without_evidence: bool,
    now: Timestamp,
) -> Result<(), SignError> {
    if by.trim().is_empty() {
        return Err(SignError::Nobody(word(state)));
    }
    let assessment = store.assessment(id)?.ok_or(SignError::None(id))?;
    if !without_evidence {
        evidence::ensure_kept(store, &assessment).map_err(SignError::Unfounded)?;
    }
    Ok(store.set_review_state(id, state, by, now)?)
}

/// A state as lists and the API spell it.
#[must_use]
pub const fn word(state: ReviewState) -> &'static str {
    match state {
        ReviewState::Draft => "draft",
        ReviewState::Reviewed => "reviewed",
        ReviewState::Issued => "issued",
    }
}
