//! Operations: running it every day.
// SPDX-License-Identifier: Apache-2.0

use super::{Area, asked, seen, telemetry};

pub(super) const AREA: Area = Area {
    id: "operations",
    points: [
        seen(1, telemetry::servers_measured),
        seen(2, telemetry::live_migration),
        asked(3),
        asked(3),
        asked(4),
        asked(5),
    ],
};
