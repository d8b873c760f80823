//! Terms of licences as dated data: metric, minimums and list prices, each with its source. They change, and
//! a table is no contract: every line made from them says "confirm with the vendor".
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::assessment::Range;

/// Currency of the list prices below.
pub(super) const CURRENCY: &str = "USD";

/// Terms of one product licensed by cores.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// Name under which the policy may price it.
    pub(super) name: &'static str,
    pub(super) product: &'static str,
    /// Price of a core licence in [`CURRENCY`].
    pub(super) core_price: Range,
    pub(super) per_year: bool,
    /// Fewest cores paid for each processor, and each host.
    pub(super) processor_cores_min: f64,
    pub(super) host_cores_min: f64,
    /// Fewest cores paid for a virtual machine; `None` where only whole hosts can be licensed.
    pub(super) vm_cores_min: Option<f64>,
    /// Virtual machines that one licence of a whole host covers, where they are counted.
    pub(super) vms_per_licence: Option<usize>,
    /// Fewest cores of one order.
    pub(super) order_cores_min: f64,
    /// Core licences needed a core.
    pub(super) core_factor: f64,
    pub(super) source: &'static str,
    pub(super) date: &'static str,
}

const fn range(low: f64, base: f64, high: f64) -> Range {
    Range { low, base, high }
}

pub(super) const WINDOWS_STANDARD: Terms = Terms {
    name: "windows_standard",
    product: "windows_server",
    core_price: range(61.0, 67.0, 74.0),
    per_year: false,
    processor_cores_min: 8.0,
    host_cores_min: 16.0,
    vm_cores_min: None,
    vms_per_licence: Some(2),
    order_cores_min: 0.0,
    core_factor: 1.0,
    source: "list price of 16 cores about 1,070 (redresscompliance.com, itcgeorgia.ge); minimums and stacking: softwaredeals.com; low and high ours at 10 %",
    date: "2026-07",
};

pub(super) const WINDOWS_DATACENTER: Terms = Terms {
    name: "windows_datacenter",
    core_price: range(350.0, 388.0, 427.0),
    vms_per_licence: None,
    source: "list price of 16 cores about 6,210 (redresscompliance.com); minimums: softwaredeals.com; low and high ours at 10 %",
    ..WINDOWS_STANDARD
};

pub(super) const HYPERVISOR: Terms = Terms {
    name: "hypervisor_subscription",
    product: "hypervisor_subscription",
    core_price: range(0.0, 135.0, 350.0),
    per_year: true,
    processor_cores_min: 16.0,
    host_cores_min: 16.0,
    vm_cores_min: None,
    vms_per_licence: None,
    order_cores_min: 72.0,
    core_factor: 1.0,
    source: "vSphere Foundation 135, Cloud Foundation 350 a core and year, 16 cores a processor, 72 an order (redresscompliance.com, otava.com); low: a hypervisor without a subscription",
    date: "2026-06",
};

/// Databases by the value of the fact `database`.
pub(super) const DATABASES: &[Terms] = &[
    Terms {
        name: "oracle_enterprise",
        product: "oracle_enterprise",
        core_price: range(11_875.0, 47_500.0, 47_500.0),
        per_year: false,
        processor_cores_min: 1.0,
        host_cores_min: 1.0,
        vm_cores_min: None,
        vms_per_licence: None,
        order_cores_min: 0.0,
        core_factor: 0.5,
        source: "Oracle technology price list: 47,500 a processor, core factor 0.5 on x86, soft partitions do not reduce it; not re-read for this table; low ours at a quarter",
        date: "2024",
    },
    Terms {
        name: "sql_server_enterprise",
        product: "sql_server_enterprise",
        core_price: range(5_000.0, 7_562.0, 7_562.0),
        per_year: false,
        processor_cores_min: 4.0,
        host_cores_min: 4.0,
        vm_cores_min: Some(4.0),
        vms_per_licence: None,
        order_cores_min: 0.0,
        core_factor: 1.0,
        source: "Microsoft list: 15,123 for two cores, four cores a virtual machine or processor; not re-read for this table; low ours",
        date: "2022",
    },
    Terms {
        name: "sql_server_standard",
        product: "sql_server_standard",
        core_price: range(1_300.0, 1_973.0, 1_973.0),
        per_year: false,
        processor_cores_min: 4.0,
        host_cores_min: 4.0,
        vm_cores_min: Some(4.0),
        vms_per_licence: None,
        order_cores_min: 0.0,
        core_factor: 1.0,
        source: "Microsoft list: 3,945 for two cores, four cores a virtual machine; not re-read for this table; low ours",
        date: "2022",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_is_ordered_sourced_and_dated() {
        for terms in [WINDOWS_STANDARD, WINDOWS_DATACENTER, HYPERVISOR].iter().chain(DATABASES) {
            let Range { low, base, high } = terms.core_price;
            assert!(low <= base && base <= high, "{}", terms.product);
            assert!(!terms.source.is_empty() && !terms.date.is_empty(), "{}", terms.product);
            assert!(terms.core_factor > 0.0 && terms.host_cores_min >= 1.0, "{}", terms.product);
        }
    }
}
