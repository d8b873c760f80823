//! Storage: shared storage the virtual machines need.
// SPDX-License-Identifier: Apache-2.0

use super::{Course, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "storage",
    kind: ValueKind::CashOnce,
    unit: "currency",
    formula: "-placed * storage_per_server",
    amount: |context, case| -context.placed() * context.cost("storage_per_server", case),
    course: Course::Once,
};
