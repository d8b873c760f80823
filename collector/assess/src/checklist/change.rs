//! Change: moving without surprises.
// SPDX-License-Identifier: Apache-2.0

use super::{Area, asked, seen, telemetry};

pub(super) const AREA: Area = Area {
    id: "change",
    points: [seen(1, telemetry::change_windows_known), asked(2), asked(3), asked(3), asked(4), asked(5)],
};
