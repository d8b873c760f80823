//! The report as PDF: the same model the HTML report is made of, handed to the typesetter as data.
// SPDX-License-Identifier: Apache-2.0

use super::theme;
use crate::report::{Block, ReportModel};
use anyhow::Context as _;
use cairn_schemas::time::Timestamp;
use serde_json::json;

/// The report as PDF. Same model, same bytes.
///
/// # Errors
/// A logo or a font of the brand is none.
pub fn pdf(report: &ReportModel) -> anyhow::Result<Vec<u8>> {
    let brand = &report.brand;
    let document = cairn_pdf::Document {
        data: data(report),
        logo: brand.logo.as_ref().map(|logo| logo.bytes.as_slice()),
        fonts: &brand.fonts,
        created: moment(report.created)?,
        ident: format!("{} {} {}", report.title, report.engagement, report.footer),
    };
    Ok(cairn_pdf::pdf(&document)?)
}

/// What the layout reads.
fn data(report: &ReportModel) -> serde_json::Value {
    let brand = &report.brand;
    let mut report = report.clone();
    let style = theme::chart_style(brand);
    for block in report.sections.iter_mut().flat_map(|section| &mut section.blocks) {
        if let Block::Chart(chart) = block {
            chart.svg = theme::styled(&chart.svg, &style);
        }
    }
    json!({
        "report": report,
        "theme": theme::colours(brand),
        "author": brand.name,
        "logo": brand.logo.is_some(),
        "language": report.language,
        "layout": if report.sheets { "sheets" } else { "report" },
    })
}

fn moment(at: Timestamp) -> anyhow::Result<(i32, [u8; 5])> {
    let utc =
        jiff::Timestamp::from_second(at.0).context("the moment of the report is beyond the calendar")?;
    let utc = utc.to_zoned(jiff::tz::TimeZone::UTC);
    let parts = [utc.month(), utc.day(), utc.hour(), utc.minute(), utc.second()];
    Ok((utc.year().into(), parts.map(i8::unsigned_abs)))
}

#[cfg(test)]
#[path = "pdf_tests.rs"]
mod tests;
