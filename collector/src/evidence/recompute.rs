//! Computes an assessment again from evidence, and says what came out.
// SPDX-License-Identifier: Apache-2.0

use super::{Difference, Opened, differences};
use cairn_assess::METHOD_VERSION;
use cairn_assess::policy::Policy;
use cairn_schemas::assessment::Assessment;

/// What came of computing again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The same, byte for byte.
    Same,
    /// Something else; where, and what.
    Differs(Vec<Difference>),
    /// This program computes by another version than the one the evidence is of, and only it can say.
    OtherVersion(Vec<Difference>),
}

/// Computes the assessment again, by its own policy or another one.
///
/// Its number is the store's, who has signed it came later: both are taken as they are.
///
/// # Errors
/// What was computed cannot be written as JSON.
pub fn recompute(opened: &Opened, other: Option<&Policy>) -> Result<Outcome, serde_json::Error> {
    let Opened { estate, policy, assessment, assessment_json, manifest, .. } = opened;
    let policy = other.unwrap_or(policy);
    let computed = cairn_assess::assess(estate, policy, manifest.moment);
    let computed = Assessment { id: assessment.id, review: assessment.review.clone(), ..computed };
    let bytes = serde_json::to_vec(&computed)?;
    if bytes == *assessment_json {
        return Ok(Outcome::Same);
    }
    let found = differences(&serde_json::from_slice(assessment_json)?, &serde_json::from_slice(&bytes)?);
    let is_ours = manifest.method_version == METHOD_VERSION && manifest.tool_version == computed.tool_version;
    Ok(if is_ours { Outcome::Differs(found) } else { Outcome::OtherVersion(found) })
}
