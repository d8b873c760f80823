//! Space: rack units given back.
// SPDX-License-Identifier: Apache-2.0

use super::{Course, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "space",
    kind: ValueKind::CashAnnual,
    unit: "currency/year",
    formula: "(placed - hosts) * rack_units_per_server * rack_unit_cost",
    amount: |context, case| {
        let spared = context.placed() - context.all_hosts();
        context.scaled(context.scaled(spared, "rack_units_per_server", case), "rack_unit_cost", case)
    },
    course: Course::Ramped,
};
