//! Hosts: what the plan's hosts cost, failover hosts included.
// SPDX-License-Identifier: Apache-2.0

use super::{Course, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "hosts",
    kind: ValueKind::CashOnce,
    unit: "currency",
    formula: "-hosts * template.price",
    amount: |context, case| -context.hosts_price(case),
    course: Course::Once,
};
