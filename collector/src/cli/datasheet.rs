//! `cairn datasheet`: what is processed, what for, how long it is kept and who gets it, for data protection.
// SPDX-License-Identifier: Apache-2.0

use super::report::{Style, pdf, replace};
use super::{Exit, Place, now};
use crate::config::Config;
use crate::datasheet::DataSheet;
use crate::report::render::{html, text};
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use std::io::Write;
use std::path::PathBuf;

/// The data sheet for data protection: fields, purpose, retention, recipients.
///
/// It is made of the lists this program works by and of the configuration of the data directory.
#[derive(Debug, Args)]
pub(super) struct DatasheetArgs {
    /// What to write.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Where to write [default: standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    style: Style,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// One file for people.
    Html,
    /// On paper.
    Pdf,
    /// For machines.
    Json,
}

pub(super) fn run(args: &DatasheetArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    let config = Config::load(&args.place.data_dir()?)?;
    let sheet = DataSheet::new(&args.place.engagement, &config, now()?);
    let words = args.style.words()?;
    let mut model = sheet.model(&words);
    model.brand = args.style.brand()?;
    let bytes = match args.format {
        Format::Text => text::text(&model).into_bytes(),
        Format::Html => html::html(&model)?.into_bytes(),
        Format::Pdf => pdf(&model)?,
        Format::Json => (serde_json::to_string_pretty(&sheet)? + "\n").into_bytes(),
    };
    match args.out.as_deref().filter(|path| path.as_os_str() != "-") {
        Some(path) => replace(path, &bytes)?,
        None => out.write_all(&bytes).context("write the data sheet to standard output")?,
    }
    Ok(Exit::Done)
}
