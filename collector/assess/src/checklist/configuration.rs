//! Configuration: whether what is written down is what is there.
// SPDX-License-Identifier: Apache-2.0

use super::{Area, asked, seen, telemetry};

pub(super) const AREA: Area = Area {
    id: "configuration",
    points: [
        seen(1, telemetry::systems_known),
        asked(2),
        seen(3, telemetry::applications_known),
        asked(3),
        asked(4),
        asked(5),
    ],
};
