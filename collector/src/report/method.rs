//! How it was done: the method by name, version and hash, its steps, and every figure with its why.
// SPDX-License-Identifier: Apache-2.0

use super::sizing::grade_id;
use super::why;
use super::{Block, Cell, Context, Row, Section, Table};
use crate::number;
use cairn_schemas::assessment::PowerGrade;

/// The section.
pub(super) static SECTION: Section = Section { id: "method", build };

/// Steps of the method, worded `method.step.1` and so on.
const STEPS: usize = 10;
/// Figures printed; all are in the JSON file.
const FIGURES: usize = 60;

/// How far the models may be off, each on models of processors it had not seen.
fn errors(cx: &Context<'_>) -> Table {
    let mut rows = Vec::new();
    let scale = cx.assessment.sizing.iter().flat_map(|sizing| &sizing.cpu.grades);
    for grade in scale {
        let name = cx.say(&format!("grade.{}", grade_id(grade.grade)));
        let shown = [grade.error_median_ratio, grade.error_p90_ratio, grade.error_bias_ratio];
        rows.push(error_row(cx, "method.errors.scale", name, grade.servers, shown));
    }
    for used in &cx.assessment.value.power {
        let name = cx.say(&format!("power-grade.{}", power_id(used.grade)));
        for (what, error) in [("method.errors.idle", used.idle), ("method.errors.full", used.max)] {
            let shown = [
                error.map(|error| error.median_ratio),
                error.map(|error| error.p90_ratio),
                error.map(|error| error.bias_ratio),
            ];
            rows.push(error_row(cx, what, name.clone(), used.servers, shown));
        }
    }
    Table {
        caption: cx.say("method.errors.title"),
        columns: cx.columns("method.errors", &["model", "way", "#servers", "#half", "#most", "#bias"]),
        rows,
        foot: Some(cx.say("method.errors.foot")),
    }
}

fn error_row(cx: &Context<'_>, what: &str, way: String, servers: usize, shown: [Option<f64>; 3]) -> Row {
    let ratio =
        |ratio: Option<f64>| Cell::new(ratio.map_or_else(|| cx.say("method.errors.none"), number::percent));
    let [half, most, bias] = shown.map(ratio);
    Row::new([
        Cell::new(cx.say(what)),
        Cell::new(way),
        Cell::new(number::int(servers as f64)),
        half,
        most,
        bias,
    ])
}

const fn power_id(grade: PowerGrade) -> &'static str {
    match grade {
        PowerGrade::Metered => "metered",
        PowerGrade::Generation => "generation",
        PowerGrade::Size => "size",
        PowerGrade::Assumed => "assumed",
    }
}

fn build(cx: &Context<'_>) -> Vec<Block> {
    let a = cx.assessment;
    let facts = vec![
        cx.fact("method.name", cx.with("method.name.value", [("version", a.method_version.as_str())])),
        cx.fact("method.tool", a.tool_version.clone()),
        cx.fact("method.policy", format!("{} {}", a.policy.name, a.policy.version)),
        cx.fact("method.policy-sha", a.policy.sha256.clone()),
        cx.fact("method.rules-sha", a.rules_sha256.clone()),
        cx.fact("method.inputs-sha", a.inputs_sha256.clone()),
        cx.fact("method.schema", a.schema.clone()),
        cx.fact("method.created", a.created.to_string()),
        cx.fact("method.window", format!("{} / {}", a.window.from, a.window.to)),
    ];
    let mut blocks = vec![Block::Prose(cx.say("method.lead")), Block::Facts(facts)];
    blocks.extend((1..=STEPS).map(|step| Block::Prose(cx.say(&format!("method.step.{step}")))));
    blocks.push(Block::Table(errors(cx)));
    if !a.figures.is_empty() {
        blocks.push(Block::Heading(cx.say("method.figures")));
        // Scores by server stand in the appendix, part by part.
        let of_estate = a.figures.iter().filter(|(id, _)| !id.contains(':'));
        let all = of_estate.clone().count();
        let figures = of_estate.take(FIGURES);
        blocks.push(Block::Whys(figures.map(|(id, figure)| why::why(cx, id, figure)).collect()));
        if let Some(left) = all.checked_sub(FIGURES).filter(|left| *left > 0) {
            blocks.push(Block::Prose(cx.with("left-out.figures", [("left", left as f64)])));
        }
    }
    blocks
}
