//! Energy: what the servers draw today less what the hosts will, cooling and losses of the building included.
// SPDX-License-Identifier: Apache-2.0

use super::context::{Case, Context};
use super::{Course, Line};
use cairn_schemas::assessment::{PowerGrade, ValueKind};

pub(super) const LINE: Line = Line {
    id: "energy",
    kind: ValueKind::CashAnnual,
    unit: "currency/year",
    formula: "(sum(P(server)) - hosts * P(host)) * hours_per_year / 1000 * pue * electricity_price, P = idle + (max - idle) * mean CPU",
    amount: |context, case| cash(context, case, 1.0),
    course: Course::Own(|context, case, month| cash(context, case, context.moved(month, case))),
};

fn cash(context: &Context<'_>, case: Case, moved: f64) -> f64 {
    context.scaled(kwh(context, case, moved), "electricity_price", case)
}

/// Kilowatt-hours a year no longer drawn while a part of the servers has moved, the building's share included. The hosts
/// draw from the first month on, whoever has moved.
pub(super) fn kwh(context: &Context<'_>, case: Case, moved: f64) -> f64 {
    if context.placed.iter().any(|server| server.power.grade == PowerGrade::Assumed) {
        // They are printed with what else was used.
        for name in ["server_idle_watts", "server_max_watts"] {
            context.saving(name, case);
        }
    }
    // Where CPU was not measured the server is taken to idle: it saves less, not more.
    let watts = |server: &super::Spared| case.of(server.power.at(server.cpu_mean_ratio.unwrap_or(0.0)));
    let today: f64 = context.placed.iter().map(watts).sum();
    let mean = context.host_mean_ratio.min(1.0);
    let hosts = context.over_hosts(|host| host.idle_watts + (host.max_watts - host.idle_watts) * mean);
    let spared_watts = today * moved - hosts;
    context.scaled(context.scaled(spared_watts / 1_000.0, "hours_per_year", case), "pue", case)
}
