//! Leases: what is paid until a lease ends, and no longer then. Nobody gets out of a lease by moving.
// SPDX-License-Identifier: Apache-2.0

use super::context::{Case, Context, Spared};
use super::{Course, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "lease",
    kind: ValueKind::CashAnnual,
    unit: "currency/year",
    formula: "sum(annual_lease_cost where lease_end is within the years looked at), from lease_end on",
    amount: |context, case| saved(context, case, f64::from(context.months())),
    course: Course::Own(|context, case, month| {
        saved(context, case, f64::from(month) - 1.0) * context.moved(month, case)
    }),
};

/// Yearly rates of the leases that have ended so many months from now. Whether one of unknown end ends is not known: only
/// the hopeful end takes it to.
fn saved(context: &Context<'_>, case: Case, month: f64) -> f64 {
    let ended = |server: &&Spared| match server.ends.lease {
        Some(end) => end <= month,
        None => case == Case::High,
    };
    context.placed.iter().filter(ended).filter_map(|server| server.lease).fold(0.0, |sum, rate| sum + rate)
}
