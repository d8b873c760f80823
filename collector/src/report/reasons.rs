//! Why: what the proposal is worth, what it risks and how sure that is, on one page.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Context, Fact, Section, Tone};
use crate::number;

/// The section.
pub(super) static SECTION: Section = Section { id: "reasons", build };

fn build(cx: &Context<'_>) -> Vec<Block> {
    let value = &cx.assessment.value;
    let mut blocks = Vec::new();
    if value.by_year.is_empty() {
        blocks.push(Block::Note(Tone::Unknown, cx.known(None, "value")));
    } else {
        let money = |amount: f64| number::money(amount, &value.currency);
        let args = [("cash", money(value.annual_cash.base)), ("once", money(value.one_off_cash.base))];
        blocks
            .push(Block::Headline(cx.with("reasons.headline", args.clone()), cx.with("reasons.lead", args)));
        blocks.extend(super::value::in_short(cx));
        blocks.push(super::cash::by_year(cx));
    }
    blocks.push(Block::Heading(cx.say("reasons.sure.title")));
    blocks.push(Block::Facts(sureness(cx)));
    blocks.push(Block::Heading(cx.say("reasons.besides.title")));
    blocks.push(Block::Prose(cx.say("reasons.besides")));
    blocks.push(Block::Note(Tone::Plain, cx.say("reasons.not-counted")));
    blocks
}

/// What the host count rests on.
fn sureness(cx: &Context<'_>) -> Vec<Fact> {
    let plan = cx.assessment.consolidation.as_ref();
    let test = plan.and_then(|plan| plan.backtest.as_ref());
    let minutes = test.and_then(|test| test.minutes_per_host_year).map(number::one);
    let affected = test.and_then(|test| test.hosts_ever_affected_ratio).map(number::percent);
    let range = plan.and_then(|plan| plan.interval).map(|interval| {
        let ends = [("low", interval.low), ("high", interval.high)];
        cx.with("reasons.interval", ends.map(|(name, hosts)| (name, hosts as f64)))
    });
    let bound = plan.map(|plan| number::count(plan.lower_bound_hosts));
    let coverage = &cx.assessment.coverage;
    vec![
        cx.fact("reasons.coverage", cx.known(coverage.ratio.map(number::percent), "coverage")),
        cx.fact("reasons.confidence", cx.confidence(coverage.confidence)),
        cx.fact("reasons.bound", cx.known(bound, "plan")),
        cx.fact("reasons.hosts", cx.known(range, "interval")),
        cx.fact("reasons.minutes", cx.known(minutes, "backtest")),
        cx.fact("reasons.affected", cx.known(affected, "backtest")),
    ]
}
