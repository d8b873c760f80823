//! Low, base and high as somebody writes them into a policy: a name too many is an error there. In what an assessment
//! says it is not, so that later versions may add to it.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::assessment::Range;
use serde::{Deserialize, Deserializer};

/// A [`Range`] that has these names and no others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    low: f64,
    base: f64,
    high: f64,
}

/// For `deserialize_with`, on every range of the policy.
///
/// # Errors
/// A name that is missing, or one that does not exist.
pub(super) fn written<'de, D: Deserializer<'de>>(from: D) -> Result<Range, D::Error> {
    let Written { low, base, high } = Written::deserialize(from)?;
    Ok(Range { low, base, high })
}
