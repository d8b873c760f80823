//! Writes evidence, and only of what can be computed again: inputs that are those of the assessment.
// SPDX-License-Identifier: Apache-2.0

use super::{FILE_BYTES_MAX, MAGIC, Manifest, PARTS, Part, SigningKey};
use cairn_assess::canonical;
use cairn_assess::estate::Estate;
use cairn_assess::policy::Policy;
use cairn_schemas::assessment::Assessment;
use cairn_schemas::digest::{HashWriter, hex, sha256_hex};

/// Estates are mostly small numbers in rows: higher levels take far longer and save little.
const ZSTD_LEVEL: i32 = 6;

/// What an assessment was computed from, and itself.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// Its input.
    pub estate: &'a Estate,
    /// Its assumptions.
    pub policy: &'a Policy,
    /// The assessment.
    pub assessment: &'a Assessment,
}

/// There is nothing that could be bundled.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// What is known has changed, or is past its time.
    #[error(
        "what assessment {assessment} was computed from is no longer what the store holds: inputs were {was}, now {now}. \
         Facts, decisions, late measurements, retention or an erasure have changed them since. Make a new one with `cairn assess \
         --bundle FILE`, which keeps the evidence of that moment"
    )]
    OtherInputs {
        /// Its number.
        assessment: u64,
        /// `inputs_sha256` of the assessment.
        was: String,
        /// That of the estate of today.
        now: String,
    },
    /// It was made with other assumptions.
    #[error(
        "assessment {assessment} was made with policy {name} {version} ({was}), this one is {now}; give the same files \
         with --policy and --scenario"
    )]
    OtherPolicy {
        /// Its number.
        assessment: u64,
        /// Name of its policy.
        name: String,
        /// Version of that policy.
        version: String,
        /// Hash of that policy.
        was: String,
        /// Hash of the policy given.
        now: String,
    },
    /// Nobody would read it back.
    #[error("{0}: nobody would read that back")]
    TooLarge(String),
    /// The estate is one that nobody would recompute.
    #[error(
        "the estate cannot be recomputed elsewhere: {0}; this is a fault of the store, see `cairn check`"
    )]
    Unsound(String),
    /// JSON or zstd failed.
    #[error("packing {part}: {why}")]
    Pack {
        /// Which part.
        part: &'static str,
        /// Why.
        why: String,
    },
}

/// The bytes of the file.
///
/// # Errors
/// The inputs are not those of the assessment, or too large.
pub fn write(inputs: Inputs<'_>, key: &SigningKey) -> Result<Vec<u8>, EvidenceError> {
    let Inputs { estate, policy, assessment } = inputs;
    agree_on_policy(inputs)?;
    if let Some(fault) = estate.fault() {
        return Err(EvidenceError::Unsound(fault));
    }
    let [estate_part, policy_part, assessment_part] = PARTS;
    let estate = packed(estate_part, &*canonical(estate))?;
    agree_on_estate(assessment, &estate.0.sha256)?;
    // Names under it come later, and are no part of what is computed.
    let unsigned = Assessment { review: None, ..assessment.clone() };
    let parts = [estate, packed(policy_part, policy)?, packed(assessment_part, &unsigned)?];
    signed(assessment, parts, key)
}

/// Whether these are the inputs of the assessment.
pub(super) fn agree(inputs: Inputs<'_>) -> Result<(), EvidenceError> {
    agree_on_policy(inputs)?;
    let mut writer = HashWriter::default();
    // Writing into a hash cannot fail, and an estate is plain data.
    let _ = serde_json::to_writer(&mut writer, &*canonical(inputs.estate));
    agree_on_estate(inputs.assessment, &writer.finish_hex())
}

fn agree_on_policy(Inputs { policy, assessment, .. }: Inputs<'_>) -> Result<(), EvidenceError> {
    let (was, now) = (assessment.policy.clone(), policy.reference());
    if now == was {
        return Ok(());
    }
    Err(EvidenceError::OtherPolicy {
        assessment: assessment.id,
        name: was.name,
        version: was.version,
        was: was.sha256,
        now: now.sha256,
    })
}

fn agree_on_estate(assessment: &Assessment, now: &str) -> Result<(), EvidenceError> {
    let was = assessment.inputs_sha256.clone();
    if now == was {
        return Ok(());
    }
    Err(EvidenceError::OtherInputs { assessment: assessment.id, was, now: now.to_owned() })
}

/// Magic, manifest, signature, parts.
fn signed(
    assessment: &Assessment,
    parts: [(Part, Vec<u8>); 3],
    key: &SigningKey,
) -> Result<Vec<u8>, EvidenceError> {
    let manifest = Manifest {
        engagement: assessment.engagement.clone(),
        assessment: assessment.id,
        moment: assessment.created,
        tool_version: assessment.tool_version.clone(),
        method_version: assessment.method_version.clone(),
        public_key: hex(key.public()),
        parts: parts.iter().map(|(part, _)| part.clone()).collect(),
    };
    let mut file = MAGIC.to_vec();
    serde_json::to_writer(&mut file, &manifest)
        .map_err(|why| EvidenceError::Pack { part: "manifest", why: why.to_string() })?;
    file.push(b'\n');
    let signature = key.sign(&file);
    file.extend_from_slice(hex(&signature).as_bytes());
    file.push(b'\n');
    for (_, packed) in parts {
        file.extend(packed);
    }
    if file.len() as u64 > FILE_BYTES_MAX {
        return Err(EvidenceError::TooLarge(format!("the file would have {} bytes", file.len())));
    }
    Ok(file)
}

/// A part and its zstd frame.
fn packed(
    (name, bytes_max): (&'static str, u64),
    value: &impl serde::Serialize,
) -> Result<(Part, Vec<u8>), EvidenceError> {
    let failed = |why: String| EvidenceError::Pack { part: name, why };
    let json = serde_json::to_vec(value).map_err(|why| failed(why.to_string()))?;
    let bytes = json.len() as u64;
    if bytes > bytes_max {
        return Err(EvidenceError::TooLarge(format!(
            "{name} would have {bytes} bytes, of at most {bytes_max}"
        )));
    }
    let packed = zstd::bulk::compress(&json, ZSTD_LEVEL).map_err(|why| failed(why.to_string()))?;
    let part = Part {
        name: name.to_owned(),
        bytes,
        sha256: sha256_hex(&json),
        packed_bytes: packed.len() as u64,
        packed_sha256: sha256_hex(&packed),
    };
    Ok((part, packed))
}
