//! The figures a difference follows, each in whole steps of a power of ten, so that sums are exact.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::assessment::{Assessment, Consolidation};

/// A figure that is followed.
pub(super) struct Followed {
    pub(super) id: &'static str,
    pub(super) unit: &'static str,
    /// Steps are of 10^-`decimals`.
    pub(super) decimals: u8,
    pub(super) of: fn(&Assessment) -> Option<f64>,
}

/// The figures of an assessment in steps, in the order of [`FOLLOWED`].
pub(super) type Steps = Vec<Option<i64>>;

/// Every followed figure, in reading order.
#[rustfmt::skip]
pub(super) static FOLLOWED: &[Followed] = &[
    Followed { id: "servers_assessed", unit: "servers", decimals: 0, of: |a| Some(a.estate.assessed as f64) },
    Followed { id: "hosts", unit: "hosts", decimals: 0, of: |a| plan(a, |p| p.hosts as f64) },
    Followed { id: "failover_hosts", unit: "hosts", decimals: 0, of: |a| plan(a, |p| p.failover_hosts as f64) },
    Followed { id: "all_hosts", unit: "hosts", decimals: 0, of: |a| plan(a, |p| (p.hosts + p.failover_hosts) as f64) },
    Followed { id: "lower_bound_hosts", unit: "hosts", decimals: 0, of: |a| plan(a, |p| p.lower_bound_hosts as f64) },
    Followed { id: "placed", unit: "servers", decimals: 0, of: |a| plan(a, |p| p.population.placed as f64) },
    Followed { id: "stay", unit: "servers", decimals: 0, of: |a| plan(a, |p| p.population.stay as f64) },
    Followed { id: "servers_removed", unit: "servers", decimals: 0, of: |a| plan(a, |p| p.servers_removed as f64) },
    Followed { id: "net_consolidation_ratio", unit: "1", decimals: 6, of: |a| a.consolidation.as_ref()?.net_consolidation_ratio },
    Followed { id: "source_to_destination_ratio", unit: "1", decimals: 6, of: |a| a.consolidation.as_ref()?.source_to_destination_ratio },
    Followed { id: "readiness_score", unit: "points", decimals: 6, of: |a| a.readiness.score },
    Followed { id: "servers_ready", unit: "servers", decimals: 0, of: |a| Some(a.readiness.counts.ready as f64) },
    Followed { id: "servers_conditional", unit: "servers", decimals: 0, of: |a| Some(a.readiness.counts.conditional as f64) },
    Followed { id: "servers_blocked", unit: "servers", decimals: 0, of: |a| Some(a.readiness.counts.blocked as f64) },
    Followed { id: "servers_unknown", unit: "servers", decimals: 0, of: |a| Some(a.readiness.counts.unknown as f64) },
    Followed { id: "coverage_ratio", unit: "1", decimals: 6, of: |a| a.coverage.ratio },
    Followed { id: "virtualised_share_ratio", unit: "1", decimals: 6, of: |a| a.journey.virtualised_share_ratio },
    Followed { id: "annual_cash", unit: "currency/year", decimals: 2, of: |a| value(a, a.value.annual_cash.base) },
    Followed { id: "one_off_cash", unit: "currency", decimals: 2, of: |a| value(a, a.value.one_off_cash.base) },
    Followed { id: "annual_avoided", unit: "currency/year", decimals: 2, of: |a| value(a, a.value.annual_avoided.base) },
    Followed { id: "annual_soft", unit: "currency/year", decimals: 2, of: |a| value(a, a.value.annual_soft.base) },
    Followed { id: "annual_carbon_kg", unit: "kg CO2e/year", decimals: 2, of: |a| value(a, a.value.annual_carbon_kg.base) },
    Followed { id: "payback_months", unit: "months", decimals: 2, of: |a| a.value.payback_months.base },
];

impl Followed {
    /// Whether it is an amount of money, which two currencies cannot share.
    pub(super) fn is_money(&self) -> bool {
        self.unit.starts_with("currency")
    }
}

fn plan(of: &Assessment, figure: fn(&Consolidation) -> f64) -> Option<f64> {
    of.consolidation.as_ref().map(figure)
}

/// Without a plan there is no value, which is not a value of 0.
fn value(of: &Assessment, amount: f64) -> Option<f64> {
    of.consolidation.as_ref().map(|_| amount)
}

/// The figures of an assessment in steps.
pub(super) fn steps(of: &Assessment) -> Steps {
    let step = |figure: &Followed| {
        let value = (figure.of)(of).filter(|value| value.is_finite())?;
        Some((value * 10_f64.powi(i32::from(figure.decimals))).round() as i64)
    };
    FOLLOWED.iter().map(step).collect()
}
