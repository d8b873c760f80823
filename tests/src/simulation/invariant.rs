//! The invariants, each in a file of its own, in the order in which one would explain them.
// SPDX-License-Identifier: Apache-2.0

use super::evidence::Evidence;
use super::options::Bug;
use super::world::World;

mod acknowledged_is_readable;
mod fork_is_told;
mod loss_has_a_cause;
mod missing_has_a_reason;
mod no_slot_twice;
mod poison_delays_nothing;
mod queues_drain;

/// Something that holds whatever happens.
#[derive(Debug)]
pub struct Invariant {
    /// Its name.
    pub id: &'static str,
    /// What is broken, if anything, in words.
    pub check: fn(&World, &Evidence) -> Result<(), String>,
    /// The bug that breaks it.
    pub bug: Bug,
}

/// Every invariant.
pub static INVARIANTS: [&Invariant; 7] = [
    &acknowledged_is_readable::INVARIANT,
    &no_slot_twice::INVARIANT,
    &missing_has_a_reason::INVARIANT,
    &loss_has_a_cause::INVARIANT,
    &fork_is_told::INVARIANT,
    &queues_drain::INVARIANT,
    &poison_delays_nothing::INVARIANT,
];

/// Bugs that hide behind what an invariant excuses, and the one that finds them all the same.
pub static EXCUSES: [(Bug, &Invariant); 2] = [
    (Bug::MistellsBesideDamage, &loss_has_a_cause::INVARIANT),
    (Bug::HidesBesideDamage, &missing_has_a_reason::INVARIANT),
];
