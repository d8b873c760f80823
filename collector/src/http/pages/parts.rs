//! Pieces that pages are put together from.
// SPDX-License-Identifier: Apache-2.0

use super::internal;
use super::visit::Visit;
use super::words::{command, current, say};
use crate::http::problem::Refused;
use crate::report::{self, Block, Context, SectionModel};
use askama::Template;
use cairn_schemas::assessment::Assessment;

/// Sections of the report, by their ids, as they stand there; what is missing is said.
pub(super) fn of_report(visit: &Visit, ids: &[&str]) -> Result<Vec<String>, Refused> {
    let Some(assessment) = &visit.assessment else { return Ok(vec![nothing_yet(visit)?]) };
    let cx = context(assessment);
    ids.iter()
        .filter_map(|id| report::section(&cx, id))
        .map(|section| section.html().map_err(internal))
        .collect()
}

/// The assessment on its way into words.
pub(super) fn context(assessment: &Assessment) -> Context<'_> {
    Context::new(assessment, current())
}

/// A section of a page's own.
pub(super) fn section(id: &'static str, blocks: Vec<Block>) -> Result<String, Refused> {
    let title = say(&format!("{id}.title"));
    SectionModel { id: id.into(), title, blocks }.html().map_err(internal)
}

#[derive(Template)]
#[template(path = "steps.html")]
struct Steps {
    title: String,
    lead: String,
    steps: Vec<Step>,
}

/// What to do, and the command that does it.
struct Step {
    text: String,
    command: String,
}

/// Steps `page.<id>.<step>` with their commands.
pub(super) fn steps(visit: &Visit, id: &str, steps: &[&str]) -> Result<String, Refused> {
    let step = |step: &&str| {
        let id = format!("{id}.{step}");
        Step { text: say(&id), command: command(visit.engagement(), &id) }
    };
    let steps = steps.iter().map(step).collect();
    let (title, lead) = (say(&format!("{id}.title")), say(&format!("{id}.lead")));
    Steps { title, lead, steps }.render().map_err(internal)
}

/// Where there is no assessment: how to come to one.
pub(super) fn nothing_yet(visit: &Visit) -> Result<String, Refused> {
    if visit.store.servers().map_err(internal)?.is_empty() {
        steps(visit, "first", &["demo", "agent", "import"])
    } else {
        steps(visit, "unassessed", &["assess", "coverage"])
    }
}
