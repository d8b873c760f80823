//! Whether the plan would have held: the back-test week by week, the interval, what is still to be measured.
// SPDX-License-Identifier: Apache-2.0

use super::parts::of_report;
use super::{Page, Refused, Role, Visit};

pub(super) static PAGE: Page =
    Page { id: "risk", least: Role::Viewer, in_navigation: true, live: false, build };

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    of_report(visit, &["risk", "outlook", "coverage"])
}
