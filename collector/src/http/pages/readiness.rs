//! How ready the servers are, what must be decided for the others, and how each was sized.
// SPDX-License-Identifier: Apache-2.0

use super::parts::of_report;
use super::{Page, Refused, Role, Visit};

pub(super) static PAGE: Page =
    Page { id: "readiness", least: Role::Viewer, in_navigation: true, live: false, build };

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    of_report(visit, &["readiness", "sizing"])
}
