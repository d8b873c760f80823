//! Carbon: the energy no longer drawn, by the grid's intensity.
// SPDX-License-Identifier: Apache-2.0

use super::energy::kwh;
use super::{Course, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "carbon",
    kind: ValueKind::CarbonAnnual,
    unit: "kg CO2e/year",
    formula: "kWh of energy * grid_carbon",
    amount: |context, case| context.scaled(kwh(context, case), "grid_carbon", case),
    course: Course::Ramped,
};
