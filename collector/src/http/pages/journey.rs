//! Where the estate stands on its way, what opens the next phase, who is waited for, what moves first, and what
//! has arrived of what was promised.
// SPDX-License-Identifier: Apache-2.0

use super::parts::of_report;
use super::{Page, Refused, Role, Visit};

pub(super) static PAGE: Page =
    Page { id: "journey", least: Role::Viewer, in_navigation: true, live: false, build };

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    of_report(visit, &["journey", "waves", "checklist", "realised"])
}
