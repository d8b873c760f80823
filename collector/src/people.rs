//! Who opens the pages: names, passwords, the secrets of sessions and links, and how often one may be tried. What is
//! kept of them is in the store; what asks for them, in `http` and `cli`.
// SPDX-License-Identifier: Apache-2.0

mod attempts;
mod password;
mod secret;

pub use attempts::Attempts;
pub use password::{HASH_BYTES, PASSWORD_CHARS_MIN, PasswordError, hash, is_right};
pub use secret::{Secret, same};

use crate::store::people::{NewPerson, People, Role};
use cairn_schemas::time::{HOUR_S, Timestamp};

/// How long a link signs somebody in, once. Ours.
pub const LINK_S: i64 = HOUR_S;
/// Longest name of a person.
const NAME_CHARS_MAX: usize = 100;

/// How long a session lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Seconds without a request after which it ends.
    pub idle_s: i64,
    /// Seconds after which it ends whatever happens.
    pub whole_s: i64,
}

impl Terms {
    /// On loopback: whoever is there can open the files as well, so that a day at work is one session. Ours.
    pub const LOOPBACK: Self = Self { idle_s: 8 * HOUR_S, whole_s: 24 * HOUR_S };
    /// Elsewhere: 30 minutes idle and 8 hours in all, the longest the OWASP Session Management Cheat Sheet has for an
    /// office worker's day (read November 2026).
    pub const NETWORK: Self = Self { idle_s: HOUR_S / 2, whole_s: 8 * HOUR_S };
}

/// Why a name is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing but spaces.
    #[error("a person needs a name")]
    Empty,
    /// More than anybody reads.
    #[error("a name has at most {NAME_CHARS_MAX} characters")]
    Long,
    /// Colours, directions, lines.
    #[error("the name holds characters that do not print")]
    Unprintable,
}

/// A name somebody may have: it stands in the audit, in lists and under assessments.
///
/// # Errors
/// It is empty, too long, or holds what does not print.
pub fn name(text: &str) -> Result<&str, NameError> {
    let name = text.trim();
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(NameError::Long);
    }
    if crate::number::terminal_safe(name) != name {
        return Err(NameError::Unprintable);
    }
    Ok(name)
}

/// Makes a link that signs a person in once; who is not there yet is added as admin without a password. Whoever can
/// do this can read and write the engagement's file anyway. The secret of the link.
///
/// # Errors
/// The store refuses, or there are no random numbers.
pub fn link<S: People + ?Sized>(store: &S, person: &str, by: &str, now: Timestamp) -> anyhow::Result<Secret> {
    let person = name(person)?;
    store.add_person(&NewPerson { name: person, role: Role::Admin, password: None }, by, now)?;
    let secret = Secret::new()?;
    let until = Timestamp(now.0 + LINK_S);
    anyhow::ensure!(
        store.put_link(person, &secret.digest(), until, by, now)?,
        "{person} was removed meanwhile; try again"
    );
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let check = |text: &str, good: bool| assert_eq!(name(text).is_ok(), good, "{text:?}");
        check(" Ada L. ", true);
        check("Jörg Müller", true);
        check("", false);
        check("  ", false);
        check("a\u{1b}[31m", false);
        check("\u{202e}nimda", false);
        check(&"x".repeat(101), false);
        assert_eq!(name(" Ada ").unwrap(), "Ada");
    }
}
