//! The register of outcomes: what was promised, each step by which it arrives, and profiles frozen before a move. Part
//! of every store. It only grows: what was entered wrongly is withdrawn, and stays.
// SPDX-License-Identifier: Apache-2.0

use super::Result;
use cairn_schemas::moment::Moment;
use cairn_schemas::outcome::{Baseline, Delay, Outcome, Realisation, Register, Step};
use cairn_schemas::time::Timestamp;

/// What is entered at once: all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entries {
    /// New outcomes, with what is realised of them.
    pub outcomes: Vec<Outcome>,
    /// What is realised of outcomes there are, by their number.
    pub realised: Vec<(u64, Realisation)>,
    /// Steps of servers.
    pub steps: Vec<Step>,
    /// Why servers are late.
    pub delays: Vec<Delay>,
    /// What happened for the first time; kept in the diary of the journey.
    pub moments: Vec<Moment>,
}

/// The numbers that entries got, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entered {
    /// Of the outcomes.
    pub outcomes: Vec<u64>,
    /// Of the steps.
    pub steps: Vec<u64>,
}

/// A step as kept, withdrawn or not.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptStep {
    /// The step.
    pub step: Step,
    /// Who withdrew it, and when.
    pub withdrawn: Option<(String, Timestamp)>,
}

/// A baseline with the text that was signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Sealed {
    /// The baseline.
    pub baseline: Baseline,
    /// The same as JSON: the bytes that were signed.
    pub json: String,
    /// Ed25519 public key.
    pub public_key: Vec<u8>,
    /// Its signature of the JSON.
    pub signature: Vec<u8>,
}

/// The register of outcomes.
pub trait Outcomes {
    /// Keeps entries in one transaction, with an audit line for each. `by` is who enters them. Refused when an outcome
    /// realised is none there is.
    fn enter(&self, entries: &Entries, by: &str, now: Timestamp) -> Result<Entered>;
    /// Withdraws a step: it stays, and no longer counts. `false` when there is none of the number that counts.
    fn withdraw_step(&self, id: u64, by: &str, now: Timestamp) -> Result<bool>;
    /// Keeps a signed profile and gives its number.
    fn put_baseline(&self, sealed: &Sealed, now: Timestamp) -> Result<u64>;
    /// Every step ever entered, by number.
    fn steps(&self) -> Result<Vec<KeptStep>>;
    /// All that counts, each baseline with whether its signature still holds.
    fn outcomes(&self) -> Result<Register>;
}
