//! Freezing a baseline: how a server behaves, signed with the key evidence is signed with.
// SPDX-License-Identifier: Apache-2.0

use crate::evidence::SigningKey;
use crate::store::outcomes::Sealed;
use anyhow::Context as _;
use cairn_schemas::outcome::Baseline;

/// Signs a baseline as compact JSON.
///
/// # Errors
/// Nothing was measured in its window.
pub fn sealed(baseline: Baseline, key: &SigningKey) -> anyhow::Result<Sealed> {
    anyhow::ensure!(
        !baseline.metrics.is_empty(),
        "nothing was measured of {:?} between {} and {}: there is nothing to freeze",
        baseline.server,
        baseline.window.from,
        baseline.window.to
    );
    let json = serde_json::to_string(&baseline).context("writing the baseline")?;
    let signature = key.sign(json.as_bytes());
    Ok(Sealed { baseline, json, public_key: key.public().to_vec(), signature })
}
