//! Value and cost: what it is worth, and whether it arrives.
// SPDX-License-Identifier: Apache-2.0

use super::{Area, asked, seen, telemetry};

pub(super) const AREA: Area = Area {
    id: "value-cost",
    points: [asked(1), seen(2, telemetry::own_prices), asked(3), asked(3), asked(4), asked(5)],
};
