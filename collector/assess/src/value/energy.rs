//! Energy: what the servers draw today less what the hosts will, cooling and losses of the building included.
// SPDX-License-Identifier: Apache-2.0

use super::{Case, Context, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "energy",
    kind: ValueKind::CashAnnual,
    unit: "currency/year",
    formula: "(sum(P(server)) - hosts * P(host)) * hours_per_year / 1000 * pue * electricity_price, P = idle + (max - idle) * mean CPU",
    amount: |context, case| context.scaled(kwh(context, case), "electricity_price", case),
};

/// Kilowatt-hours a year no longer drawn, the building's share included. Watts rise with load in a straight
/// line from idle to maximum (Fan, Weber, Barroso, ISCA 2007).
pub(super) fn kwh(context: &Context<'_>, case: Case) -> f64 {
    let (idle, max) = (context.saving("server_idle_watts", case), context.saving("server_max_watts", case));
    // Where CPU was not measured the server is taken to idle: it saves less, not more.
    let watts = |ratio: Option<f64>| idle + (max - idle) * ratio.unwrap_or(0.0).min(1.0);
    let today: f64 = context.placed.iter().map(|server| watts(server.cpu_mean_ratio)).sum();
    let mean = context.host_mean_ratio.min(1.0);
    let hosts = context.over_hosts(|host| host.idle_watts + (host.max_watts - host.idle_watts) * mean);
    let spared_watts = today - hosts;
    context.scaled(spared_watts * context.saving("hours_per_year", case) / 1_000.0, "pue", case)
}
