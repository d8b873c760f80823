//! What one client may ask for, so that no one of them takes the place of all: rates by address and by agent, a
//! rate of its own for enrolment, and a bound on the bytes of all bodies at once. Over it is 429 with how long to wait,
//! which agents honour; nothing is lost by it.
// SPDX-License-Identifier: Apache-2.0

use super::problem::Refused;
use super::refusal::Refusal;
use cairn_schemas::batch::ENCODED_BYTES_MAX;
use cairn_schemas::identity::AgentId;
use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// Enrolments of one address: a roll-out behind one proxy goes on at this pace. Elsewhere enrolment, not data, was
/// what overran a collector (elastic-agent under 20,000 agents).
const ENROLMENT: Rate = Rate { per_hour: 5 * HOUR_S, burst: 100 };
/// Batches of one address: ten thousand agents behind one proxy send eleven a second, and more after an outage.
const ADDRESS: Rate = Rate { per_hour: 200 * HOUR_S, burst: 2_000 };
/// Batches of one agent: it has one in fifteen minutes, and two hundred after two days of outage.
const AGENT: Rate = Rate { per_hour: 20 * HOUR_S, burst: 1_000 };
/// Keys of one agent. It has another when somebody asks; after its collector was brought back from the past it shows
/// all it has had, one after the other.
const ROTATION: Rate = Rate { per_hour: 4, burst: 64 };
/// Bytes of all bodies on their way in, together.
pub(crate) const BODIES_BYTES_MAX: usize = 128 << 20;
/// Large batches on their way from being decoded to being kept, each of up to [`DECODED_BYTES_MAX`](cairn_schemas::batch::DECODED_BYTES_MAX).
pub(crate) const DECODERS_MAX: usize = 4;
/// Wait for a place among the bodies at most this long.
const PLACE_DEADLINE: Duration = Duration::from_secs(5);
/// Keys that have been quiet are forgotten after this many questions.
const FORGET_EVERY: u64 = 10_000;
const KIB: usize = 1_024;
const HOUR_S: u32 = 3_600;

#[derive(Clone, Copy)]
struct Rate {
    per_hour: u32,
    burst: u32,
}

type Limiter<K> = RateLimiter<K, HashMapStateStore<K>, DefaultClock>;

/// A rate for each key.
struct Keyed<K: Hash + Eq + Clone> {
    limiter: Limiter<K>,
    asked: AtomicU64,
    forgetting: Mutex<()>,
}

impl<K: Hash + Eq + Clone> Keyed<K> {
    fn new(rate: Rate) -> Self {
        let some = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_hour(some(rate.per_hour)).allow_burst(some(rate.burst));
        Self { limiter: RateLimiter::hashmap(quota), asked: AtomicU64::new(0), forgetting: Mutex::new(()) }
    }

    /// Seconds to wait, if it is too early.
    fn check(&self, key: &K) -> Result<(), u32> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1
            && let Ok(_one) = self.forgetting.try_lock()
        {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|early| {
            let wait = early.wait_time_from(DefaultClock::default().now());
            u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1)
        })
    }
}

/// All limits of a collector.
pub struct Limits {
    enrolment: Keyed<IpAddr>,
    address: Keyed<IpAddr>,
    agent: Keyed<AgentId>,
    rotation: Keyed<AgentId>,
    bodies: Arc<Semaphore>,
    decoders: Semaphore,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            enrolment: Keyed::new(ENROLMENT),
            address: Keyed::new(ADDRESS),
            agent: Keyed::new(AGENT),
            rotation: Keyed::new(ROTATION),
            bodies: Arc::new(Semaphore::new(BODIES_BYTES_MAX / KIB)),
            decoders: Semaphore::new(DECODERS_MAX),
        }
    }
}

impl Limits {
    /// Whether an address may enrol now. Loopback is this machine, or a forwarder that many stand behind.
    pub(super) fn enrolment(&self, address: IpAddr) -> Result<(), Refused> {
        if address.is_loopback() {
            return Ok(());
        }
        self.enrolment.check(&address).map_err(|wait_s| early("enrolments of this address", wait_s))
    }

    /// Whether an address may send now; loopback always, as above.
    pub(super) fn address(&self, address: IpAddr) -> Result<(), Refused> {
        if address.is_loopback() {
            return Ok(());
        }
        self.address.check(&address).map_err(|wait_s| early("requests of this address", wait_s))
    }

    /// Whether an agent may send now; asked once its signature has been verified, so that nobody uses up another's.
    pub(super) fn agent(&self, agent: AgentId) -> Result<(), Refused> {
        self.agent.check(&agent).map_err(|wait_s| early("batches of this agent", wait_s))
    }

    /// Whether an agent may have another key now; asked once both have signed for it.
    pub(super) fn rotation(&self, agent: AgentId) -> Result<(), Refused> {
        self.rotation.check(&agent).map_err(|wait_s| early("changes of this agent's key", wait_s))
    }

    /// A place for a body of `length` bytes; where that is not said, for the longest there may be.
    pub(super) async fn body(&self, length: Option<u64>) -> Result<OwnedSemaphorePermit, Refused> {
        let bytes = length.and_then(|n| usize::try_from(n).ok()).unwrap_or(ENCODED_BYTES_MAX);
        let places = bytes.min(ENCODED_BYTES_MAX).div_ceil(KIB).max(1) as u32;
        let waited =
            tokio::time::timeout(PLACE_DEADLINE, Arc::clone(&self.bodies).acquire_many_owned(places));
        match waited.await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(early("bodies on their way in", PLACE_DEADLINE.as_secs() as u32)),
        }
    }

    /// A place for a large batch.
    pub(super) async fn decoder(&self) -> Result<SemaphorePermit<'_>, Refused> {
        match tokio::time::timeout(PLACE_DEADLINE, self.decoders.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(early("large batches", PLACE_DEADLINE.as_secs() as u32)),
        }
    }
}

fn early(what: &str, wait_s: u32) -> Refused {
    let detail = format!("too many {what}; send it again in {wait_s} s");
    Refused::new(Refusal::TooMany, detail).retry_after(wait_s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::identity::Id128;

    #[test]
    fn one_client_is_held_back_and_no_other() {
        let limits = Limits::default();
        let (greedy, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let taken = (0..10 * ENROLMENT.burst).filter(|_| limits.enrolment(greedy).is_ok()).count();
        // Some more may pass while the clock goes on.
        assert!((ENROLMENT.burst as usize..2 * ENROLMENT.burst as usize).contains(&taken), "{taken}");
        assert!(limits.enrolment(greedy).is_err() && limits.enrolment(other).is_ok());
        assert!(limits.address(greedy).is_ok(), "enrolment has a rate of its own");
        let agent = Id128([1; 16]);
        let taken = (0..10 * AGENT.burst).filter(|_| limits.agent(agent).is_ok()).count();
        assert!((AGENT.burst as usize..2 * AGENT.burst as usize).contains(&taken), "{taken}");
        assert!(limits.agent(Id128([2; 16])).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_are_bounded_together() {
        let limits = Limits::default();
        let mut held = Vec::new();
        for _ in 0..BODIES_BYTES_MAX / ENCODED_BYTES_MAX {
            // Without a length each counts as the longest.
            held.push(limits.body(None).await.unwrap());
        }
        let refused = limits.body(Some(10)).await.unwrap_err();
        assert_eq!(refused.refusal, Refusal::TooMany);
        held.pop();
        assert!(limits.body(Some(u64::MAX)).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_large_batches_are_decoded_at_once_and_no_more() {
        let limits = Limits::default();
        let mut held = Vec::new();
        for _ in 0..DECODERS_MAX {
            held.push(limits.decoder().await.unwrap());
        }
        assert_eq!(limits.decoder().await.unwrap_err().refusal, Refusal::TooMany);
        held.pop();
        assert!(limits.decoder().await.is_ok());
    }
}
