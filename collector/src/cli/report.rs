//! `cairn report`: writes the report of an assessment, for people as HTML, PDF or XLSX, for machines as JSON or CSV.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place, progress};
use crate::changes;
use crate::messages::Messages;
use crate::number;
use crate::pseudonyms::Pseudonyms;
use crate::report::render::{csv, html, json, xlsx};
use crate::report::{Brand, Context, Fact, ReportModel, owner_sheets, report};
use crate::store::Store;
use anyhow::Context as _;
use cairn_schemas::assessment::Assessment;
use cairn_schemas::change::AssessmentChange;
use clap::{Args, ValueEnum};
use std::borrow::Cow;
use std::io::Write;
use std::path::PathBuf;

/// Options of `cairn report`.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// Number of the assessment [default: the latest].
    pub id: Option<u64>,
    /// What to write.
    #[arg(long, value_enum, default_value_t = Format::Html)]
    pub format: Format,
    /// One sheet for each application owner, to sign, in place of the report (HTML, PDF).
    #[arg(long)]
    pub owners: bool,
    /// Only this owner's sheet; may be given again.
    #[arg(long, value_name = "NAME", requires = "owners")]
    pub owner: Vec<String>,
    /// Say what changed since this earlier assessment; `last` is the last issued one before it, else the one before. Both
    /// are computed again, one cause after another, so it takes about as long as an assessment.
    #[arg(long, value_name = "ID")]
    pub since: Option<String>,
    /// Where to write; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// How it is written and looks.
    #[command(flatten)]
    pub style: Style,
    /// Which data and engagement.
    #[command(flatten)]
    pub place: Place,
}

/// Language and looks of what people get to read.
#[derive(Clone, Debug, Default, Args)]
pub struct Style {
    /// Language: en, de.
    #[arg(long, value_name = "CODE", conflicts_with = "messages")]
    pub language: Option<String>,
    /// A directory of message files, for another language or other words.
    #[arg(long, value_name = "DIR")]
    pub messages: Option<PathBuf>,
    /// A TOML file with name, logo and colours.
    #[arg(long, value_name = "FILE")]
    pub brand: Option<PathBuf>,
    /// Pseudonyms in place of names, by the key in this file; `cairn pseudonyms` makes one and reads them again.
    #[arg(long, value_name = "KEYFILE")]
    pub pseudonyms: Option<PathBuf>,
}

impl Style {
    /// The wording asked for.
    ///
    /// # Errors
    /// There is no such language, or the message files cannot be used.
    pub fn words(&self) -> anyhow::Result<Cow<'static, Messages>> {
        match (&self.messages, &self.language) {
            (Some(dir), _) => Ok(Cow::Owned(Messages::read(dir)?)),
            (None, Some(code)) => Ok(Cow::Borrowed(Messages::built_in(code)?)),
            (None, None) => Ok(Cow::Borrowed(Messages::english())),
        }
    }

    /// The assessment as it may be shown, and who of the owners is meant.
    fn shown<'a>(
        &self,
        assessment: &'a Assessment,
        owners: &[String],
    ) -> anyhow::Result<(Cow<'a, Assessment>, Vec<String>)> {
        let Some(path) = &self.pseudonyms else { return Ok((Cow::Borrowed(assessment), owners.to_vec())) };
        let mut key = Pseudonyms::read(path)?;
        let owners = owners.iter().map(|owner| key.pseudonym("person", owner)).collect();
        Ok((Cow::Owned(key.replace(assessment)?), owners))
    }

    /// A difference as it may be shown.
    fn shown_change<'a>(&self, change: &'a AssessmentChange) -> anyhow::Result<Cow<'a, AssessmentChange>> {
        let Some(path) = &self.pseudonyms else { return Ok(Cow::Borrowed(change)) };
        Ok(Cow::Owned(Pseudonyms::read(path)?.replace_in(change)?))
    }

    /// A report in the looks asked for; it says when its names are none.
    fn dressed(&self, mut model: ReportModel, words: &Messages) -> anyhow::Result<ReportModel> {
        model.brand = self.brand()?;
        if self.pseudonyms.is_some() {
            let say = |id: &str| words.render(id, &Default::default(), "");
            let [name, value] = ["report.document.names", "report.document.pseudonyms"].map(say);
            model.facts.push(Fact { name, value });
        }
        Ok(model)
    }

    /// The looks asked for.
    ///
    /// # Errors
    /// The brand cannot be read.
    pub fn brand(&self) -> anyhow::Result<Brand> {
        self.brand.as_deref().map_or_else(|| Ok(Brand::default()), Brand::read)
    }
}

/// A format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One file for people, to read and to print.
    Html,
    /// The same on paper.
    Pdf,
    /// A workbook to calculate with.
    Xlsx,
    /// The assessment itself.
    Json,
    /// One row a server.
    Csv,
}

/// Writes a report out of a store; the file is replaced as a whole or not at all.
///
/// # Errors
/// The store fails, or the file cannot be written.
pub fn run(
    args: &ReportArgs,
    store: &dyn Store,
    stdout: &mut impl Write,
    stderr: &mut impl Write,
) -> anyhow::Result<Exit> {
    let id = match args.id {
        Some(id) => Some(id),
        None => store.assessments()?.last().map(|row| row.id),
    };
    let Some(assessment) = id.map(|id| store.assessment(id)).transpose()?.flatten() else {
        let asked = id.map_or("any assessment".to_owned(), |id| format!("assessment {id}"));
        let name = store.engagement().as_str();
        writeln!(stderr, "cairn: engagement {name} does not hold {asked}; `cairn assess` makes one")?;
        return Ok(Exit::NotFound);
    };
    let bytes = progress::during("writing the report", || match args.owners {
        true => owners(&assessment, args),
        false => render(&assessment, change(args, store, &assessment)?.as_ref(), args.format, &args.style),
    })?;
    if args.out.as_os_str() == "-" {
        stdout.write_all(&bytes).context("write the report to standard output")?;
    } else {
        replace(&args.out, &bytes)?;
    }
    Ok(Exit::Done)
}

/// What changed since the earlier assessment asked for; `None` where there is none, or the format does not say it.
fn change(
    args: &ReportArgs,
    store: &dyn Store,
    assessment: &Assessment,
) -> anyhow::Result<Option<AssessmentChange>> {
    let says = matches!(args.format, Format::Html | Format::Pdf | Format::Xlsx);
    let before = match args.since.as_deref() {
        None => None,
        Some(_) if !says => None,
        Some("last") => changes::earlier(store, assessment.id)?,
        Some(id) => Some(id.parse::<u64>().with_context(|| {
            format!("--since {id:?}: give the number of an earlier assessment, or `last`")
        })?),
    };
    let Some(before) = before else { return Ok(None) };
    if before >= assessment.id {
        anyhow::bail!("--since {before} is not before assessment {}", assessment.id);
    }
    let told = changes::since(store, before, assessment)?;
    if told.is_none() {
        return Err(
            super::NotFound(format!("there is no assessment {before}; see `cairn assessments`")).into()
        );
    }
    Ok(told)
}

/// An assessment in the format asked for. `change`: what changed since an earlier one.
///
/// # Errors
/// Wording or brand cannot be used, or this program was built without the format.
pub fn render(
    assessment: &Assessment,
    change: Option<&AssessmentChange>,
    format: Format,
    style: &Style,
) -> anyhow::Result<Vec<u8>> {
    let words = style.words()?;
    let (shown, _) = style.shown(assessment, &[])?;
    let change = change.map(|change| style.shown_change(change)).transpose()?;
    let cx = Context::new(&shown, &words).since(change.as_deref());
    number::within(words.format(), || written(&cx, format, style))
}

fn written(cx: &Context<'_>, format: Format, style: &Style) -> anyhow::Result<Vec<u8>> {
    let (assessment, words) = (cx.assessment, cx.words());
    let model = || style.dressed(report(assessment, cx.change, words), words);
    Ok(match format {
        Format::Html => html::html(&model()?)?.into_bytes(),
        Format::Pdf => pdf(&model()?)?,
        Format::Xlsx => xlsx::xlsx(cx)?,
        Format::Json => json::json(assessment)?.into_bytes(),
        Format::Csv => csv::csv(cx)?.into_bytes(),
    })
}

/// The sheets of application owners.
fn owners(assessment: &Assessment, args: &ReportArgs) -> anyhow::Result<Vec<u8>> {
    let words = args.style.words()?;
    let (shown, only) = args.style.shown(assessment, &args.owner)?;
    let sheets = owner_sheets(&shown, &words, &only);
    if sheets.sections.is_empty() {
        let known = assessment.readiness.servers.iter().filter_map(|server| server.owner.as_deref());
        let asked = args.owner.join(", ");
        let meant = crate::nearest::meant(&asked, known);
        return Err(
            super::NotFound(format!("no server of the assessment is owned by {asked:?}{meant}")).into()
        );
    }
    let sheets = args.style.dressed(sheets, &words)?;
    match args.format {
        Format::Html => Ok(html::html(&sheets)?.into_bytes()),
        Format::Pdf => pdf(&sheets),
        Format::Xlsx | Format::Json | Format::Csv => {
            anyhow::bail!("--owners writes html or pdf; choose one with --format")
        }
    }
}

/// A report as PDF.
///
/// # Errors
/// This program was built without PDF, or the brand holds a logo or font that is none.
#[cfg(feature = "pdf")]
pub fn pdf(model: &ReportModel) -> anyhow::Result<Vec<u8>> {
    crate::report::render::pdf::pdf(model)
}

/// A report as PDF, which this program was built without.
///
/// # Errors
/// Always.
#[cfg(not(feature = "pdf"))]
pub fn pdf(_model: &ReportModel) -> anyhow::Result<Vec<u8>> {
    anyhow::bail!(
        "this cairn was built without PDF; take one from a package, build it with `--features pdf`, or write \
         --format html and print that"
    )
}

/// Writes beside the file and moves it into place, so that nobody reads half a report.
pub(super) fn replace(path: &std::path::Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    written.with_context(|| format!("write the report to {}", path.display()))
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
