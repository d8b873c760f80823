//! The assessment: a pure function from an estate and a policy to figures that can be defended. No clock,
//! file, network, log, hash order or English, and no random number that the input did not seed; same input, same
//! bytes.
//!
//! The modules stand in the order of the method, as one would explain it to a customer.
// SPDX-License-Identifier: Apache-2.0

mod assess;
pub use assess::{METHOD_VERSION, assess, canonical, capacity_of, hosts_cost, planned};

pub mod demand;
pub mod estate;
pub mod policy;

pub mod coverage;
pub mod exclusion;
pub mod load;
pub mod normalize;
pub mod profile;

pub mod cells;
pub mod sizing;
pub mod storage;

pub mod decisions;
pub mod readiness;

pub mod constraint;
pub mod packing;
pub mod training;

pub mod backtest;
pub mod interval;
pub mod recommend;

pub mod scenario;
pub mod whatif;

pub mod measuring;
pub mod nightly;
pub mod sensitivity;

pub mod catalogue;
pub mod consolidation;
pub mod licence;
pub mod ratio;

pub mod benefit;
pub mod grid;
pub mod power;
pub mod value;

pub mod service_catalogue;

pub mod disposition;
pub mod waves;

pub mod journey;

pub mod checklist;

pub mod realised;

pub mod figure;

pub mod difference;

pub mod trial;

#[cfg(test)]
mod by_hand_tests;
#[cfg(test)]
mod estate_testing;
#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod testing;
