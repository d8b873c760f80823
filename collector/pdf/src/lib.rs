//! Sets a report as PDF. What comes in is data: its texts are strings to the typesetter and never markup, whatever
//! a host is called. What comes out is PDF/A-2a and PDF/UA-1 with its fonts in it, and the same bytes each time:
//! no clock, file, network or font of this machine is read.
// SPDX-License-Identifier: Apache-2.0

use serde_json::Value;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

mod fonts;
mod text;
mod world;

/// What is to be set.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// `report`, `theme`, `language` and what else `layout/report.typ` reads.
    pub data: Value,
    /// A logo as SVG, PNG or JPEG; it stands on the cover and over each page.
    pub logo: Option<&'a [u8]>,
    /// Fonts beyond the ones built in (TTF, OTF), for scripts those do not have.
    pub fonts: &'a [Vec<u8>],
    /// When it was made: year, month, day, hour, minute and second, UTC.
    pub created: (i32, [u8; 5]),
    /// What tells it from every other document, for its identifier.
    pub ident: String,
}

/// A document cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// A font that was given is none.
    #[error("font {0} of those given is no TTF or OTF font")]
    Font(usize),
    /// The moment of creation is none.
    #[error("the time of creation is no time")]
    Created,
    /// The typesetter gives up: a bug of the layout, or a logo that is no picture.
    #[error("the PDF cannot be set: {0}")]
    Layout(String),
}

/// Sets a document.
///
/// # Errors
/// A font or the logo is broken, or the layout cannot hold what was given.
pub fn pdf(document: &Document<'_>) -> Result<Vec<u8>, PdfError> {
    let fonts = fonts::all(document.fonts)?;
    let mut data = document.data.clone();
    text::prepare(&mut data, &fonts);
    let world = world::Paper::new(fonts, &data, document.logo);
    let set = typst::compile::<PagedDocument>(&world).output.map_err(|errors| layout(&errors))?;
    let options = PdfOptions {
        ident: Smart::Custom(document.ident.clone()),
        creator: Smart::Custom(Some("Cairn".into())),
        timestamp: Some(Timestamp::new_utc(moment(document.created)?)),
        standards: PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
            .map_err(|error| PdfError::Layout(error.message().to_string()))?,
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&set, &options).map_err(|errors| layout(&errors))?;
    // The typesetter remembers what it has set; a collector runs for months.
    typst::comemo::evict(0);
    Ok(bytes)
}

fn moment((year, [month, day, hour, minute, second]): (i32, [u8; 5])) -> Result<Datetime, PdfError> {
    Datetime::from_ymd_hms(year, month, day, hour, minute, second).ok_or(PdfError::Created)
}

fn layout(errors: &[SourceDiagnostic]) -> PdfError {
    let said = |error: &SourceDiagnostic| {
        let hints = error.hints.iter().map(|hint| format!("; {}", hint.v));
        format!("{}{}", error.message, hints.collect::<String>())
    };
    PdfError::Layout(errors.iter().map(said).collect::<Vec<_>>().join(" | "))
}

#[cfg(test)]
#[path = "lib_tests.rs"]
mod tests;
