//! Reads evidence. Everything in it is hostile until signature and hashes agree, and then still written by whoever
//! has the key: lengths are bounded before anything is unpacked, and the estate is looked at before it is used.
// SPDX-License-Identifier: Apache-2.0

use super::{FILE_BYTES_MAX, MAGIC, MANIFEST_BYTES_MAX, Manifest, PARTS, Part};
use crate::policy_file;
use cairn_assess::estate::Estate;
use cairn_assess::policy::Policy;
use cairn_schemas::assessment::Assessment;
use cairn_schemas::digest::{sha256_hex, unhex};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::de::DeserializeOwned;
use std::io::Read;

/// Evidence whose signature and hashes agree.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The key that signed it.
    pub public_key: Vec<u8>,
    /// The input.
    pub estate: Estate,
    /// The assumptions.
    pub policy: Policy,
    /// The assessment that was made of them.
    pub assessment: Assessment,
    /// Its bytes.
    pub assessment_json: Vec<u8>,
}

/// Reads a whole file.
///
/// # Errors
/// It is none, too large, changed or damaged: the text says where.
pub fn open(from: impl Read) -> Result<Opened, String> {
    let mut file = Vec::new();
    let read = from.take(FILE_BYTES_MAX + 1).read_to_end(&mut file);
    read.map_err(|error| format!("it cannot be read: {error}"))?;
    if file.len() as u64 > FILE_BYTES_MAX {
        return Err(format!("it is larger than {FILE_BYTES_MAX} bytes"));
    }
    let (manifest, public_key, rest) = manifest(&file)?;
    let [estate, policy, assessment_json] = parts(&manifest, rest)?;
    let estate: Estate = parsed(PARTS[0].0, &estate)?;
    let policy: Policy = parsed(PARTS[1].0, &policy)?;
    let assessment: Assessment = parsed(PARTS[2].0, &assessment_json)?;
    if let Some(fault) = estate.fault() {
        return Err(format!("{} is no estate: {fault}", PARTS[0].0));
    }
    if let Some(fault) = policy_file::fault(&policy) {
        return Err(format!("{} is no policy: {fault}", PARTS[1].0));
    }
    Ok(Opened { manifest, public_key, estate, policy, assessment, assessment_json })
}

/// The manifest, the key that signed it, and what follows the signature.
fn manifest(file: &[u8]) -> Result<(Manifest, Vec<u8>, &[u8]), String> {
    let lines = file.strip_prefix(MAGIC).ok_or("it is no evidence of version 1")?;
    let end = lines.iter().take(MANIFEST_BYTES_MAX).position(|byte| *byte == b'\n');
    let end = end.ok_or("its manifest has no end")?;
    let (line, rest) = (&lines[..end], &lines[end + 1..]);
    let manifest: Manifest =
        serde_json::from_slice(line).map_err(|error| format!("its manifest is none: {error}"))?;
    let digits = rest.get(..128).and_then(|digits| std::str::from_utf8(digits).ok());
    let signature = digits.filter(|_| rest.get(128) == Some(&b'\n')).and_then(lower_unhex);
    let signature = signature.ok_or("it ends within its signature, or that is none")?;
    let public_key = lower_unhex(&manifest.public_key).ok_or("its manifest names no key")?;
    let signed = &file[..MAGIC.len() + end + 1];
    UnparsedPublicKey::new(&ED25519, &public_key)
        .verify(signed, &signature)
        .map_err(|_| "its manifest was changed: the signature is not of it")?;
    Ok((manifest, public_key, &rest[129..]))
}

/// One spelling of each byte: what a signature does not cover may not be written two ways.
fn lower_unhex(digits: &str) -> Option<Vec<u8>> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    digits.bytes().all(is_digit).then(|| unhex(digits)).flatten()
}

/// The JSON of each part.
fn parts(manifest: &Manifest, mut rest: &[u8]) -> Result<[Vec<u8>; 3], String> {
    let names = manifest.parts.iter().map(|part| part.name.as_str());
    if !names.eq(PARTS.iter().map(|(name, _)| *name)) {
        return Err("its manifest does not name the three parts".into());
    }
    let mut unpacked = [Vec::new(), Vec::new(), Vec::new()];
    for ((part, (_, bytes_max)), json) in manifest.parts.iter().zip(PARTS).zip(&mut unpacked) {
        let length = usize::try_from(part.packed_bytes).ok().filter(|length| *length <= rest.len());
        let length = length.ok_or_else(|| format!("it ends within {}", part.name))?;
        let (packed, after) = rest.split_at(length);
        (*json, rest) = (unpack(part, bytes_max, packed)?, after);
    }
    if rest.is_empty() { Ok(unpacked) } else { Err(format!("{} bytes follow its last part", rest.len())) }
}

fn unpack(part: &Part, bytes_max: u64, packed: &[u8]) -> Result<Vec<u8>, String> {
    let name = &part.name;
    if sha256_hex(packed) != part.packed_sha256 {
        return Err(format!("{name} was changed: its SHA-256 is not the one signed"));
    }
    if part.bytes > bytes_max {
        return Err(format!("{name} has {} bytes, of at most {bytes_max}", part.bytes));
    }
    let mut json = Vec::new();
    // Grows with what is there: a length that is merely claimed costs nothing.
    let read = zstd::Decoder::with_buffer(packed)
        .and_then(|decoder| decoder.take(part.bytes + 1).read_to_end(&mut json));
    read.map_err(|error| format!("{name} cannot be unpacked: {error}"))?;
    if json.len() as u64 != part.bytes || sha256_hex(&json) != part.sha256 {
        return Err(format!("{name} is not what its manifest says"));
    }
    Ok(json)
}

fn parsed<T: DeserializeOwned>(name: &str, json: &[u8]) -> Result<T, String> {
    serde_json::from_slice(json).map_err(|error| format!("{name} cannot be read: {error}"))
}
