//! The agent: samples one server at 1 Hz, seals slots into signed batches, and ships them. It has no
//! listening port, takes no commands, does not update itself and sends nothing but to its collector.
//!
//! Reading order: what is read, how seconds become slots, how slots survive, how batches travel by network
//! or by file, what else is known of the host, and the verbs that start all this.
// SPDX-License-Identifier: Apache-2.0

pub mod clock;
pub mod root;
pub mod sampler;

pub mod slot;

pub mod spool;

pub mod delivery;

pub mod identity;
pub mod moved;
pub mod rotation;
pub mod uplink;

pub mod bundle;

pub mod inventory;

pub mod config;
pub mod run;
pub mod status;

pub mod cli;
