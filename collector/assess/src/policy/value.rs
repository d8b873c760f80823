//! Constants of the value, each with low, base and high, unit, source and date. There is no default price
//! presented as the price: every one is there to be replaced by the customer's.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::assessment::{Constant, Range};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Constants of the value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ValuePolicy {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Years looked at.
    pub years: u32,
    /// Country whose grid feeds the estate, ISO 3166: `DE` or `DEU`. Without one carbon spans the grids of the world.
    pub country: Option<String>,
    /// What the customer's money must earn a year; without one nothing is discounted.
    pub hurdle_ratio: Option<f64>,
    /// What the customer's own servers draw, by product name.
    pub power: Vec<PowerRow>,
    /// What quality of service and agility are computed from, by name: see `benefit`. Nothing is assumed.
    pub inputs: BTreeMap<String, BenefitInput>,
    /// The constants, by name. A file that names one replaces that one.
    pub constants: BTreeMap<String, ValueConstant>,
}

/// What servers of one model draw, as the customer measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PowerRow {
    /// Product name, as the fact `model` has it.
    pub server_model: String,
    /// Watts at idle.
    pub idle_watts: f64,
    /// Watts under full load.
    pub max_watts: f64,
    /// Who measured, and how.
    pub source: String,
    /// When.
    pub date: String,
}

/// An input of a benefit, as the customer answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenefitInput {
    /// The answer, in the unit the input asks for.
    pub value: f64,
    /// Who says so.
    pub source: String,
    /// As of when.
    pub date: String,
}

/// One constant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueConstant {
    /// Low, base, high, in ascending order.
    #[serde(deserialize_with = "super::range::written")]
    pub value: Range,
    /// Unit.
    pub unit: String,
    /// Who says so.
    pub source: String,
    /// As of when.
    pub date: String,
}

impl Default for ValuePolicy {
    fn default() -> Self {
        Self {
            currency: "USD".into(),
            years: 5,
            country: None,
            hurdle_ratio: None,
            power: Vec::new(),
            inputs: BTreeMap::new(),
            constants: BTreeMap::new(),
        }
    }
}

impl ValuePolicy {
    /// Every constant, the policy's own before the standard one of the same name.
    #[must_use]
    pub fn resolved(&self) -> BTreeMap<String, ValueConstant> {
        let mut all: BTreeMap<String, ValueConstant> = STANDARD.iter().map(Standard::constant).collect();
        all.extend(self.constants.clone());
        all
    }
}

impl ValueConstant {
    /// The constant as an assessment prints it.
    #[must_use]
    pub fn printed(&self, id: &str) -> Constant {
        Constant {
            id: id.to_owned(),
            value: self.value,
            unit: self.unit.clone(),
            source: self.source.clone(),
            date: self.date.clone(),
        }
    }
}

/// A standard constant: name, low, base, high, unit, source, date.
struct Standard(&'static str, f64, f64, f64, &'static str, &'static str, &'static str);

impl Standard {
    fn constant(&self) -> (String, ValueConstant) {
        let Self(name, low, base, high, unit, source, date) = *self;
        let value = Range { low, base, high };
        let [unit, source, date] = [unit, source, date].map(str::to_owned);
        (name.to_owned(), ValueConstant { value, unit, source, date })
    }
}

const OURS: &str = "ours; replace with the customer's";
const SPECPOWER: &str = "quartiles of 315 SPECpower_ssj2008 results, spec.org, watts per node";

#[rustfmt::skip]
const STANDARD: &[Standard] = &[
    Standard("server_idle_watts", 53.0, 66.0, 103.0, "W", SPECPOWER, "2014"),
    Standard("server_max_watts", 172.0, 236.0, 276.0, "W", SPECPOWER, "2014"),
    Standard("electricity_price", 0.0685, 0.10, 0.13, "currency/kWh", "jasongaudreau.com 2012: 0.0685; IBM Systems Magazine: 0.10; virtual.com, ASG economics: 0.13", "2016"),
    Standard("pue", 1.3, 1.6, 2.0, "1", "average 2.0 and 1.6 achievable: itbusinessedge.com green calculator and nimblestorage.com 2016; low end ours", "2012"),
    Standard("hours_per_year", 8_766.0, 8_766.0, 8_766.0, "h", "365.25 days", "2026"),
    Standard("grid_carbon", 0.10, 0.42, 0.77, "kg CO2e/kWh", "10th percentile, median and 90th percentile of 25 regional grid factors (EPA, EEA and others, collected by Cloud Carbon Footprint)", "2023"),
    Standard("server_price", 4_000.0, 6_000.0, 9_000.0, "currency", OURS, "2026-11"),
    Standard("server_life", 4.0, 5.0, 6.0, "years", OURS, "2026-11"),
    Standard("maintenance_share", 0.05, 0.10, 0.15, "1/year of price", "Azure Migrate business case: 10 % of storage, 15 % of network hardware; low end ours", "2024-10"),
    Standard("rack_units_per_server", 1.0, 2.0, 2.0, "U", OURS, "2026-11"),
    Standard("rack_unit_cost", 60.0, 120.0, 240.0, "currency/year", OURS, "2026-11"),
    Standard("hypervisor_subscription", 0.0, 2_500.0, 7_000.0, "currency/host/year", OURS, "2026-11"),
    Standard("storage_per_server", 200.0, 500.0, 1_000.0, "currency", OURS, "2026-11"),
    Standard("pool_cpu_share", 0.5, 0.5, 0.5, "1 of the hosts' cost", OURS, "2026-11"),
    Standard("migration_hours", 4.0, 8.0, 16.0, "h/server", OURS, "2026-11"),
    Standard("project_months", 3.0, 6.0, 12.0, "months", OURS, "2026-11"),
    Standard("admins_trained", 2.0, 3.0, 6.0, "people", OURS, "2026-11"),
    Standard("training_cost", 2_000.0, 4_000.0, 6_000.0, "currency/person", OURS, "2026-11"),
    Standard("labour_rate", 30.0, 40.9, 60.0, "currency/h", "85,000 a year (virtual.com, ASG economics of server virtualization) over a working year of 2,080 h; low and high ours", "2016"),
    Standard("project_fixed_cost", 10_000.0, 20_000.0, 40_000.0, "currency", OURS, "2026-11"),
    Standard("servers_per_admin_physical", 45.0, 45.0, 45.0, "servers", "virtual.com, ASG economics of server virtualization", "2016"),
    Standard("servers_per_admin_virtual", 60.0, 76.0, 76.0, "servers", "virtual.com, ASG economics of server virtualization: 76; low end ours", "2016"),
    Standard("admin_salary", 85_000.0, 85_000.0, 85_000.0, "currency/year", "virtual.com, ASG economics of server virtualization", "2016"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_constant_is_ordered_and_sourced() {
        for (name, constant) in ValuePolicy::default().resolved() {
            let Range { low, base, high } = constant.value;
            assert!(low <= base && base <= high, "{name}");
            assert!(
                !constant.unit.is_empty() && !constant.source.is_empty() && !constant.date.is_empty(),
                "{name}"
            );
        }
    }
}
