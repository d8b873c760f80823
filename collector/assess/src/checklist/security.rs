//! Security: who may do what, and what may run beside what.
// SPDX-License-Identifier: Apache-2.0

use super::{Area, asked, seen, telemetry};

pub(super) const AREA: Area = Area {
    id: "security",
    points: [seen(1, telemetry::zones_known), asked(2), asked(3), asked(3), asked(4), asked(5)],
};
