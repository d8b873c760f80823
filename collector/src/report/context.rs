//! What every section reads: the assessment, the wording, and the few look-ups they share. Missing values leave
//! here in words.
// SPDX-License-Identifier: Apache-2.0

use super::why;
use super::{Block, Cell, Chart, Column, Fact, Row, Said, Table, Tile, Tone, Why};
use crate::messages::{Args, Messages};
use crate::number;
use cairn_schemas::assessment::{
    Assessment, Category, Confidence, Consolidation, HostPlacement, Resource, ServerReadiness,
};
use cairn_schemas::change::AssessmentChange;
use cairn_schemas::finding::{Arg, Finding, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// Arguments of a sentence, where their number is not fixed.
pub(super) type Numbers = Vec<(&'static str, Arg)>;

/// An assessment on its way into words.
pub struct Context<'a> {
    /// What is reported.
    pub assessment: &'a Assessment,
    /// What changed since an earlier one, where somebody compared.
    pub change: Option<&'a AssessmentChange>,
    words: &'a Messages,
    simulated: BTreeSet<&'a str>,
    host_of: BTreeMap<&'a str, &'a HostPlacement>,
}

impl<'a> Context<'a> {
    /// Prepares the look-ups.
    #[must_use]
    pub fn new(assessment: &'a Assessment, words: &'a Messages) -> Self {
        let servers = &assessment.readiness.servers;
        let outside = assessment.estate.excluded.iter();
        let outside = outside.filter(|e| e.measured.as_ref().is_some_and(|m| m.simulated)).map(|e| &e.server);
        let counted = servers.iter().filter(|s| s.simulated).map(|s| &s.server);
        let simulated = counted.chain(outside).map(String::as_str).collect();
        let placed = assessment.consolidation.iter().flat_map(|plan| &plan.placement);
        let host_of =
            placed.flat_map(|host| host.servers.iter().map(move |server| (server.as_str(), host))).collect();
        Self { assessment, change: None, words, simulated, host_of }
    }

    /// The same with what changed since an earlier assessment.
    #[must_use]
    pub const fn since(mut self, change: Option<&'a AssessmentChange>) -> Self {
        self.change = change;
        self
    }

    /// The wording.
    #[must_use]
    pub const fn words(&self) -> &'a Messages {
        self.words
    }

    /// The sentence `report.<id>`.
    #[must_use]
    pub fn say(&self, id: &str) -> String {
        self.words.render(&format!("report.{id}"), &Args::new(), "")
    }

    /// The sentence `report.<id>` with arguments.
    #[must_use]
    pub fn with<A: Into<Arg>, const N: usize>(&self, id: &str, args: [(&str, A); N]) -> String {
        let args = args.into_iter().map(|(name, arg)| (name.to_owned(), arg.into())).collect();
        self.words.render(&format!("report.{id}"), &args, &self.assessment.value.currency)
    }

    /// The sentence `report.<id>` with a list of arguments.
    #[must_use]
    pub(super) fn with_all(&self, id: &str, args: Numbers) -> String {
        let args = args.into_iter().map(|(name, arg)| (name.to_owned(), arg)).collect();
        self.words.render(&format!("report.{id}"), &args, &self.assessment.value.currency)
    }

    /// The first of these ids that has wording, else `name` as plain words: for names that come from elsewhere.
    #[must_use]
    pub fn name(&self, ids: &[String], name: &str) -> String {
        ids.iter().find(|id| self.words.knows(id)).map_or_else(
            || number::terminal_safe(&name.replace(['-', '_'], " ")).into_owned(),
            |id| self.words.render(id, &Args::new(), ""),
        )
    }

    /// The value as text, or that it is not known, with the reason `report.unknown.<reason>`.
    #[must_use]
    pub fn known(&self, value: Option<String>, reason: &str) -> String {
        value.unwrap_or_else(|| {
            let why = self.say(&format!("unknown.{reason}"));
            self.with("unknown", [("why", why)])
        })
    }

    /// A cell of [`Self::known`].
    #[must_use]
    pub fn known_cell(&self, value: Option<String>, reason: &str) -> Cell {
        let tone = if value.is_some() { Tone::Plain } else { Tone::Unknown };
        Cell { text: self.known(value, reason), tone, link: None }
    }

    /// A name and its value.
    #[must_use]
    pub fn fact(&self, name: &str, value: impl Into<String>) -> Fact {
        let value: String = value.into();
        Fact { name: self.say(name), value: number::terminal_safe(&value).into_owned() }
    }

    /// A tile `<id>.label`, `<id>.note` and the why of the figure; an unknown value says why in its note.
    #[must_use]
    pub fn tile(&self, id: &str, value: Option<String>, note: String, figure: &str) -> Tile {
        let tone = if value.is_some() { Tone::Plain } else { Tone::Unknown };
        Tile {
            label: self.say(&format!("{id}.label")),
            value: value.unwrap_or_else(|| self.say("not-known")),
            note,
            tone,
            why: self.why(figure),
        }
    }

    /// The why of a figure, by its id or the last part of it.
    #[must_use]
    pub fn why(&self, figure: &str) -> Option<Why> {
        let figures = &self.assessment.figures;
        let ends = |id: &str| id.rsplit('.').next() == Some(figure);
        figures
            .get_key_value(figure)
            .or_else(|| figures.iter().find(|(id, _)| ends(id)))
            .map(|(id, figure)| why::why(self, id, figure))
    }

    /// Column headings `<section>.column.<name>`; a name that begins with `#` is a column of numbers.
    #[must_use]
    pub fn columns(&self, section: &str, names: &[&str]) -> Vec<Column> {
        let column = |name: &&str| {
            let plain = name.trim_start_matches('#');
            Column { title: self.say(&format!("{section}.column.{plain}")), numeric: name.starts_with('#') }
        };
        names.iter().map(column).collect()
    }

    /// A finding in words.
    #[must_use]
    pub fn said(&self, finding: &Finding) -> Said {
        let tone = match finding.severity {
            Severity::Info => Tone::Plain,
            Severity::Attention => Tone::Attention,
            Severity::Gate => Tone::Bad,
        };
        let points = finding
            .points
            .map(|p| self.with("points", [("given", number::plain(p.given)), ("of", number::plain(p.of))]));
        Said {
            tone,
            text: self.words.finding(finding),
            remedy: self.words.remedy(finding),
            evidence: finding.evidence.as_deref().map(|text| number::terminal_safe(text).into_owned()),
            points,
        }
    }

    /// Findings as a block, none when there are none.
    #[must_use]
    pub fn findings(&self, findings: &[Finding]) -> Option<Block> {
        let said: Vec<_> = findings.iter().map(|finding| self.said(finding)).collect();
        (!said.is_empty()).then_some(Block::Findings(said))
    }

    /// The block that stands where there is no plan to speak of.
    #[must_use]
    pub fn no_plan(&self) -> Vec<Block> {
        vec![Block::Note(Tone::Unknown, self.say("no-plan"))]
    }

    /// Whether a server is of the simulated estate.
    #[must_use]
    pub fn is_simulated(&self, server: &str) -> bool {
        let estate = &self.assessment.estate;
        self.simulated.contains(server) || (estate.simulated > 0 && estate.simulated == estate.servers)
    }

    /// The mark of a row about these servers, when any of them is simulated.
    pub fn mark<'s>(&self, servers: impl IntoIterator<Item = &'s str>) -> Option<String> {
        let simulated: Vec<_> = servers.into_iter().map(|server| self.is_simulated(server)).collect();
        let id = if simulated.iter().all(|s| *s) { "simulated" } else { "simulated.partly" };
        simulated.contains(&true).then(|| self.say(id))
    }

    /// A drawing with its table; `None` when there is nothing to draw.
    #[must_use]
    pub fn chart(&self, svg: String, key: Vec<(&'static str, String)>, table: Table) -> Option<Chart> {
        let (title, table_label) = (table.caption.clone(), self.say("chart.figures"));
        (!svg.is_empty()).then_some(Chart { title, svg, key, table_label, table })
    }

    /// The host a server is placed on.
    #[must_use]
    pub fn host_of(&self, server: &str) -> Option<&'a HostPlacement> {
        self.host_of.get(server).copied()
    }

    /// The readiness of a server.
    #[must_use]
    pub fn server(&self, name: &str) -> Option<&'a ServerReadiness> {
        self.assessment.readiness.servers.iter().find(|server| server.server == name)
    }

    /// The name of a resource.
    #[must_use]
    pub fn resource(&self, resource: Resource) -> String {
        self.say(&format!("resource.{}", resource.name()))
    }

    /// The limit of a resource in the plan: the scenario's, which moves disk and network with the CPU.
    #[must_use]
    pub fn limit(&self, plan: &Consolidation, resource: Resource) -> Option<f64> {
        let scenario = plan.scenarios.iter().find(|scenario| scenario.name == plan.scenario)?;
        Some(match resource {
            Resource::Memory => scenario.memory_limit_ratio,
            Resource::Cpu | Resource::Disk | Resource::Network => scenario.cpu_limit_ratio,
        })
    }

    /// A category as a coloured cell.
    #[must_use]
    pub fn category(&self, category: Category) -> Cell {
        let (id, tone) = match category {
            Category::Ready => ("ready", Tone::Good),
            Category::Conditional => ("conditional", Tone::Attention),
            Category::Blocked => ("blocked", Tone::Bad),
            Category::Unknown => ("unknown", Tone::Unknown),
        };
        Cell { text: self.say(&format!("category.{id}")), tone, link: None }
    }

    /// A confidence in words.
    #[must_use]
    pub fn confidence(&self, confidence: Confidence) -> String {
        let id = match confidence {
            Confidence::None => "none",
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        };
        self.say(&format!("confidence.{id}"))
    }

    /// Names in a list, the first few by name and the others counted.
    #[must_use]
    pub fn names<'s>(&self, names: impl IntoIterator<Item = &'s str>, most: usize) -> String {
        let all: Vec<_> = names.into_iter().map(number::terminal_safe).collect();
        let shown = all[..all.len().min(most)].join(", ");
        match all.len().saturating_sub(most) {
            0 => shown,
            more => self.with("names.more", [("names", Arg::from(shown)), ("more", Arg::from(more as f64))]),
        }
    }
}

impl Cell {
    /// A cell of plain text, made safe to print.
    pub fn new(text: impl Into<String>) -> Self {
        let text: String = text.into();
        Self { text: number::terminal_safe(&text).into_owned(), tone: Tone::Plain, link: None }
    }

    /// Whether it is shown as a coloured label.
    pub(crate) fn labelled(&self) -> bool {
        self.tone != Tone::Plain
    }

    /// The same leading somewhere.
    #[must_use]
    pub fn leading_to(mut self, link: String) -> Self {
        self.link = Some(link);
        self
    }

    /// The same in another tone.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
}

impl Row {
    /// A row of cells.
    #[must_use]
    pub fn new(cells: impl Into<Vec<Cell>>) -> Self {
        Self { cells: cells.into(), ..Self::default() }
    }

    /// Marks the row beside its name.
    #[must_use]
    pub fn marked(mut self, mark: Option<String>) -> Self {
        self.mark = mark;
        self
    }

    /// Marks the row as a sum.
    #[must_use]
    pub fn total(mut self) -> Self {
        self.total = true;
        self
    }
}
