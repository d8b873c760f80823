//! Training: those who will run the hosts learn how.
// SPDX-License-Identifier: Apache-2.0

use super::{Course, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "training",
    kind: ValueKind::CashOnce,
    unit: "currency",
    formula: "-admins_trained * training_cost",
    amount: |context, case| -context.cost("admins_trained", case) * context.cost("training_cost", case),
    course: Course::Once,
};
