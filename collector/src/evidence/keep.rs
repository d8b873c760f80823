//! Keeps what an assessment was computed from beside it, so that evidence can be written however the store has changed
//! since: facts confirmed, decisions made, minutes past their time.
// SPDX-License-Identifier: Apache-2.0

use super::{FILE_BYTES_MAX, Inputs, PARTS};
use crate::estate;
use crate::prepared::Prepared;
use crate::store::Store;
use crate::store::kept::KeptInputs;
use anyhow::Context as _;
use cairn_assess::canonical;
use cairn_assess::estate::Estate;
use cairn_assess::policy::Policy;
use cairn_schemas::assessment::Assessment;
use cairn_schemas::digest::sha256_hex;
use std::io::{Read, Write};

/// Fast: most drafts are never asked for again.
const ZSTD_LEVEL: i32 = 3;

/// Keeps the inputs of an assessment that is in the store already, and its servers ready to be packed again. `false` when
/// they are too large for anybody to read back.
///
/// # Errors
/// The store fails.
pub fn keep(store: &dyn Store, inputs: Inputs<'_>) -> anyhow::Result<bool> {
    let Inputs { estate, policy, assessment } = inputs;
    let Some(packed) = packed(estate)? else {
        let id = assessment.id;
        tracing::warn!(id, "what the assessment was computed from is too large to be kept with it");
        return Ok(false);
    };
    let inputs = KeptInputs {
        estate_sha256: assessment.inputs_sha256.clone(),
        estate: packed,
        policy: serde_json::to_string(policy)?,
    };
    store.keep_inputs(assessment.id, &inputs)?;
    if let Some(prepared) = Prepared::of(estate, policy, assessment.created) {
        store.keep_prepared(assessment.id, &prepared.packed()?)?;
    }
    Ok(true)
}

/// What an assessment was computed from, where it is kept.
///
/// # Errors
/// The store fails, or what it kept is damaged.
pub fn kept(store: &dyn Store, assessment: u64) -> anyhow::Result<Option<(Estate, Policy)>> {
    let Some(inputs) = store.kept_inputs(assessment)? else { return Ok(None) };
    let damaged =
        || format!("what assessment {assessment} was computed from is damaged; see `cairn check --thorough`");
    let json = unpacked(&inputs.estate).with_context(damaged)?;
    anyhow::ensure!(sha256_hex(&json) == inputs.estate_sha256, damaged());
    let estate = serde_json::from_slice(&json).with_context(damaged)?;
    let policy = serde_json::from_str(&inputs.policy).with_context(damaged)?;
    Ok(Some((estate, policy)))
}

/// Sees to it that inputs are kept: those kept already, else those the store and the standard policy still give.
///
/// # Errors
/// Neither is there, or the store fails.
pub fn ensure_kept(store: &dyn Store, assessment: &Assessment) -> anyhow::Result<()> {
    if store.kept_inputs(assessment.id)?.is_some() {
        return Ok(());
    }
    let (estate, policy) = (estate::load(store, assessment.window)?, Policy::default());
    let inputs = Inputs { estate: &estate, policy: &policy, assessment };
    super::write::agree(inputs).context(
        "nobody could compute it again: what it was computed from is not kept with it (it is kept with drafts for as \
         long as `cairn retention show` says)",
    )?;
    anyhow::ensure!(
        keep(store, inputs)?,
        "nobody could compute it again: its inputs are too large to be kept"
    );
    Ok(())
}

/// The canonical JSON as a zstd frame; `None` beyond what evidence may hold.
fn packed(estate: &Estate) -> anyhow::Result<Option<Vec<u8>>> {
    let (_, bytes_max) = PARTS[0];
    let mut encoder = zstd::Encoder::new(Vec::new(), ZSTD_LEVEL)?;
    let mut limited = Limited { to: &mut encoder, left: bytes_max };
    if let Err(error) = serde_json::to_writer(&mut limited, &*canonical(estate)) {
        return if limited.left == 0 { Ok(None) } else { Err(error.into()) };
    }
    Ok(Some(encoder.finish()?).filter(|packed| packed.len() as u64 <= FILE_BYTES_MAX))
}

fn unpacked(packed: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut json = Vec::new();
    zstd::Decoder::with_buffer(packed)?.take(PARTS[0].1 + 1).read_to_end(&mut json)?;
    Ok(json)
}

/// Passes on so many bytes and no more.
struct Limited<W> {
    to: W,
    left: u64,
}

impl<W: Write> Write for Limited<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if bytes.len() as u64 > self.left {
            self.left = 0;
            return Err(std::io::Error::other("too large"));
        }
        self.to.write_all(bytes)?;
        self.left -= bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}
