//! Agility: the third phase.
// SPDX-License-Identifier: Apache-2.0

use super::Formula;

pub(super) const REQUEST: Formula = Formula {
    id: "request",
    phase: 3,
    unit: "h/request",
    formula: "request_before - request_after",
    inputs: &["request_before", "request_after"],
    amount: |inputs| Some(inputs[0] - inputs[1]),
};

pub(super) const WAITING: Formula = Formula {
    id: "waiting",
    phase: 3,
    unit: "h/month",
    formula: "requests * (request_before - request_after)",
    inputs: &["requests", "request_before", "request_after"],
    amount: |inputs| Some(inputs[0] * (inputs[1] - inputs[2])),
};

pub(super) const SELF_SERVED: Formula = Formula {
    id: "self-served",
    phase: 3,
    unit: "1",
    formula: "requests_self_served / requests",
    inputs: &["requests_self_served", "requests"],
    amount: |inputs| (inputs[1] > 0.0).then(|| inputs[0] / inputs[1]),
};

pub(super) const WORKLOAD_COST: Formula = Formula {
    id: "workload-cost",
    phase: 3,
    unit: "currency/month",
    formula: "workload_cost_public - workload_cost_private",
    inputs: &["workload_cost_public", "workload_cost_private"],
    amount: |inputs| Some(inputs[0] - inputs[1]),
};
