//! Capacity and availability: enough, and still there when something fails.
// SPDX-License-Identifier: Apache-2.0

use super::{Area, asked, seen, telemetry};

pub(super) const AREA: Area = Area {
    id: "capacity-availability",
    points: [
        seen(1, telemetry::servers_measured),
        seen(2, telemetry::a_cycle_measured),
        asked(3),
        seen(4, telemetry::plan_tested),
        seen(4, telemetry::recovery_tested),
        asked(5),
    ],
};
