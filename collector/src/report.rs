//! The report of an assessment: what people read on paper, on a page, in a file. A section is one file and one
//! line of [`SECTIONS`]; it turns the assessment into blocks, which `render` writes and never questions.
// SPDX-License-Identifier: Apache-2.0

use crate::messages::Messages;
use crate::number;
use cairn_schemas::assessment::{Assessment, Signature};
use cairn_schemas::change::AssessmentChange;

mod brand;
mod cash;
mod constraints;
mod context;
mod decisions;
mod model;
pub mod render;
mod why;

mod summary;

mod population;
mod reconciliation;

mod approach;
mod objections;
mod proposal;
mod reasons;
mod risks;

mod owners;

mod coverage;
mod readiness;
mod sizing;

mod disposition;
mod outlook;
mod plan;
mod risk;
mod scenarios;
mod storage;
mod waves;

mod catalogue;
mod showback;

mod changes;
mod realised;
mod value;

mod checklist;
mod journey;

mod method;

mod appendix;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
pub(crate) mod shelf;

pub use appendix::card;
pub use brand::{Brand, Logo};
pub use context::Context;
pub use model::*;
pub use owners::owner_sheets;
pub use readiness::strips;
pub(crate) use showback::{application as application_of, owner as owner_of};

/// A section: its title is the message `report.<id>.title`.
pub struct Section {
    /// Its id; equal to its file name.
    pub id: &'static str,
    /// What it says about an assessment.
    pub build: fn(&Context<'_>) -> Vec<Block>,
}

/// Every section, in the order they are read.
pub static SECTIONS: &[&Section] = &[
    &summary::SECTION,
    &population::SECTION,
    &proposal::SECTION,
    &reasons::SECTION,
    &approach::SECTION,
    &coverage::SECTION,
    &readiness::SECTION,
    &sizing::SECTION,
    &plan::SECTION,
    &storage::SECTION,
    &risk::SECTION,
    &scenarios::SECTION,
    &outlook::SECTION,
    &waves::SECTION,
    &value::SECTION,
    &catalogue::SECTION,
    &showback::SECTION,
    &realised::SECTION,
    &changes::SECTION,
    &journey::SECTION,
    &checklist::SECTION,
    &objections::SECTION,
    &risks::SECTION,
    &method::SECTION,
    &appendix::SECTION,
];

/// One section of the report, for a page; `None` when there is none of the id.
#[must_use]
pub fn section(cx: &Context<'_>, id: &str) -> Option<SectionModel> {
    let section = SECTIONS.iter().find(|section| section.id == id)?;
    let title = cx.say(&format!("{id}.title"));
    Some(SectionModel { id: section.id.into(), title, blocks: (section.build)(cx) })
}

/// The report of an assessment in the wording given. Same assessment, same report: no clock is read. `change`: what
/// changed since an earlier one, where somebody compared.
#[must_use]
pub fn report(assessment: &Assessment, change: Option<&AssessmentChange>, words: &Messages) -> ReportModel {
    number::within(words.format(), || written(assessment, change, words))
}

fn written(assessment: &Assessment, change: Option<&AssessmentChange>, words: &Messages) -> ReportModel {
    let cx = Context::new(assessment, words).since(change);
    ReportModel {
        title: cx.say("document.title"),
        engagement: number::terminal_safe(&assessment.engagement).into_owned(),
        facts: document_facts(&cx),
        banner: simulated_banner(&cx),
        contents_title: cx.say("document.contents"),
        footer: document_footer(&cx),
        sections: SECTIONS.iter().filter_map(|known| section(&cx, known.id)).collect(),
        language: words.language().to_owned(),
        created: assessment.created,
        brand: Brand::default(),
        sheets: false,
    }
}

fn document_facts(cx: &Context<'_>) -> Vec<Fact> {
    let a = cx.assessment;
    let number = if a.id == 0 { cx.say("document.draft") } else { number::int(a.id as f64) };
    let window = cx.with("document.window.value", [("from", date(a.window.from)), ("to", date(a.window.to))]);
    vec![
        cx.fact("document.number", number),
        cx.fact("document.created", date(a.created)),
        cx.fact("document.window", window),
        cx.fact("document.policy", format!("{} {}", a.policy.name, a.policy.version)),
        cx.fact("document.state", document_state(cx)),
    ]
}

/// Whose names stand under it: nobody's, a reader's, a signer's.
fn document_state(cx: &Context<'_>) -> String {
    let review = cx.assessment.review.clone().unwrap_or_default();
    let name = |id: &str, name: &Signature| {
        let on = name.at.map_or_else(|| cx.say("not-known"), date);
        cx.with(id, [("by", name.by.clone()), ("on", on)])
    };
    match (review.issued, review.reviewed) {
        (Some(issued), _) => name("document.state.issued", &issued),
        (None, Some(reviewed)) => name("document.state.reviewed", &reviewed),
        (None, None) => cx.say("document.state.draft"),
    }
}

fn document_footer(cx: &Context<'_>) -> String {
    let a = cx.assessment;
    let inputs: String = a.inputs_sha256.chars().take(12).collect();
    cx.with(
        "document.footer",
        [("tool", a.tool_version.clone()), ("method", a.method_version.clone()), ("inputs", inputs)],
    )
}

pub(crate) fn simulated_banner(cx: &Context<'_>) -> Option<String> {
    let estate = &cx.assessment.estate;
    let counts = [("simulated", estate.simulated as f64), ("servers", estate.servers as f64)];
    match estate.simulated {
        0 => None,
        all if all == estate.servers => Some(cx.with("document.simulated.all", counts)),
        _ => Some(cx.with("document.simulated.some", counts)),
    }
}

fn date(moment: cairn_schemas::time::Timestamp) -> String {
    number::date(moment)
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
