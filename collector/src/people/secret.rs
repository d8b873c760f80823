//! A secret of 256 random bits, of which only the SHA-256 is kept. With so many bits nobody guesses it from its hash,
//! so that it needs no slow one.
// SPDX-License-Identifier: Apache-2.0

use crate::store::people::Digest;
use anyhow::Context as _;
use cairn_schemas::digest::{hex, sha256};
use ring::rand::{SecureRandom as _, SystemRandom};

/// Hexadecimal digits of a secret.
const DIGITS: usize = 64;

/// The secret of a session or a link: 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// There are no random numbers here.
    pub fn new() -> anyhow::Result<Self> {
        let mut random = [0; DIGITS / 2];
        SystemRandom::new().fill(&mut random).ok().context("no random numbers here")?;
        Ok(Self(hex(&random)))
    }

    /// One that was shown; `None` when it cannot be one.
    #[must_use]
    pub fn shown(text: &str) -> Option<Self> {
        let fits = text.len() == DIGITS && text.bytes().all(|b| b.is_ascii_hexdigit());
        fits.then(|| Self(text.to_owned()))
    }

    /// The secret itself, to be given to whom it is for.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        sha256(self.0.as_bytes())
    }

    /// What a form of this session carries, so that no other site can send one: it follows from the secret, which no
    /// other site knows, and does not tell it.
    #[must_use]
    pub fn form_token(&self) -> String {
        hex(&sha256(format!("cairn form 1\n{}", self.0).as_bytes()))
    }
}

/// Whether two texts are the same, in a time that does not tell where they differ: what is compared are hashes of them.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    let (one, other) = (sha256(one.as_bytes()), sha256(other.as_bytes()));
    one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_differ_and_tell_nothing() {
        let (one, other) = (Secret::new().unwrap(), Secret::new().unwrap());
        assert_ne!(one, other);
        assert_eq!(Secret::shown(one.reveal()), Some(one.clone()));
        assert!(!format!("{one:?}").contains(one.reveal()));
        assert_ne!(hex(&one.digest()), one.form_token());
        for wrong in ["", "abc", &"g".repeat(64), &"a".repeat(65)] {
            assert_eq!(Secret::shown(wrong), None);
        }
    }

    #[test]
    fn texts_are_the_same_or_not() {
        assert!(same("", "") && same("abc", "abc"));
        assert!(!same("abc", "abd") && !same("abc", "abcd") && !same("", "a"));
    }
}
