//! The data sheet for whoever answers for data protection: every field that is processed, what for, how long it is
//! kept and who gets it. It is made of the very lists the program works by (metrics, facts, rules, retention,
//! configuration), so that it cannot say anything else than what is done.
// SPDX-License-Identifier: Apache-2.0

use crate::config::Config;
use crate::messages::{Args, Messages};
use crate::number;
use crate::report::{Block, Brand, Cell, Column, Fact, ReportModel, Row, SectionModel, Table, Tone};
use crate::store::care::{CLASSES, Keep};
use cairn_assess::readiness::RULES;
use cairn_schemas::fact::FACTS;
use cairn_schemas::metric::{METRICS, Metric, Scope, Unit};
use cairn_schemas::time::Timestamp;
use serde::Serialize;

/// Facts whose value can name a person or say something of one. A test holds the names to `FACTS`.
const PERSONAL: &[&str] = &["owner", "keep_physical", "last_login"];

/// The whole sheet.
#[derive(Clone, Debug, Serialize)]
pub struct DataSheet {
    /// Whose data.
    pub engagement: String,
    /// Made when.
    pub created: Timestamp,
    /// By which version.
    pub tool_version: &'static str,
    /// What agents measure and imports bring.
    pub series: Vec<Series>,
    /// What is known of a server beside that.
    pub facts: Vec<Field>,
    /// How long what is kept.
    pub retention: Vec<Kept>,
    /// Where news of the journey goes, if anywhere.
    pub webhook: Option<String>,
}

/// A measured series.
#[derive(Clone, Debug, Serialize)]
pub struct Series {
    /// Its name.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// `server`, `disk`, `interface` or `file_system`: what its instances name.
    pub scope: &'static str,
    /// What it says.
    pub meaning: &'static str,
}

/// A fact.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// Rules of readiness that read it; without one it serves plan, waves, value and reports.
    pub rules: Vec<&'static str>,
    /// Whether it can name a person or say something of one.
    pub personal: bool,
}

/// A class of what is kept.
#[derive(Clone, Debug, Serialize)]
pub struct Kept {
    /// Its name in `cairn.toml`.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Days; `null`: until somebody erases it.
    pub days: Option<u32>,
    /// Why so long.
    pub reason: &'static str,
}

impl DataSheet {
    /// The sheet of an engagement under a configuration.
    #[must_use]
    pub fn new(engagement: &str, config: &Config, created: Timestamp) -> Self {
        let field = |entry: &cairn_schemas::fact::FactEntry| Field {
            name: entry.name,
            meaning: entry.meaning,
            rules: RULES.iter().filter(|rule| rule.facts.contains(&entry.name)).map(|rule| rule.id).collect(),
            personal: PERSONAL.contains(&entry.name),
        };
        let kept = |class: &crate::store::care::Class| Kept {
            name: class.name,
            what: class.what,
            days: match config.retention.of(class) {
                Keep::Days(days) => Some(days),
                Keep::Forever => None,
            },
            reason: class.reason,
        };
        Self {
            engagement: engagement.to_owned(),
            created,
            tool_version: env!("CARGO_PKG_VERSION"),
            series: METRICS.iter().map(series).collect(),
            facts: FACTS.iter().map(field).collect(),
            retention: CLASSES.iter().map(kept).collect(),
            webhook: config.journey.webhook_url.clone(),
        }
    }

    /// The sheet for people, in the wording given.
    #[must_use]
    pub fn model(&self, words: &Messages) -> ReportModel {
        number::within(words.format(), || Wording(words).model(self))
    }
}

fn series(metric: &Metric) -> Series {
    Series {
        name: metric.name,
        unit: match metric.unit {
            Unit::Ratio => "1",
            Unit::Bytes => "bytes",
            Unit::BytesPerSecond => "bytes/s",
            Unit::PerSecond => "1/s",
            Unit::Seconds => "s",
            Unit::Count => "",
        },
        scope: match metric.scope {
            Scope::Server => "server",
            Scope::Disk => "disk",
            Scope::Interface => "interface",
            Scope::FileSystem => "file_system",
        },
        meaning: metric.meaning,
    }
}

struct Wording<'a>(&'a Messages);

impl Wording<'_> {
    fn say(&self, id: &str) -> String {
        self.0.render(&format!("report.datasheet.{id}"), &Args::new(), "")
    }

    fn with(&self, id: &str, name: &str, value: impl Into<cairn_schemas::finding::Arg>) -> String {
        self.0.render(&format!("report.datasheet.{id}"), &[(name.to_owned(), value.into())].into(), "")
    }

    fn model(&self, sheet: &DataSheet) -> ReportModel {
        let fact = |id: &str, value: String| Fact { name: self.say(id), value };
        ReportModel {
            title: self.say("title"),
            engagement: number::terminal_safe(&sheet.engagement).into_owned(),
            facts: vec![
                fact("created", number::date(sheet.created)),
                fact("version", sheet.tool_version.to_owned()),
            ],
            banner: None,
            contents_title: self.0.render("report.document.contents", &Args::new(), ""),
            footer: self.with("footer", "tool", sheet.tool_version),
            language: self.0.language().to_owned(),
            created: sheet.created,
            brand: Brand::default(),
            sheets: false,
            sections: self.sections(sheet),
        }
    }

    fn sections(&self, sheet: &DataSheet) -> Vec<SectionModel> {
        let prose = |ids: &[&str]| ids.iter().map(|id| Block::Prose(self.say(id))).collect::<Vec<_>>();
        let section = |id: &'static str, mut blocks: Vec<Block>, table: Option<Table>| {
            blocks.extend(table.map(Block::Table));
            SectionModel { id: id.into(), title: self.say(&format!("{id}.title")), blocks }
        };
        let recipients = match &sheet.webhook {
            Some(url) => self.with("recipients.webhook", "url", url.as_str()),
            None => self.say("recipients.none"),
        };
        vec![
            section("purpose", prose(&["purpose", "purpose.people"]), None),
            section("series", prose(&["series.lead"]), Some(self.series(sheet))),
            section("facts", prose(&["facts.lead"]), Some(self.facts(sheet))),
            section("persons", prose(&["persons", "persons.kept", "persons.rights"]), None),
            section("never", prose(&["never"]), None),
            section("retention", prose(&["retention.lead"]), Some(self.retention(sheet))),
            section(
                "recipients",
                vec![Block::Prose(self.say("recipients.lead")), Block::Note(Tone::Plain, recipients)],
                None,
            ),
        ]
    }

    fn table(&self, id: &str, columns: &[&str], rows: Vec<Row>) -> Table {
        let column = |name: &&str| Column {
            title: self.say(&format!("column.{}", name.trim_start_matches('#'))),
            numeric: name.starts_with('#'),
        };
        let columns = columns.iter().map(column).collect();
        Table { caption: self.say(&format!("{id}.table")), columns, rows, foot: None }
    }

    fn series(&self, sheet: &DataSheet) -> Table {
        let row = |series: &Series| {
            let scope = self.say(&format!("scope.{}", series.scope));
            Row::new([series.name, series.unit, scope.as_str(), series.meaning].map(Cell::new))
        };
        self.table("series", &["name", "unit", "scope", "meaning"], sheet.series.iter().map(row).collect())
    }

    fn facts(&self, sheet: &DataSheet) -> Table {
        let row = |field: &Field| {
            let purpose =
                if field.rules.is_empty() { self.say("purpose.plan") } else { field.rules.join(", ") };
            let personal = if field.personal {
                Cell::new(self.say("personal")).tone(Tone::Attention)
            } else {
                Cell::new(self.say("impersonal"))
            };
            Row::new([Cell::new(field.name), Cell::new(field.meaning), Cell::new(purpose), personal])
        };
        self.table(
            "facts",
            &["name", "meaning", "purpose", "personal"],
            sheet.facts.iter().map(row).collect(),
        )
    }

    fn retention(&self, sheet: &DataSheet) -> Table {
        let row = |kept: &Kept| {
            let days = kept.days.map_or_else(|| self.say("for-ever"), |days| number::days(days.into()));
            Row::new([kept.name, kept.what, days.as_str(), kept.reason].map(Cell::new))
        };
        let columns = ["class", "what", "#days", "reason"];
        self.table("retention", &columns, sheet.retention.iter().map(row).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(config: &str) -> DataSheet {
        DataSheet::new("default", &toml::from_str(config).unwrap(), Timestamp(1_795_618_800))
    }

    #[test]
    fn every_field_the_program_works_with_is_on_it() {
        let sheet = sheet("[retention]\ndrafts = 30\n[journey]\nwebhook_url = \"https://example.org/hook\"");
        let text = format!("{:?}", sheet.model(Messages::english()));
        for name in METRICS
            .iter()
            .map(|m| m.name)
            .chain(FACTS.iter().map(|f| f.name))
            .chain(CLASSES.iter().map(|c| c.name))
        {
            assert!(text.contains(&format!("\"{name}\"")), "{name} is missing");
        }
        assert!(
            text.contains("30\u{a0}days") || text.contains("30\\u{a0}days"),
            "what was configured counts"
        );
        assert!(text.contains("https://example.org/hook"));
        assert!(!text.contains("[report."), "a sentence has no wording");
    }

    #[test]
    fn what_is_personal_is_a_fact_and_rules_name_theirs() {
        let sheet = sheet("");
        assert_eq!(sheet.facts.iter().filter(|field| field.personal).count(), PERSONAL.len());
        assert!(sheet.facts.iter().any(|field| field.name == "owner" && !field.rules.is_empty()));
        assert!(format!("{:?}", sheet.model(Messages::english())).contains("No news leaves"));
    }
}
