//! Passwords: how long they must be, and how they are kept.
// SPDX-License-Identifier: Apache-2.0

use anyhow::Context as _;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use ring::rand::{SecureRandom as _, SystemRandom};

/// Fewest characters: NIST SP 800-63B-4 (July 2025), 3.1.1.2, where a password is all that is asked for. Nothing else
/// is demanded of it, as there.
pub const PASSWORD_CHARS_MIN: usize = 15;
/// Most bytes that are looked at.
const BYTES_MAX: usize = 1_024;
/// Memory of argon2id in KiB, passes, lanes: the OWASP Password Storage Cheat Sheet's first choice of 19 MiB (read
/// November 2026).
const COST: (u32, u32, u32) = (19 * 1_024, 2, 1);
/// Memory one hashing takes.
pub const HASH_BYTES: usize = COST.0 as usize * 1_024;
const SALT_BYTES: usize = 16;

fn method() -> anyhow::Result<Argon2<'static>> {
    let (memory_kib, passes, lanes) = COST;
    let params = Params::new(memory_kib, passes, lanes, None).ok().context("the cost of argon2id")?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Why a password is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Guessed too soon.
    #[error("the password has fewer than {PASSWORD_CHARS_MIN} characters; several words make a good one")]
    Short,
    /// More than is looked at.
    #[error("the password is longer than {BYTES_MAX} bytes")]
    Long,
    /// It cannot be hashed here.
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

/// What is kept of a password: argon2id as a PHC string.
///
/// # Errors
/// It is too short or too long, or there are no random numbers here.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(PasswordError::Short);
    }
    if password.len() > BYTES_MAX {
        return Err(PasswordError::Long);
    }
    let mut salt = [0; SALT_BYTES];
    SystemRandom::new().fill(&mut salt).ok().context("no random numbers here")?;
    Ok(hashed(password, &salt)?)
}

fn hashed(password: &str, salt: &[u8]) -> anyhow::Result<String> {
    let made = method()?.hash_password_with_salt(password.as_bytes(), salt);
    made.map(|made| made.to_string()).map_err(|error| anyhow::anyhow!("hashing a password: {error}"))
}

/// Whether a password is that of a hash. Where there is no hash it takes as long: nobody learns from the time whether a
/// person is known.
#[must_use]
pub fn is_right(password: &str, hash: Option<&str>) -> bool {
    if password.len() > BYTES_MAX {
        return false;
    }
    match hash {
        Some(hash) => method().is_ok_and(|method| method.verify_password(password.as_bytes(), hash).is_ok()),
        None => {
            let _ = hashed(password, &[0; SALT_BYTES]);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_its_cost_is_what_we_say() {
        let kept = hash("correct horse battery").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_ne!(kept, hash("correct horse battery").unwrap(), "salted");
        assert!(is_right("correct horse battery", Some(&kept)));
        assert!(!is_right("correct horse batterx", Some(&kept)));
        assert!(!is_right("correct horse battery", None));
        assert!(!is_right("correct horse battery", Some("no hash")));
    }

    #[test]
    fn what_is_too_short_or_too_long_is_refused() {
        assert!(hash("fourteen chars").unwrap_err().to_string().contains("fewer than 15"));
        assert!(hash(&"x".repeat(2_000)).unwrap_err().to_string().contains("longer than 1024"));
        assert!(hash("ünfzehn Zeichen").is_ok(), "characters count, not bytes");
    }
}
