//! Refresh: purchases that need not be made; cash only where they were budgeted.
// SPDX-License-Identifier: Apache-2.0

use super::Line;
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "refresh",
    kind: ValueKind::AvoidedAnnual,
    unit: "currency/year",
    formula: "placed * server_price / server_life",
    amount: |context, case| {
        context.placed() * context.saving("server_price", case) / context.cost("server_life", case)
    },
};
