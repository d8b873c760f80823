//! How: the steps from here to the first wave, who must decide what, and the way back, on one page.
// SPDX-License-Identifier: Apache-2.0

use super::decisions::decisions;
use super::{Block, Context, Said, Section, Tone};
use crate::number;
use cairn_schemas::assessment::{Category, Path};
use cairn_schemas::finding::Arg;

/// The section.
pub(super) static SECTION: Section = Section { id: "approach", build };

/// Decisions on this page.
const DECISIONS: usize = 5;

fn build(cx: &Context<'_>) -> Vec<Block> {
    let mut blocks = vec![Block::Prose(cx.say("approach.lead")), Block::Findings(steps(cx))];
    blocks.extend(decisions(cx, DECISIONS));
    blocks.push(Block::Heading(cx.say("approach.back.title")));
    blocks.push(Block::Prose(way_back(cx)));
    blocks.push(Block::Heading(cx.say("approach.after.title")));
    blocks.push(Block::Prose(cx.say("approach.after")));
    blocks
}

fn steps(cx: &Context<'_>) -> Vec<Said> {
    let a = cx.assessment;
    let step = |tone: Tone, text: String| Said { tone, text, remedy: None, evidence: None, points: None };
    let days = f64::from(a.coverage.days_still_to_measure);
    let measure = match a.coverage.days_still_to_measure {
        0 => step(Tone::Good, cx.say("approach.measured")),
        _ => step(Tone::Attention, cx.with("approach.measure", [("days", days)])),
    };
    let open = a.readiness.servers.iter().filter(|server| server.category == Category::Conditional).count();
    let confirm = match open {
        0 => step(Tone::Good, cx.say("approach.confirmed")),
        _ => step(Tone::Attention, cx.with("approach.confirm", [("servers", open as f64)])),
    };
    let first = a.waves.first().map(|wave| {
        let names = cx.names(wave.servers.iter().map(String::as_str), 6);
        let args = [
            ("servers", Arg::from(wave.servers.len() as f64)),
            ("hosts", Arg::from(wave.hosts as f64)),
            ("names", Arg::from(names)),
        ];
        step(Tone::Plain, cx.with("approach.first", args))
    });
    let rest = (a.waves.len() > 1)
        .then(|| step(Tone::Plain, cx.with("approach.rest", [("waves", (a.waves.len() - 1) as f64)])));
    let check = step(Tone::Plain, cx.say("approach.check"));
    let no_wave = a.waves.is_empty().then(|| step(Tone::Unknown, cx.known(None, "waves")));
    [Some(measure), Some(confirm), no_wave, first, rest, Some(check)].into_iter().flatten().collect()
}

/// How long each old server is kept, at the least and at the most.
fn way_back(cx: &Context<'_>) -> String {
    let moved = cx.assessment.dispositions.iter().filter(|moved| moved.path != Path::Retire);
    let days: Vec<f64> = moved.filter_map(|moved| Some(moved.way_back.as_ref()?.days)).collect();
    let ends = days.iter().fold(None, |ends: Option<(f64, f64)>, days| match ends {
        Some((low, high)) => Some((low.min(*days), high.max(*days))),
        None => Some((*days, *days)),
    });
    match ends {
        Some((low, high)) if low < high => {
            cx.with("approach.back.range", [("low", number::int(low)), ("high", number::days(high))])
        }
        Some((_, days)) => cx.with("approach.back.days", [("days", number::days(days))]),
        None => cx.say("approach.back"),
    }
}
