//! What a report is made of: sections of blocks, all text final and unescaped, all charts drawn. Renderers see
//! nothing else.
// SPDX-License-Identifier: Apache-2.0

use super::Brand;
use cairn_schemas::time::Timestamp;
use serde::Serialize;
use std::borrow::Cow;

/// A whole report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReportModel {
    /// What it is.
    pub title: String,
    /// Whose it is.
    pub engagement: String,
    /// Number, date, window, policy.
    pub facts: Vec<Fact>,
    /// Said above everything when servers are simulated.
    pub banner: Option<String>,
    /// Over the list of sections.
    pub contents_title: String,
    /// Versions and hashes, at the foot.
    pub footer: String,
    /// Code of its language.
    pub language: String,
    /// The moment it is made for; also that of the file.
    pub created: Timestamp,
    /// How it looks.
    #[serde(skip)]
    pub brand: Brand,
    /// Whether each section is a sheet of its own, handed out by itself.
    pub sheets: bool,
    /// The sections, in reading order.
    pub sections: Vec<SectionModel>,
}

/// A section, ready to be written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SectionModel {
    /// Anchor, and class of its layout.
    pub id: Cow<'static, str>,
    /// Its title.
    pub title: String,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "lowercase")]
pub enum Block {
    /// The sentence everything else supports, and one under it.
    Headline(String, String),
    /// A heading within the section.
    Heading(String),
    /// A paragraph.
    Prose(String),
    /// A paragraph set apart.
    Note(Tone, String),
    /// Figures at a glance.
    Tiles(Vec<Tile>),
    /// A drawing with the table of its figures.
    Chart(Chart),
    /// A table.
    Table(Table),
    /// Names and values.
    Facts(Vec<Fact>),
    /// What rules and steps say.
    Findings(Vec<Said>),
    /// The stages of the journey.
    Stages(Vec<Stage>),
    /// One server each, folded.
    Servers(Vec<ServerCard>),
    /// Figures with their why, open.
    Whys(Vec<Why>),
    /// Lines to sign on, by what stands under each.
    Signature(Vec<String>),
}

/// How something is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// As text.
    #[default]
    Plain,
    /// It is well.
    Good,
    /// Somebody should look.
    Attention,
    /// It stops something.
    Bad,
    /// It is not known.
    Unknown,
}

impl Tone {
    /// Its class in the style sheet.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Attention => "attention",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
        }
    }
}

/// A name and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// A figure at a glance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tile {
    /// What it is.
    pub label: String,
    /// The figure, or `not known`.
    pub value: String,
    /// What it means, or why it is not known.
    pub note: String,
    /// Its colour.
    pub tone: Tone,
    /// Why it is what it is.
    pub why: Option<Why>,
}

/// A drawing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chart {
    /// Its name.
    pub title: String,
    /// SVG, escaped where it was made; never empty.
    pub svg: String,
    /// Colours and their meaning.
    pub key: Vec<(&'static str, String)>,
    /// The word on the fold of the table.
    pub table_label: String,
    /// The same in figures.
    pub table: Table,
}

/// A table. Every row has as many cells as there are columns; the first cell names the row.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Table {
    /// Its name.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// What was left out, and where it is.
    pub foot: Option<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its heading.
    pub title: String,
    /// Whether it is set to the right.
    pub numeric: bool,
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Row {
    /// Its cells.
    pub cells: Vec<Cell>,
    /// Beside its name: that it is about simulated servers.
    pub mark: Option<String>,
    /// Whether it is the sum of what stands above.
    pub total: bool,
}

/// A cell.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// Its colour; anything but plain is shown as a label.
    pub tone: Tone,
    /// Where it leads, on a page; a report leads nowhere.
    pub link: Option<String>,
}

impl Cell {
    /// How its text may be broken on a screen: a name that fits a column not at all, nor a date, and a word longer than
    /// any column anywhere.
    #[must_use]
    pub fn broken(&self) -> &'static str {
        let longest = self.text.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0);
        let is_name = self.text.contains('-') && !self.text.contains(char::is_whitespace);
        let is_date = self.text.len() <= 17 && self.text.starts_with(|c: char| c.is_ascii_digit());
        match longest {
            0..=26 if is_name || is_date => "whole",
            0..=32 => "",
            _ => "long",
        }
    }
}

/// What a finding says, in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Said {
    /// Its colour.
    pub tone: Tone,
    /// The sentence.
    pub text: String,
    /// What to do.
    pub remedy: Option<String>,
    /// Where it was seen.
    pub evidence: Option<String>,
    /// Points given of points possible.
    pub points: Option<String>,
}

/// A stage of the journey.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stage {
    /// Its number.
    pub number: String,
    /// Its name.
    pub name: String,
    /// One line on it.
    pub note: String,
    /// `past`, `here`, `next` or `ahead`.
    pub state: &'static str,
    /// The state in words, where it matters.
    pub label: Option<String>,
}

/// One server, folded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServerCard {
    /// Its name.
    pub name: String,
    /// Beside its name: that it is simulated.
    pub mark: Option<String>,
    /// Score, or a dash.
    pub score: String,
    /// Category.
    pub category: Cell,
    /// What it becomes, in a line.
    pub outcome: String,
    /// What it has and used.
    pub facts: Vec<Fact>,
    /// Parts of the score.
    pub parts: Vec<Part>,
    /// Reasons, as findings.
    pub reasons: Option<Block>,
}

/// A part of a score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Points given.
    pub given: f64,
    /// Points possible.
    pub of: f64,
    /// Both in words.
    pub points: String,
}

/// Why a figure is what it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Why {
    /// The word on the fold.
    pub label: String,
    /// Id of the figure.
    pub id: String,
    /// The figure.
    pub value: String,
    /// Formula, inputs, constants, samples, section of the method.
    pub facts: Vec<Fact>,
    /// The same in a few lines, for a footnote: the first inputs, and constants counted.
    pub brief: String,
}
