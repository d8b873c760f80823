//! Maintenance: contracts that end with the hardware, less those of the hosts.
// SPDX-License-Identifier: Apache-2.0

use super::context::{Case, Context, Spared};
use super::{Course, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "maintenance",
    kind: ValueKind::CashAnnual,
    unit: "currency/year",
    formula: "sum(annual_maintenance_cost, else server_price * maintenance_share; low: known ones only) - hosts * template.price * maintenance_share; from maintenance_end on, else after a year",
    amount: |context, case| {
        let today: f64 = context.placed.iter().map(|server| contract(context, server, case)).sum();
        today - of_hosts(context, case)
    },
    course: Course::Own(|context, case, month| {
        let ended = |server: &&Spared| f64::from(month) > months_left(server, case);
        let over = context.placed.iter().filter(ended).map(|server| contract(context, server, case));
        over.sum::<f64>() * context.moved(month, case) - of_hosts(context, case)
    }),
};

/// Months that must still be paid. A contract of which nobody knows the end has a year left, but at the hopeful end.
fn months_left(server: &Spared, case: Case) -> f64 {
    server.ends.maintenance.unwrap_or(if case == Case::High { 0.0 } else { 12.0 })
}

fn contract(context: &Context<'_>, server: &Spared, case: Case) -> f64 {
    let assumed = || match case {
        Case::Low => 0.0,
        _ => context.saving("server_price", case) * context.saving("maintenance_share", case),
    };
    server.maintenance.unwrap_or_else(assumed)
}

fn of_hosts(context: &Context<'_>, case: Case) -> f64 {
    context.hosts_price(case) * context.cost("maintenance_share", case)
}
