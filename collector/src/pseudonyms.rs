//! Pseudonyms: names of servers, people and places replaced by words made of an HMAC (RFC 2104, SHA-256) over each
//! name, under a key the customer keeps. The same name is the same word in every report of that key. Who has the key
//! and the engagement can read them again, so this is pseudonymous (GDPR, article 4(5)) and never anonymous.
// SPDX-License-Identifier: Apache-2.0

use anyhow::{Context as _, bail, ensure};
use cairn_schemas::assessment::Assessment;
use ring::hmac;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::Path;

mod fields;
mod restore;

pub use restore::restore;

/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// Digits of a pseudonym: 50 bits, so that among 10,000 names two are the same once in twenty million keys.
const DIGITS: usize = 10;
/// Base 32 in lower case (RFC 4648): no digit looks like a letter.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// The first line of a key file.
const FORMAT: &str = "cairn-pseudonym-key/1";

/// A key, and every name it has replaced.
pub struct Pseudonyms {
    key: hmac::Key,
    names: BTreeMap<String, String>,
}

impl Pseudonyms {
    /// The key in a file.
    ///
    /// # Errors
    /// The file cannot be read, others may read it, or it holds no key.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let how = || format!("read the key {shown}; `cairn pseudonyms key --out {shown}` makes one");
        let text = std::fs::read_to_string(path).with_context(how)?;
        let mut lines = text.lines();
        ensure!(
            lines.next() == Some(FORMAT),
            "{shown}:1: this is no key of pseudonyms; the line must be {FORMAT}"
        );
        let bytes = lines.next().and_then(|hex| unhex(hex.trim()));
        let Some(bytes) = bytes.filter(|bytes| bytes.len() == KEY_BYTES) else {
            bail!("{shown}:2: a key is {} hexadecimal digits", 2 * KEY_BYTES);
        };
        Ok(Self::new(&bytes))
    }

    pub(crate) fn new(key: &[u8]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), names: BTreeMap::new() }
    }

    /// The assessment with pseudonyms in place of names.
    ///
    /// # Errors
    /// It cannot be written as JSON and read again, which only a bug can make happen.
    pub fn replace(&mut self, assessment: &Assessment) -> anyhow::Result<Assessment> {
        let mut replaced = self.replace_in(assessment)?;
        // Looked up by name, in order of names.
        replaced.dispositions.sort_by(|a, b| a.server.cmp(&b.server));
        Ok(replaced)
    }

    /// What else is shown with it, likewise.
    ///
    /// # Errors
    /// It cannot be written as JSON and read again, which only a bug can make happen.
    pub fn replace_in<T: Serialize + DeserializeOwned>(&mut self, shown: &T) -> anyhow::Result<T> {
        let mut value = serde_json::to_value(shown).context("write what is shown as JSON")?;
        fields::each_name(&mut value, &mut |kind, name| self.pseudonym(kind, name));
        serde_json::from_value(value).context("read what is shown again")
    }

    /// `server-` and ten digits for a name.
    pub fn pseudonym(&mut self, kind: &str, name: &str) -> String {
        if name.is_empty() {
            return String::new();
        }
        let tag = hmac::sign(&self.key, format!("{kind}\0{name}").as_bytes());
        let bits = tag.as_ref().iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let digit = |at: usize| char::from(ALPHABET[(bits >> (59 - 5 * at) & 31) as usize]);
        let word = format!("{kind}-{}", (0..DIGITS).map(digit).collect::<String>());
        self.names.insert(word.clone(), name.to_owned());
        word
    }

    /// The name behind a pseudonym, of those replaced so far.
    #[must_use]
    pub fn name(&self, word: &str) -> Option<&str> {
        self.names.get(word).map(String::as_str)
    }
}

/// What a key file holds, for a key of random bytes.
#[must_use]
pub fn key_file(bytes: [u8; KEY_BYTES]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{FORMAT}\n{hex}\n")
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
#[path = "pseudonyms/pseudonyms_tests.rs"]
mod tests;
