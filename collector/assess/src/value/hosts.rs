//! Hosts: what the plan's hosts cost, failover hosts included.
// SPDX-License-Identifier: Apache-2.0

use super::{Case, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "hosts",
    kind: ValueKind::CashOnce,
    unit: "currency",
    formula: "-hosts * template.price",
    amount: |context, case| {
        let price = context.policy.template.price;
        let price = match case {
            Case::Low => price.high,
            Case::Base => price.base,
            Case::High => price.low,
        };
        -context.all_hosts() * price
    },
};
