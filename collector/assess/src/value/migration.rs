//! Migration: the work of moving, and the project around it.
// SPDX-License-Identifier: Apache-2.0

use super::{Course, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "migration",
    kind: ValueKind::CashOnce,
    unit: "currency",
    formula: "-(placed * migration_hours * labour_rate + project_fixed_cost)",
    amount: |context, case| {
        let hours = context.placed() * context.cost("migration_hours", case);
        -(hours * context.cost("labour_rate", case) + context.cost("project_fixed_cost", case))
    },
    course: Course::Once,
};
