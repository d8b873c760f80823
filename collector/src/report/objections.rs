//! Asked and answered: what application owners and their managers object, each answered with this assessment's own
//! figures, and plainly where it has none.
// SPDX-License-Identifier: Apache-2.0

use super::context::Numbers;
use super::{Block, Context, Section};
use crate::number;
use cairn_schemas::finding::Arg;

/// The section.
pub(super) static SECTION: Section = Section { id: "objections", build };

/// An objection: its words are `report.objection.<id>.asked`; its answer is `.answered` with the arguments given,
/// or `.unknown` where there are none.
struct Objection {
    id: &'static str,
    answer: fn(&Context<'_>) -> Option<Numbers>,
}

/// Every objection, in the order they come up.
const OBJECTIONS: &[Objection] = &[
    Objection { id: "slower", answer: slower },
    Objection { id: "failure", answer: failure },
    Objection { id: "weeks", answer: weeks },
    Objection { id: "averages", answer: |_| Some(Vec::new()) },
    Objection { id: "special", answer: special },
    Objection { id: "hosts", answer: hosts },
    Objection { id: "savings", answer: savings },
    Objection { id: "licences", answer: |_| Some(Vec::new()) },
    Objection { id: "back", answer: |_| Some(Vec::new()) },
    Objection { id: "data", answer: |_| Some(Vec::new()) },
];

fn build(cx: &Context<'_>) -> Vec<Block> {
    let mut blocks = vec![Block::Prose(cx.say("objections.lead"))];
    for Objection { id, answer } in OBJECTIONS {
        blocks.push(Block::Heading(cx.say(&format!("objection.{id}.asked"))));
        blocks.push(Block::Prose(match answer(cx) {
            Some(args) => cx.with_all(&format!("objection.{id}.answered"), args),
            None => cx.say(&format!("objection.{id}.unknown")),
        }));
    }
    blocks
}

fn slower(cx: &Context<'_>) -> Option<Numbers> {
    let plan = cx.assessment.consolidation.as_ref()?;
    let test = plan.backtest.as_ref()?;
    let minutes = test.minutes_per_host_year.map(number::one)?;
    let limit = cx.limit(plan, cairn_schemas::assessment::Resource::Cpu).map(number::percent)?;
    let folds = test.folds as f64;
    Some(vec![("minutes", minutes.into()), ("limit", limit.into()), ("folds", folds.into())])
}

fn failure(cx: &Context<'_>) -> Option<Numbers> {
    let plan = cx.assessment.consolidation.as_ref()?;
    let failover = plan.failover_hosts as f64;
    Some(vec![("failover", failover.into()), ("clusters", (plan.clusters.len() as f64).into())])
}

fn weeks(cx: &Context<'_>) -> Option<Numbers> {
    let a = cx.assessment;
    let ratio = a.coverage.ratio.map(number::percent)?;
    let seen = if a.coverage.month_end_seen { "month-end.seen" } else { "month-end.unseen" };
    Some(vec![
        ("from", super::date(a.window.from).into()),
        ("to", super::date(a.window.to).into()),
        ("coverage", ratio.into()),
        ("month_end", cx.say(seen).into()),
    ])
}

fn special(cx: &Context<'_>) -> Option<Numbers> {
    let counts = cx.assessment.readiness.counts;
    let (blocked, conditional) = (counts.blocked as f64, counts.conditional as f64);
    (!cx.assessment.readiness.servers.is_empty())
        .then(|| vec![("blocked", blocked.into()), ("conditional", conditional.into())])
}

fn hosts(cx: &Context<'_>) -> Option<Numbers> {
    let plan = cx.assessment.consolidation.as_ref()?;
    let (hosts, bound) = (plan.hosts as f64, plan.lower_bound_hosts as f64);
    Some(vec![("hosts", hosts.into()), ("bound", bound.into())])
}

fn savings(cx: &Context<'_>) -> Option<Numbers> {
    let value = &cx.assessment.value;
    let money = |amount: f64| Arg::from(number::money(amount, &value.currency));
    let (low, high) = (money(value.annual_cash.low), money(value.annual_cash.high));
    let constants = value.constants.len() as f64;
    (!value.by_year.is_empty()).then(|| vec![("low", low), ("high", high), ("constants", constants.into())])
}
