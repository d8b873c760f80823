//! What changed since an earlier assessment of the same store, each computed from what is kept with it.
// SPDX-License-Identifier: Apache-2.0

use crate::store::{ReviewState, Store};
use crate::{estate, evidence};
use cairn_assess::difference::{Side, difference};
use cairn_assess::estate::Estate;
use cairn_assess::policy::Policy;
use cairn_schemas::assessment::Assessment;
use cairn_schemas::change::AssessmentChange;

/// An assessment with what it was computed from, as far as that is kept.
pub struct Known {
    /// The assessment.
    pub assessment: Assessment,
    /// What it was computed from.
    pub inputs: Option<(Estate, Policy)>,
}

impl Known {
    /// Of an assessment of a store: what is kept with it, else its window as the store knows it today, by that of the
    /// policies it was made with.
    ///
    /// # Errors
    /// The store fails, or what it kept is damaged.
    pub fn of(store: &dyn Store, assessment: Assessment, policies: &[Policy]) -> anyhow::Result<Self> {
        if let Some(inputs) = evidence::kept(store, assessment.id)? {
            return Ok(Self { assessment, inputs: Some(inputs) });
        }
        let Some(policy) = policies.iter().find(|policy| policy.reference() == assessment.policy) else {
            return Ok(Self { assessment, inputs: None });
        };
        let estate = estate::load(store, assessment.window)?;
        // Measurements past their time are no estate that was not measured.
        let is_lost = assessment.coverage.covered_s > 0 && estate.servers.iter().all(|s| s.weeks.is_empty());
        let inputs = (!is_lost).then(|| (estate, policy.clone()));
        Ok(Self { assessment, inputs })
    }

    /// One side of a difference.
    #[must_use]
    pub fn side(&self) -> Side<'_> {
        Side {
            assessment: &self.assessment,
            inputs: self.inputs.as_ref().map(|(estate, policy)| (estate, policy)),
        }
    }
}

/// The assessment another is compared with, unless somebody names one: the last issued before it, else the one before.
///
/// # Errors
/// The store fails.
pub fn earlier(store: &dyn Store, id: u64) -> anyhow::Result<Option<u64>> {
    let before: Vec<_> = store.assessments()?.into_iter().filter(|row| row.id < id).collect();
    let issued = before.iter().rev().find(|row| row.state == ReviewState::Issued);
    Ok(issued.or(before.last()).map(|row| row.id))
}

/// What changed between two assessments of a store; `None` where it holds no such earlier one.
///
/// # Errors
/// The store fails, or what it kept is damaged.
pub fn since(store: &dyn Store, before: u64, after: &Assessment) -> anyhow::Result<Option<AssessmentChange>> {
    let Some(before) = store.assessment(before)? else { return Ok(None) };
    let standard = [Policy::default()];
    let (before, after) = (Known::of(store, before, &standard)?, Known::of(store, after.clone(), &standard)?);
    Ok(Some(difference(&before.side(), &after.side())))
}
