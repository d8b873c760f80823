//! Refresh: purchases that need not be made, when they would be due; cash only where they were budgeted.
// SPDX-License-Identifier: Apache-2.0

use super::context::{Case, Context, Spared, moved};
use super::{Course, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "refresh",
    kind: ValueKind::AvoidedAnnual,
    unit: "currency/year",
    formula: "sum(server_price of owned servers due within the years looked at, the part that has moved by then) / years; due at warranty_end, else purchase_date + server_life",
    amount: |context, case| {
        avoided(context, case, context.months()) / f64::from(context.policy.value.years.max(1))
    },
    course: Course::Own(|context, case, month| {
        avoided(context, case, month) - avoided(context, case, month - 1)
    }),
};

/// Money not spent from the first month up to the end of one.
fn avoided(context: &Context<'_>, case: Case, month: u32) -> f64 {
    let terms = Terms::of(context, case);
    // What is leased is given back, whether or not its rate is known.
    let is_owned = |server: &&Spared| server.lease.is_none() && server.ends.lease.is_none();
    let owned = context.placed.iter().filter(is_owned);
    let undated = terms.undated(month);
    let servers = owned.map(|server| terms.dated(server, month).unwrap_or(undated));
    context.saving("server_price", case) * servers.fold(0.0, |sum, part| sum + part)
}

/// What is the same for every server.
struct Terms {
    case: Case,
    life_months: f64,
    base_life_months: f64,
    project_months: f64,
}

impl Terms {
    fn of(context: &Context<'_>, case: Case) -> Self {
        let life_months = |case| context.cost("server_life", case) * 12.0;
        Self {
            case,
            life_months: life_months(case),
            base_life_months: life_months(Case::Base),
            project_months: context.project_months(case),
        }
    }

    /// The part of a server's purchase that need not be made up to the end of a month; `None` where nobody knows when it
    /// would be due. A purchase due before the server has moved is made: the part that has moved by then is avoided.
    ///
    /// Where the life of servers is not known, the careful end has a purchase due early where that finds fewer of them
    /// moved, and counts it late; the hopeful end counts it early, and takes those due by then to move first.
    fn dated(&self, server: &Spared, month: u32) -> Option<f64> {
        let base = due(server, Case::Base, self.base_life_months)?;
        let own = due(server, self.case, self.life_months)?;
        let (counts_from, due) = match self.case {
            Case::Low => (own.max(base), own.min(base)),
            Case::Base => (base, base),
            Case::High => (own, month.min(base)),
        };
        Some(if counts_from <= month { moved(due, self.project_months) } else { 0.0 })
    }

    /// The same of a server of which nobody knows: only the hopeful end says that it will be replaced some time, as many
    /// each month.
    fn undated(&self, month: u32) -> f64 {
        if self.case != Case::High {
            return 0.0;
        }
        let parts = (1..=month).map(|month| moved(month, self.project_months) / self.life_months);
        parts.fold(0.0, |sum, part| sum + part)
    }
}

/// The month in which a server would be replaced, `NEVER` included; `None` where it has no date. One that is overdue has
/// been kept so far: within a year, and at the careful end not at all.
fn due(server: &Spared, case: Case, life_months: f64) -> Option<u32> {
    let at = server.ends.refresh.or_else(|| Some(life_months - server.ends.age?))?;
    Some(match case {
        _ if at > 0.0 => at.ceil() as u32,
        Case::Low => NEVER,
        Case::Base => 12,
        Case::High => 1,
    })
}

const NEVER: u32 = u32::MAX;
