//! What a decision is asked for: what is proposed, why, how it is done, what may be asked, and what may go wrong.
// SPDX-License-Identifier: Apache-2.0

use super::parts::of_report;
use super::{Page, Refused, Role, Visit};

pub(super) static PAGE: Page =
    Page { id: "proposal", least: Role::Viewer, in_navigation: true, live: false, build };

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    of_report(visit, &["proposal", "reasons", "approach", "objections", "risks"])
}
