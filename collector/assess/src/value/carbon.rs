//! Carbon: the energy no longer drawn, by the grid's intensity.
// SPDX-License-Identifier: Apache-2.0

use super::context::{Case, Context};
use super::energy::kwh;
use super::{Course, Line};
use cairn_schemas::assessment::ValueKind;

pub(super) const LINE: Line = Line {
    id: "carbon",
    kind: ValueKind::CarbonAnnual,
    unit: "kg CO2e/year",
    formula: "kWh of energy * grid_carbon",
    amount: |context, case| kg(context, case, 1.0),
    course: Course::Own(|context, case, month| kg(context, case, context.moved(month, case))),
};

fn kg(context: &Context<'_>, case: Case, moved: f64) -> f64 {
    context.scaled(kwh(context, case, moved), "grid_carbon", case)
}
