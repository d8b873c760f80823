//! Deterministic simulation: agents, uplinks, ingest and store under one scheduler, with a simulated clock, network
//! and disk, and every fault that could be thought of. Everything follows from a seed, and a failing one replays.
// SPDX-License-Identifier: Apache-2.0

pub mod collector;
pub mod disk;
pub mod evidence;
mod exchange;
pub mod fault;
pub mod history;
mod inject;
pub mod invariant;
pub mod keyring;
pub mod machine;
pub mod options;
pub mod outage;
mod planted;
pub mod random;
mod rotation;
pub mod world;

pub use options::{Bug, Options};
pub use random::Random;
pub use world::World;

use evidence::Evidence;
use invariant::INVARIANTS;
use std::collections::BTreeMap;

/// How a run ended well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// One number for all that happened.
    pub trace: u64,
    /// How often each fault, and each answer, happened.
    pub counts: BTreeMap<&'static str, u64>,
    /// Slots that are in the store.
    pub slots: usize,
}

/// What does not hold, and all it takes to see it again.
#[derive(Clone, Debug)]
pub struct Broken {
    /// Names of the invariants.
    pub invariants: Vec<&'static str>,
    /// What is wrong, with the seed and the options.
    pub what: String,
}

/// Runs what the options say and checks every invariant.
///
/// # Errors
/// One does not hold, or more.
pub fn run(options: &Options) -> Result<Passed, Broken> {
    let mut world = World::new(options.clone());
    world.is_loud = std::env::var_os("CAIRN_LOUD").is_some();
    world.corpus = std::env::var_os("CAIRN_CORPUS").map(Into::into);
    world.run();
    judge(&world)
}

/// Holds every invariant against a world.
///
/// # Errors
/// One does not hold, or more.
pub fn judge(world: &World) -> Result<Passed, Broken> {
    let (mut invariants, mut what) = (Vec::new(), format!("seed {}:", world.options.seed));
    let evidence = Evidence::gather(world).map_err(|error| Broken {
        invariants: vec!["the store can be read"],
        what: format!("{what} the store cannot be read: {error}\n  {:?}", world.options),
    })?;
    for invariant in INVARIANTS {
        if let Err(why) = (invariant.check)(world, &evidence) {
            invariants.push(invariant.id);
            what += &format!(" {}: {why};", invariant.id);
        }
    }
    if !invariants.is_empty() {
        return Err(Broken { invariants, what: format!("{what}\n  {:?}", world.options) });
    }
    let counts = world.history.counts.clone();
    Ok(Passed { trace: world.trace(), counts, slots: evidence.readable.len() })
}
