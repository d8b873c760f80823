//! Labour: hours no longer spent on hardware; soft, for nobody is paid less.
// SPDX-License-Identifier: Apache-2.0

use super::{Course, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "labour",
    kind: ValueKind::SoftAnnual,
    unit: "currency/year",
    formula: "placed * admin_salary * (1 / servers_per_admin_physical - 1 / servers_per_admin_virtual)",
    amount: |context, case| {
        let physical = context.cost("servers_per_admin_physical", case);
        let virtual_ = context.saving("servers_per_admin_virtual", case);
        context.scaled(context.placed() * (1.0 / physical - 1.0 / virtual_), "admin_salary", case)
    },
    course: Course::Ramped,
};
