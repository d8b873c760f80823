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
    amount: |context, case| context.scaled(kwh(context, case), "electricity_price", case),
    course: Course::Ramped,
};

/// Kilowatt-hours a year no longer drawn, the building's share included.
pub(super) fn kwh(context: &Context<'_>, case: Case) -> f64 {
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
    let spared_watts = today - hosts;
    context.scaled(spared_watts * context.saving("hours_per_year", case) / 1_000.0, "pue", case)
}
