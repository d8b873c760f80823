//! What a server costs a year while it runs, by the constants of the value: what ends when it goes.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Server;
use crate::policy::Policy;
use crate::power;
use cairn_schemas::assessment::{Constant, Range};
use cairn_schemas::outcome::RunningCost;

/// The constants it is made of.
const USED: [&str; 7] = [
    "server_idle_watts",
    "server_max_watts",
    "hours_per_year",
    "pue",
    "electricity_price",
    "rack_units_per_server",
    "rack_unit_cost",
];

/// What a server costs a year: energy at its mean load, its place, and the maintenance its contract is known to cost.
///
/// Maintenance that nobody knows of is not assumed here: it could not be seen to end. `cpu_mean_ratio`: idle where it
/// was not measured, which promises less.
#[must_use]
pub fn running_cost(server: &Server, cpu_mean_ratio: Option<f64>, policy: &Policy) -> RunningCost {
    let constants = policy.value.resolved();
    let value = |name: &str| constants.get(name).map(|constant| constant.value).unwrap_or_default();
    let watts = power::of(server, &policy.value).at(cpu_mean_ratio.unwrap_or(0.0));
    let kwh = each(watts, value("hours_per_year"), |watts, hours| watts * hours / 1_000.0);
    let product = |a, b| each(a, b, |a, b| a * b);
    RunningCost {
        energy: product(product(kwh, value("pue")), value("electricity_price")),
        space: product(value("rack_units_per_server"), value("rack_unit_cost")),
        contract: Range::of(server.number("annual_maintenance_cost").unwrap_or(0.0)),
    }
}

fn each(a: Range, b: Range, of: impl Fn(f64, f64) -> f64) -> Range {
    Range { low: of(a.low, b.low), base: of(a.base, b.base), high: of(a.high, b.high) }
}

/// The constants, as an assessment prints them.
pub(super) fn constants(policy: &Policy) -> Vec<Constant> {
    let constants = policy.value.resolved();
    USED.iter().filter_map(|id| Some(constants.get(*id)?.printed(id))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::server;

    #[test]
    fn a_server_costs_energy_its_place_and_the_contract_that_is_known() {
        let known = server("web", &[("annual_maintenance_cost", "300")]);
        let cost = running_cost(&known, Some(0.5), &Policy::default());
        // (66 + (236 - 66) / 2) W * 8,766 h / 1,000 * 1.6 * 0.10; two units at 120.
        assert!((cost.energy.base - 211.79).abs() < 0.01, "{cost:?}");
        assert_eq!((cost.space.base, cost.contract), (240.0, Range::of(300.0)));
        let unknown = running_cost(&server("web", &[]), None, &Policy::default());
        assert!(unknown.energy.base < cost.energy.base && unknown.contract == Range::of(0.0));
        assert_eq!(
            constants(&Policy::default()).len(),
            USED.len(),
            "each of them is a constant of the value"
        );
    }
}
