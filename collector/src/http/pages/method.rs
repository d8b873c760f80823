//! How the figures were made, and where every server and figure is written out.
// SPDX-License-Identifier: Apache-2.0

use super::parts::{context, of_report, section};
use super::words::{columns, say};
use super::{Page, Refused, Role, Visit};
use crate::report::{Block, Cell, Row, Table};

pub(super) static PAGE: Page =
    Page { id: "method", least: Role::Viewer, in_navigation: true, live: false, build };

/// Sections too long for a page: a row a server. They stand in the report, which this page leads to.
const IN_THE_REPORT: [&str; 1] = ["appendix"];

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    let mut pieces = of_report(visit, &["method"])?;
    if let Some(assessment) = &visit.assessment {
        let cx = context(assessment);
        let report = format!("/e/{}/assessments/{}/report.html", visit.engagement(), assessment.id);
        let row = |id: &str| {
            let title = Cell::new(cx.say(&format!("{id}.title"))).leading_to(format!("{report}#{id}"));
            Row::new([title, Cell::new(say(&format!("in-report.{id}")))])
        };
        let table = Table {
            caption: say("in-report.title"),
            columns: columns("in-report", &["section", "holds"]),
            rows: IN_THE_REPORT.map(row).to_vec(),
            foot: None,
        };
        pieces.push(section("in-report", vec![Block::Table(table)])?);
    }
    Ok(pieces)
}
