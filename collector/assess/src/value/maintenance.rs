//! Maintenance: contracts that end with the hardware, less those of the hosts.
// SPDX-License-Identifier: Apache-2.0

use super::Line;
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "maintenance",
    kind: ValueKind::CashAnnual,
    unit: "currency/year",
    formula: "sum(annual_maintenance_cost, else server_price * maintenance_share) - hosts * template.price * maintenance_share",
    amount: |context, case| {
        let assumed = context.saving("server_price", case) * context.saving("maintenance_share", case);
        let today: f64 = context.placed.iter().map(|server| server.maintenance.unwrap_or(assumed)).sum();
        today - context.hosts_price(case) * context.cost("maintenance_share", case)
    },
};
