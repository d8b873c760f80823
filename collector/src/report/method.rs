//! How it was done: the method by name, version and hash, its steps, and every figure with its why.
// SPDX-License-Identifier: Apache-2.0

use super::why;
use super::{Block, Context, Section};

/// The section.
pub(super) static SECTION: Section = Section { id: "method", build };

/// Steps of the method, worded `method.step.1` and so on.
const STEPS: usize = 10;
/// Figures printed; all are in the JSON file.
const FIGURES: usize = 60;

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
