//! Servers ready to be packed under other assumptions, kept beside what their assessment was computed from: whoever moves
//! a slider waits neither for the estate to be read nor for its load to be measured again, and is answered from what the
//! assessment saw.
// SPDX-License-Identifier: Apache-2.0

use crate::evidence;
use crate::store::Store;
use crate::{estate, evidence::PARTS};
use cairn_assess::estate::Estate;
use cairn_assess::policy::{PlanLimits, Policy};
use cairn_assess::{recommend, whatif};
use cairn_schemas::assessment::Assessment;
use cairn_schemas::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Fast: it is unpacked while somebody waits.
const ZSTD_LEVEL: i32 = 3;

/// Servers ready to be packed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    /// They, with the policy that changes are made to.
    pub servers: whatif::Prepared,
    /// All servers that the ratios are over.
    pub assessed: usize,
}

impl Prepared {
    /// Those of an estate that a plan holds; `None` where it holds none.
    #[must_use]
    pub fn of(estate: &Estate, policy: &Policy, now: Timestamp) -> Option<Self> {
        let (planned, assessed) = cairn_assess::planned(estate, policy, now);
        let policy = recommend::settled(estate, policy, &planned);
        (!planned.is_empty())
            .then(|| Self { servers: whatif::Prepared::new(estate, &policy, &planned), assessed })
    }

    /// As JSON in a zstd frame.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn packed(&self) -> anyhow::Result<Vec<u8>> {
        let mut encoder = zstd::Encoder::new(Vec::new(), ZSTD_LEVEL)?;
        serde_json::to_writer(&mut encoder, self)?;
        Ok(encoder.finish()?)
    }

    /// From what [`Self::packed`] gave.
    ///
    /// # Errors
    /// It is damaged, of another version, or larger than an estate may be.
    pub fn unpacked(packed: &[u8]) -> anyhow::Result<Self> {
        use std::io::Read as _;
        let mut json = Vec::new();
        zstd::Decoder::with_buffer(packed)?.take(PARTS[0].1).read_to_end(&mut json)?;
        Ok(serde_json::from_slice(&json)?)
    }
}

/// The servers of an assessment: as they were kept with it, else made of its inputs, else of what the store holds now
/// where the standard policy was used. `None` where none of them is at hand, or nothing was planned.
///
/// # Errors
/// The store fails, or what it kept is damaged.
pub fn of_assessment(store: &dyn Store, assessment: &Assessment) -> anyhow::Result<Option<Prepared>> {
    if let Some(packed) = store.kept_prepared(assessment.id)? {
        match Prepared::unpacked(&packed) {
            Ok(prepared) => return Ok(Some(prepared)),
            Err(why) => {
                tracing::warn!(id = assessment.id, "servers kept ready to be packed are made anew: {why:#}")
            }
        }
    }
    let (estate, policy) = match evidence::kept(store, assessment.id)? {
        Some(kept) => kept,
        None => {
            let Some(policy) = standard(assessment) else { return Ok(None) };
            (estate::load(store, assessment.window)?, policy)
        }
    };
    Ok(Prepared::of(&estate, &policy, assessment.created))
}

/// The policy that sliders over an assessment begin with, where it is known without its servers.
///
/// # Errors
/// The store fails.
pub fn policy_of_assessment(store: &dyn Store, assessment: &Assessment) -> anyhow::Result<Option<Policy>> {
    let kept = store.kept_policy(assessment.id)?.map(|json| serde_json::from_str(&json)).transpose()?;
    let policy: Option<Policy> = kept.or_else(|| standard(assessment));
    // Recommended limits are known only from the servers.
    Ok(policy.filter(|policy| policy.risk.limits == PlanLimits::Policy))
}

fn standard(assessment: &Assessment) -> Option<Policy> {
    Some(Policy::default()).filter(|policy| assessment.policy == policy.reference())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessments;
    use crate::store::kept::Keep as _;
    use crate::store::sqlite::SqliteStore;
    use cairn_assess::trial::Trial;

    #[test]
    fn they_are_answered_from_what_the_assessment_saw_whatever_was_kept() {
        let text = include_str!("../assess/estates/small_office.toml");
        let estate = toml::from_str::<Trial>(text).unwrap().estate();
        let store = SqliteStore::in_memory(&"default".parse().unwrap()).unwrap();
        let mut policy = Policy::default();
        policy.limits.memory_ratio = 0.7;
        let assessment = assessments::make(&store, &estate, &policy, estate.window.to).unwrap();
        let expected = Prepared::of(&estate, &policy, estate.window.to).unwrap();
        let found = || of_assessment(&store, &assessment).unwrap();
        assert_eq!(found().as_ref(), Some(&expected), "the store itself measured nothing");
        assert!(store.kept_prepared(assessment.id).unwrap().is_some());
        store.keep_prepared(assessment.id, b"of another version").unwrap();
        assert_eq!(found(), Some(expected), "made of the inputs");
        assert_eq!(policy_of_assessment(&store, &assessment).unwrap(), Some(policy.clone()));
        let other = Assessment { id: 99, ..assessment.clone() };
        assert_eq!(of_assessment(&store, &other).unwrap(), None, "of an own policy nobody has");
        assert_eq!(policy_of_assessment(&store, &other).unwrap(), None);
    }
}
