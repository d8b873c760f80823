//! Subscription: what the hypervisor costs a year.
// SPDX-License-Identifier: Apache-2.0

use super::{Course, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "subscription",
    kind: ValueKind::CashAnnual,
    unit: "currency/year",
    formula: "-hosts * hypervisor_subscription",
    amount: |context, case| -context.all_hosts() * context.cost("hypervisor_subscription", case),
    course: Course::Ramped,
};
