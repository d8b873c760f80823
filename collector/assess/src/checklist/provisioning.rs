//! Provisioning: how hosts come to be.
// SPDX-License-Identifier: Apache-2.0

use super::{Area, asked, seen, telemetry};

pub(super) const AREA: Area = Area {
    id: "provisioning",
    points: [seen(1, telemetry::hypervisor_seen), asked(2), asked(3), asked(3), asked(4), asked(5)],
};
