//! Consuming: how users come by a virtual machine.
// SPDX-License-Identifier: Apache-2.0

use super::{Area, asked, seen, telemetry};

pub(super) const AREA: Area = Area {
    id: "consuming",
    points: [asked(1), asked(2), seen(3, telemetry::catalogue_in_use), asked(3), asked(4), asked(5)],
};
