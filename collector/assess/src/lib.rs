//! The assessment: a pure function from an estate and a policy to figures that can be defended. No clock,
//! file, network, log, random number, hash order or English; same input, same bytes.
//!
//! The modules stand in the order of the method, as one would explain it to a customer.
// SPDX-License-Identifier: Apache-2.0

pub mod demand;
pub mod estate;
pub mod policy;

pub mod coverage;
pub mod load;
pub mod normalize;
pub mod profile;
pub mod sizing;

pub mod readiness;

pub mod packing;
pub mod training;

pub mod backtest;
pub mod interval;
pub mod scenario;

pub mod consolidation;
pub mod ratio;

pub mod value;

#[cfg(test)]
mod estate_testing;
#[cfg(test)]
mod testing;

use cairn_schemas::assessment::ServerCapacity;
use cairn_schemas::time::Timestamp;
use estate::Server;
use policy::Policy;

/// What a server has at a moment, CPU on the normalised scale.
#[must_use]
pub fn capacity_of(server: &Server, moment: Timestamp, policy: &Policy) -> ServerCapacity {
    let cpu = normalize::cpu_at(server, moment, &policy.normalisation);
    ServerCapacity {
        cpu_mhz: cpu.map(|(mhz, _)| mhz),
        cpu_grade: cpu.map(|(_, grade)| grade).unwrap_or_default(),
        memory_bytes: server.number("memory_bytes"),
        disk_bytes_per_s: server.number("disk_bytes_per_s"),
        network_bytes_per_s: server.number("network_bytes_per_s"),
    }
}
