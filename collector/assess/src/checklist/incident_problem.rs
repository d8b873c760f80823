//! Incidents and problems: what breaks, and whether it breaks again.
// SPDX-License-Identifier: Apache-2.0

use super::{Area, asked};

pub(super) const AREA: Area =
    Area { id: "incident-problem", points: [asked(1), asked(2), asked(3), asked(3), asked(4), asked(5)] };
