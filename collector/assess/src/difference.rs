//! What changed between two assessments, and why. From the inputs of the earlier one to those of the later one in steps,
//! one cause a step, and an assessment after each: what a figure changed by in a step is the part of that cause, so that
//! the parts of a figure add up to its change exactly.
//!
//! Another order of the causes would part a change otherwise where causes work on each other; ours is that of
//! [`Cause::ALL`]: who is still there, what is known of them, how well they are measured, what they ask, who has come,
//! by which rules, by which policy, by which method. A fair share over all orders would take thousands of assessments.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Estate;
use crate::policy::Policy;
use cairn_schemas::assessment::Assessment;
use cairn_schemas::change::{
    AssessmentChange, AssessmentRef, Cause, CauseCount, ChangeBasis, ChangePart, FigureChange, SCHEMA,
    ServerChange,
};
use std::collections::BTreeMap;

mod chain;
mod compared;
mod fate;
mod figures;
mod still;
mod verdict;

pub use verdict::{THRESHOLDS, Threshold, verdict};

use fate::Fates;
use figures::{FOLLOWED, Steps};

/// One of the two assessments.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The assessment as it was made.
    pub assessment: &'a Assessment,
    /// What it was computed from: its own estate, or its window as it is known today, and its policy. `None` where
    /// neither is kept.
    pub inputs: Option<(&'a Estate, &'a Policy)>,
}

/// Figures after a cause has changed.
type State = (Cause, Steps);

/// What changed from one assessment to a later one. Where both inputs are there, the plan is made anew for each cause that
/// applies, about ten at most; what an assessment tries and tests beside its plan is not.
#[must_use]
pub fn difference(before: &Side<'_>, after: &Side<'_>) -> AssessmentChange {
    let (a, b) = (before.assessment, after.assessment);
    let fates = Fates::of(a, b);
    let chain = chain::chain(before, after, &fates);
    let known = chain.as_ref().map(|chain| chain.knowledge.clone());
    let (basis, states) = match chain {
        Some(chain) => (chain.basis, chain.states),
        None => (ChangeBasis::Compared, compared::states(a, b, &fates)),
    };
    let servers = fates.changes(&known.unwrap_or_else(|| fates.known_otherwise(a, b)));
    AssessmentChange {
        schema: SCHEMA.to_owned(),
        engagement: b.engagement.clone(),
        before: reference(a),
        after: reference(b),
        basis,
        verdict: verdict(a, b),
        figures: changes(a, b, &states),
        causes: counts(&servers),
        servers: servers.into_iter().filter(fate::is_worth_a_line).collect(),
    }
}

fn reference(of: &Assessment) -> AssessmentRef {
    AssessmentRef {
        id: of.id,
        created: of.created,
        window: of.window,
        inputs_sha256: of.inputs_sha256.clone(),
        tool_version: of.tool_version.clone(),
        method_version: of.method_version.clone(),
        rules_sha256: of.rules_sha256.clone(),
        policy: of.policy.clone(),
    }
}

fn counts(servers: &[ServerChange]) -> Vec<CauseCount> {
    let mut counts: BTreeMap<Cause, usize> = BTreeMap::new();
    servers.iter().for_each(|server| *counts.entry(server.cause).or_default() += 1);
    counts.into_iter().map(|(cause, servers)| CauseCount { cause, servers }).collect()
}

/// Every followed figure with its parts. The last state is that of the later assessment.
fn changes(a: &Assessment, b: &Assessment, states: &[State]) -> Vec<FigureChange> {
    let (start, end) = (figures::steps(a), figures::steps(b));
    let one_currency = a.value.currency == b.value.currency;
    let change = |(index, figure): (usize, &figures::Followed)| {
        let comparable = one_currency || !figure.is_money();
        let (before, after) = (start[index].filter(|_| comparable), end[index]);
        let parts = before.zip(after).map(|(before, _)| parts(before, states, index));
        FigureChange {
            id: figure.id.to_owned(),
            unit: figure.unit.replace("currency", &b.value.currency),
            decimals: figure.decimals,
            before,
            after,
            change: before.zip(after).map(|(before, after)| after - before),
            parts: parts.unwrap_or_default(),
        }
    };
    FOLLOWED.iter().enumerate().map(change).collect()
}

/// The parts of one figure. Where a state has no such figure (an estate without servers, half-way), what changed is
/// counted to the next one that has.
fn parts(before: i64, states: &[State], index: usize) -> Vec<ChangePart> {
    let mut by_cause: BTreeMap<Cause, i64> = BTreeMap::new();
    let mut last = before;
    for (cause, steps) in states {
        let now = steps[index].unwrap_or(last);
        *by_cause.entry(*cause).or_default() += now - last;
        last = now;
    }
    let parts = by_cause.into_iter().filter(|(_, change)| *change != 0);
    parts.map(|(cause, change)| ChangePart { cause, change }).collect()
}

#[cfg(test)]
#[path = "difference/difference_tests.rs"]
mod tests;
