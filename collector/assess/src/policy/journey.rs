//! When the phases of the journey open, and who is won in which order.
// SPDX-License-Identifier: Apache-2.0

use serde::{Deserialize, Serialize};

/// When the phases open (design 7.10; *ours*, the shares after Viarengo, 2010).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JourneyPolicy {
    /// IT-owned servers that must be ready.
    pub ready_servers_min: usize,
    /// Score from which a server counts as ready.
    pub ready_score_min: f64,
    /// Days each of them must have been measured.
    pub days_min: f64,
    /// Coverage each of them must have.
    pub coverage_min_ratio: f64,
    /// Net ratio of the first wave.
    pub first_wave_net_ratio_min: f64,
    /// The customer's hurdle, in months; not required until set.
    pub payback_months_max: Option<f64>,
    /// Share of workloads that is virtual when what IT owns itself comes to its end: the stall of 25 to 35 %.
    pub business_share_min_ratio: f64,
    /// Servers that others than IT own, that are ready, and whose owners have agreed.
    pub agreed_servers_min: usize,
    /// Share of workloads that is virtual when IT as a service begins.
    pub service_share_min_ratio: f64,
    /// Who is to be won, in this order. Practitioners disagree on it, so it is the customer's.
    pub sponsors: Vec<String>,
}

impl Default for JourneyPolicy {
    fn default() -> Self {
        Self {
            ready_servers_min: 5,
            ready_score_min: 70.0,
            days_min: 28.0,
            coverage_min_ratio: 0.90,
            first_wave_net_ratio_min: 3.0,
            payback_months_max: None,
            business_share_min_ratio: 0.25,
            agreed_servers_min: 1,
            service_share_min_ratio: 0.50,
            sponsors: ["administrators", "application-owners", "executives"].map(str::to_owned).to_vec(),
        }
    }
}
