//! The report as one HTML file that needs nothing else, and its sections as parts of a page. Every text is
//! escaped by the templates; drawings were escaped where they were made.
// SPDX-License-Identifier: Apache-2.0

use crate::report::{Block, ReportModel, SectionModel, Table};
use askama::Template;

/// The one style sheet, inside the file of a report and beside the pages.
pub const STYLE: &str = include_str!("../../../ui/style.css");

#[derive(Template)]
#[template(path = "report.html")]
struct Document<'a> {
    report: &'a ReportModel,
    style: &'a str,
}

/// The inside of a report, as the file and the pages share it.
#[derive(Template)]
#[template(path = "sections.html")]
struct Sections<'a> {
    report: &'a ReportModel,
}

#[derive(Template)]
#[template(path = "section.html")]
struct SectionView<'a> {
    section: &'a SectionModel,
}

#[derive(Template)]
#[template(path = "block.html")]
struct BlockView<'a> {
    block: &'a Block,
}

#[derive(Template)]
#[template(path = "table.html")]
struct TableView<'a> {
    table: &'a Table,
}

/// The whole report as one file.
///
/// # Errors
/// A template refuses to write, which only a bug can make happen.
pub fn html(report: &ReportModel) -> Result<String, askama::Error> {
    Document { report, style: STYLE }.render().map(|text| text + "\n")
}

impl ReportModel {
    fn sections_html(&self) -> Result<String, askama::Error> {
        Sections { report: self }.render()
    }
}

impl SectionModel {
    /// This section as HTML.
    pub(crate) fn html(&self) -> Result<String, askama::Error> {
        SectionView { section: self }.render()
    }
}

impl Block {
    /// This block as HTML.
    pub(crate) fn html(&self) -> Result<String, askama::Error> {
        BlockView { block: self }.render()
    }
}

impl Table {
    /// This table as HTML.
    pub(crate) fn html(&self) -> Result<String, askama::Error> {
        TableView { table: self }.render()
    }
}
