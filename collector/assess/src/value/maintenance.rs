//! Maintenance: contracts that end with the hardware, less those of the hosts.
// SPDX-License-Identifier: Apache-2.0

use super::context::{Case, Context, Spared};
use super::{Course, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "maintenance",
    kind: ValueKind::CashAnnual,
    unit: "currency/year",
    formula: "sum(annual_maintenance_cost, else server_price * maintenance_share; low: known ones only) - hosts * template.price * maintenance_share; from maintenance_end on where it is within the years looked at; of unknown end after a year, low: not at all",
    amount: |context, case| ended(context, case, context.months()) - of_hosts(context, case),
    course: Course::Own(|context, case, month| {
        ended(context, case, month) * context.moved(month, case) - of_hosts(context, case)
    }),
};

/// What the contracts cost a year that have ended by a month.
fn ended(context: &Context<'_>, case: Case, month: u32) -> f64 {
    let has_ended = |server: &&Spared| f64::from(month) > months_left(server, case);
    context.placed.iter().filter(has_ended).fold(0.0, |sum, server| sum + contract(context, server, case))
}

/// Months that must still be paid. A contract of which nobody knows the end has a year left; at the careful end it is
/// not taken to end, at the hopeful one it could be ended today.
fn months_left(server: &Spared, case: Case) -> f64 {
    server.ends.maintenance.unwrap_or(match case {
        Case::Low => f64::INFINITY,
        Case::Base => 12.0,
        Case::High => 0.0,
    })
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
