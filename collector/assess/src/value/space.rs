//! Space: rack units given back.
// SPDX-License-Identifier: Apache-2.0

use super::context::{Case, Context};
use super::{Course, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "space",
    kind: ValueKind::CashAnnual,
    unit: "currency/year",
    formula: "(placed - hosts) * rack_units_per_server * rack_unit_cost",
    amount: |context, case| cash(context, case, 1.0),
    course: Course::Own(|context, case, month| cash(context, case, context.moved(month, case))),
};

/// While a part of the servers has moved; the hosts stand there from the first month on.
fn cash(context: &Context<'_>, case: Case, moved: f64) -> f64 {
    let spared = context.placed() * moved - context.all_hosts();
    context.scaled(context.scaled(spared, "rack_units_per_server", case), "rack_unit_cost", case)
}
