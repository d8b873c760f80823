//! Sponsorship and owners: who stands for it, and whose servers they are.
// SPDX-License-Identifier: Apache-2.0

use super::{Area, asked, seen, telemetry};

pub(super) const AREA: Area = Area {
    id: "sponsorship-owners",
    points: [
        seen(1, telemetry::reason_recorded),
        seen(2, telemetry::owners_known),
        seen(3, telemetry::first_wave_agreed),
        seen(3, telemetry::executive_cover),
        seen(4, telemetry::owner_signed),
        asked(5),
    ],
};
