//! How often somebody may try to sign in: after some failures each further try has to wait longer, by person and by
//! address. Nothing sleeps: who is early is told how long to wait.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::digest::sha256;
use cairn_schemas::time::{HOUR_S, MINUTE_S, Timestamp};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Failures that cost nothing, and the longest wait after more, in seconds. Ours. A person's wait stays short: anybody
/// can fail in another's name, and 15 characters are not guessed at one a minute.
const OF_PERSON: (u32, i64) = (5, MINUTE_S);
/// The same of an address, behind which many people may be.
const OF_ADDRESS: (u32, i64) = (20, 15 * MINUTE_S);
/// Failures are forgotten after this.
const FORGOTTEN_AFTER_S: i64 = HOUR_S;
/// People and addresses remembered; beyond it the half that failed longest ago is forgotten.
const HELD_MAX: usize = 10_000;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// Of a person of an engagement, whether there is one or not: a hash, since anybody can send any name.
    Person([u8; 32]),
    Address(IpAddr),
}

#[derive(Clone, Copy)]
struct Held {
    failed: u32,
    last: Timestamp,
}

impl Held {
    fn wait_s(self, (free, longest): (u32, i64), now: Timestamp) -> i64 {
        let Some(over) = self.failed.checked_sub(free) else { return 0 };
        let pause = 1_i64.checked_shl(over).unwrap_or(i64::MAX).min(longest);
        // A clock that was put back makes nobody wait longer than that.
        (self.last.0 + pause - now.0).clamp(0, pause)
    }
}

/// Failed attempts of a collector.
#[derive(Default)]
pub struct Attempts(Mutex<BTreeMap<Key, Held>>);

impl Attempts {
    /// Whether somebody may try now. It counts as failed until it is said to have succeeded, so that many at once are
    /// no way around.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn begin(&self, engagement: &str, name: &str, from: IpAddr, now: Timestamp) -> Result<(), i64> {
        let keys = [(person(engagement, name), OF_PERSON), (Key::Address(from), OF_ADDRESS)];
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, held| now.0.abs_diff(held.last.0) < FORGOTTEN_AFTER_S as u64);
        let waits = keys.iter().map(|(key, terms)| held.get(key).map_or(0, |held| held.wait_s(*terms, now)));
        let wait_s = waits.max().unwrap_or(0);
        if wait_s > 0 {
            return Err(wait_s);
        }
        for (key, _) in keys {
            let one = held.entry(key).or_insert(Held { failed: 0, last: now });
            *one = Held { failed: one.failed.saturating_add(1), last: now };
        }
        if held.len() > HELD_MAX {
            let mut kept: Vec<(Key, Held)> = std::mem::take(&mut *held).into_iter().collect();
            kept.sort_by_key(|(_, held)| std::cmp::Reverse(held.last));
            kept.truncate(HELD_MAX / 2);
            *held = kept.into_iter().collect();
        }
        Ok(())
    }

    /// The password was right: the person's failures are forgotten, and of its address this one try.
    pub fn succeeded(&self, engagement: &str, name: &str, from: IpAddr) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.remove(&person(engagement, name));
        if let Some(of_address) = held.get_mut(&Key::Address(from)) {
            of_address.failed = of_address.failed.saturating_sub(1);
        }
    }
}

fn person(engagement: &str, name: &str) -> Key {
    Key::Person(sha256(format!("{engagement}\n{}", name.trim().to_lowercase()).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const NOW: i64 = 1_795_000_000;
    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    fn elsewhere(n: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + n))
    }

    #[test]
    fn waits_grow_and_end_with_the_right_password() {
        let attempts = Attempts::default();
        let mut now = NOW;
        let mut waits = Vec::new();
        for n in 0..14 {
            // From everywhere: it is the person that waits.
            match attempts.begin("e", "Ada", elsewhere(n), Timestamp(now)) {
                Ok(()) => {}
                Err(wait_s) => {
                    waits.push(wait_s);
                    assert!(attempts.begin("e", " ADA ", HERE, Timestamp(now + wait_s - 1)).is_err());
                    now += wait_s;
                    attempts.begin("e", "ada", elsewhere(n), Timestamp(now)).unwrap();
                }
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert!(attempts.begin("e", "Bob", HERE, Timestamp(now)).is_ok(), "nobody else waits");
        assert!(attempts.begin("other", "Ada", HERE, Timestamp(now)).is_ok(), "nor elsewhere");
        attempts.succeeded("e", "Ada", HERE);
        assert!(attempts.begin("e", "Ada", HERE, Timestamp(now)).is_ok());
    }

    #[test]
    fn an_address_that_tries_many_names_waits_and_is_forgotten() {
        let attempts = Attempts::default();
        let tried = |n: u32, now: i64| attempts.begin("e", &format!("p{n}"), HERE, Timestamp(now));
        for n in 0..20 {
            tried(n, NOW).unwrap();
        }
        assert_eq!(tried(20, NOW), Err(1));
        assert!(attempts.begin("e", "p20", elsewhere(1), Timestamp(NOW)).is_ok());
        assert!(tried(21, NOW + HOUR_S).is_ok());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let attempts = Attempts::default();
        for n in 0..HELD_MAX as u32 / 2 + 2 {
            attempts.begin("e", &format!("p{n}"), elsewhere(n), Timestamp(NOW)).unwrap();
        }
        assert!(attempts.0.lock().unwrap().len() <= HELD_MAX / 2 + 2);
    }
}
