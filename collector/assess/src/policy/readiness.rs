//! Thresholds of the readiness rules; each rule says where its own come from.
// SPDX-License-Identifier: Apache-2.0

use serde::{Deserialize, Serialize};

/// Thresholds of the readiness rules (design 7.4, *ours* where a rule names no other source).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadinessPolicy {
    /// The hypervisor whose list of guests counts: one of `guest-os`'s, or `any` while none is chosen.
    pub hypervisor: String,
    /// Shares of a host up to which fit gives all points, half and a tenth of them; ascending.
    pub fit_shares: [f64; 3],
    /// Spreads up to which steadiness gives 15, 10 and 5 points; ascending.
    pub steadiness_spreads: [f64; 3],
    /// Times a peak must fit an empty host for 15, 12, 9, 6 and 3 points; descending.
    pub room_times: [f64; 5],
    /// Bytes of disk up to which a move gives 3, 2 and 1 points; ascending.
    pub disk_bytes: [f64; 3],
    /// CPU p95 under which a server is idle.
    pub idle_cpu_ratio: f64,
    /// Network p95 under which a server is idle, bytes a second.
    pub idle_network_bytes_per_s: f64,
    /// Days, with a month-end, that must have been seen before a server is called idle, and days without a
    /// session before it is called a zombie.
    pub idle_days: f64,
    /// Share of what it has at which CPU, disk or network p95 is saturated: more may be wanted than was measured.
    pub saturated_ratio: f64,
    /// Share of the installed memory at which its p99 is full.
    pub memory_full_ratio: f64,
    /// One-second CPU from which a peak is told, where the p99 of the slots is below half of it.
    pub short_peak_ratio: f64,
    /// Share of the covered time that a server is switched off from which that is told.
    pub often_off_ratio: f64,
    /// Days before which the end of a lease or warranty is told.
    pub contract_days: f64,
}

impl Default for ReadinessPolicy {
    fn default() -> Self {
        Self {
            hypervisor: "any".into(),
            fit_shares: [0.10, 0.25, 0.50],
            steadiness_spreads: [0.05, 0.10, 0.25],
            room_times: [4.0, 3.0, 2.0, 1.5, 1.0],
            disk_bytes: [2e12, 10e12, 20e12],
            idle_cpu_ratio: 0.02,
            idle_network_bytes_per_s: 20_000.0,
            idle_days: 28.0,
            saturated_ratio: 0.90,
            memory_full_ratio: 0.95,
            short_peak_ratio: 0.95,
            often_off_ratio: 0.20,
            contract_days: 365.0,
        }
    }
}
