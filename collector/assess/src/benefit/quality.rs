//! Quality of service: the second phase.
// SPDX-License-Identifier: Apache-2.0

use super::Formula;

pub(super) const DOWNTIME: Formula = Formula {
    id: "downtime",
    phase: 2,
    unit: "currency/year",
    formula: "(downtime_before - downtime_after) * downtime_cost",
    inputs: &["downtime_before", "downtime_after", "downtime_cost"],
    amount: |inputs| Some((inputs[0] - inputs[1]) * inputs[2]),
};

pub(super) const PLANNED_DOWNTIME: Formula = Formula {
    id: "planned-downtime",
    phase: 2,
    unit: "h/year",
    formula: "planned_downtime_before - planned_downtime_after",
    inputs: &["planned_downtime_before", "planned_downtime_after"],
    amount: |inputs| Some(inputs[0] - inputs[1]),
};

/// Below 0 the recovery that was tested takes longer than is required.
pub(super) const RECOVERY: Formula = Formula {
    id: "recovery",
    phase: 2,
    unit: "h",
    formula: "recovery_required - recovery_tested",
    inputs: &["recovery_required", "recovery_tested"],
    amount: |inputs| Some(inputs[0] - inputs[1]),
};
