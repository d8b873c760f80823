//! Refresh: purchases that need not be made, when they would be due; cash only where they were budgeted.
// SPDX-License-Identifier: Apache-2.0

use super::context::{Case, Context, Spared};
use super::{Course, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "refresh",
    kind: ValueKind::AvoidedAnnual,
    unit: "currency/year",
    formula: "sum(server_price of owned servers due within the years looked at) / years; due at warranty_end, else purchase_date + server_life",
    amount: |context, case| {
        let all = (1..=context.months()).fold(0.0, |sum, month| sum + due_in(context, case, month));
        all / f64::from(context.policy.value.years.max(1))
    },
    course: Course::Own(due_in),
};

/// Money not spent in a month.
fn due_in(context: &Context<'_>, case: Case, month: u32) -> f64 {
    let price = context.saving("server_price", case);
    let life_months = context.cost("server_life", case) * 12.0;
    // What is leased is given back, whether or not its rate is known.
    let is_owned = |server: &&Spared| server.lease.is_none() && server.ends.lease.is_none();
    let owned = context.placed.iter().filter(is_owned);
    let share = |server: &Spared| match due(server, case, life_months) {
        Due::In(at) => f64::from(at == month),
        Due::Spread => 1.0 / life_months,
        Due::Never => 0.0,
    };
    price * owned.map(share).fold(0.0, |sum, share| sum + share)
}

enum Due {
    /// In this month.
    In(u32),
    /// Some time: as many of them each month.
    Spread,
    /// Not that anybody knows.
    Never,
}

/// When a server would be replaced. One that is overdue has been kept so far: within a year, and at the careful end not at
/// all. Of one without dates only the hopeful end says that it will be replaced.
fn due(server: &Spared, case: Case, life_months: f64) -> Due {
    let at = server.ends.refresh.or_else(|| Some(life_months - server.ends.age?));
    match (at, case) {
        (Some(at), _) if at > 0.0 => Due::In(at.ceil() as u32),
        (Some(_), Case::Base) => Due::In(12),
        (Some(_), Case::High) => Due::In(1),
        (None, Case::High) => Due::Spread,
        (Some(_) | None, _) => Due::Never,
    }
}
