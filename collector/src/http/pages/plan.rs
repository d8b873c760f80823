//! The plan: hosts as they would be filled, constraints with their price, scenarios, and what it is worth.
// SPDX-License-Identifier: Apache-2.0

use super::parts::of_report;
use super::{Page, Refused, Role, Visit, whatif};

pub(super) static PAGE: Page =
    Page { id: "plan", least: Role::Viewer, in_navigation: true, live: true, build };

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    let mut pieces = Vec::new();
    if visit.assessment.is_some() {
        pieces.push(whatif::form(visit)?);
    }
    pieces.extend(of_report(visit, &["plan", "storage", "scenarios", "value", "catalogue", "showback"])?);
    Ok(pieces)
}
