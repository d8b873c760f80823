//! Join tokens: time- and use-limited, shown once, the secret kept only as a hash. A verb and a page give them.
// SPDX-License-Identifier: Apache-2.0

use crate::serve::Place;
use crate::store::{Store, Token};
use anyhow::Context as _;
use cairn_schemas::digest::{hex, sha256_hex};
use cairn_schemas::enrolment::JoinString;
use cairn_schemas::time::Timestamp;
use ring::rand::{SecureRandom as _, SystemRandom};

/// What a token allows.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Seconds it holds.
    pub ttl_s: i64,
    /// How many agents may enrol with it.
    pub uses: u32,
    /// Ring they are put into; empty: none.
    pub ring: String,
}

/// Makes a token in a store, for agents that reach the collector at a place, and gives its join string.
///
/// # Errors
/// There are no random numbers, the store refuses, or the address is not one agents may use.
pub fn give(
    store: &dyn Store,
    place: &Place,
    terms: &Terms,
    by: &str,
    now: Timestamp,
) -> anyhow::Result<JoinString> {
    let mut random = [0; 32];
    SystemRandom::new().fill(&mut random).ok().context("no random numbers here")?;
    let mut id = [0; 6];
    SystemRandom::new().fill(&mut id).ok().context("no random numbers here")?;
    let (url, ca_spki_sha256) = (place.url.clone(), place.ca_spki_sha256.clone());
    let join = JoinString { url, token_id: hex(&id), secret: hex(&random), ca_spki_sha256 };
    JoinString::parse(&join.to_string()).map_err(anyhow::Error::msg)?;
    let token = Token {
        id: join.token_id.clone(),
        secret_sha256: sha256_hex(join.secret.as_bytes()),
        expires_at: Timestamp(now.0 + terms.ttl_s),
        uses_left: terms.uses,
        created_at: now,
        ring: terms.ring.clone(),
    };
    store.grant_token(&token, by, now)?;
    Ok(join)
}

/// The name of a ring: one short word, so that it reads well in a list.
///
/// # Errors
/// It is none.
pub fn ring(text: &str) -> Result<String, String> {
    let fine = text.len() <= 32 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if fine { Ok(text.to_owned()) } else { Err("a ring is up to 32 letters, digits, - and _".to_owned()) }
}
