//! Who is signed in, and what they change about themselves.
// SPDX-License-Identifier: Apache-2.0

use super::administration::{PERSON, person};
use super::parts::section;
use super::words::{columns, say};
use super::{Page, Refused, Role, Visit};
use crate::report::{Block, Table};

pub(super) static PAGE: Page =
    Page { id: "account", least: Role::Viewer, in_navigation: false, live: false, build };

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    let table = Table {
        caption: say("account.title"),
        columns: columns("people", &PERSON),
        rows: vec![person(&visit.visitor.person)],
        foot: None,
    };
    Ok(vec![section("account", vec![Block::Table(table)])?])
}
