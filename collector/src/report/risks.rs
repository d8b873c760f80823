//! Risks and open questions: what this assessment does not know or takes for granted, each with what would settle
//! it. Only what holds for this assessment is listed.
// SPDX-License-Identifier: Apache-2.0

use super::context::Numbers;
use super::{Block, Context, Said, Section, Tone};
use crate::number;
use cairn_schemas::assessment::{Category, ServerReadiness, TriggerState};
use cairn_schemas::decision::DecisionEffect;
use cairn_schemas::finding::Arg;

/// The section.
pub(super) static SECTION: Section = Section { id: "risks", build };

/// A risk: its words are `report.risk.<id>` and `report.risk.<id>.remedy`. No arguments, no risk.
struct Risk {
    id: &'static str,
    tone: Tone,
    holds: fn(&Context<'_>) -> Option<Numbers>,
}

/// Every risk, the gravest first.
const RISKS: &[Risk] = &[
    Risk { id: "overruled", tone: Tone::Bad, holds: overruled },
    Risk { id: "untested", tone: Tone::Bad, holds: untested },
    Risk { id: "dropped", tone: Tone::Bad, holds: dropped },
    Risk { id: "coverage", tone: Tone::Attention, holds: coverage },
    Risk { id: "month-end", tone: Tone::Attention, holds: month_end },
    Risk { id: "conditional", tone: Tone::Attention, holds: |cx| some(of(cx, Category::Conditional)) },
    Risk { id: "unknown", tone: Tone::Attention, holds: |cx| some(of(cx, Category::Unknown)) },
    Risk { id: "ownerless", tone: Tone::Attention, holds: ownerless },
    Risk { id: "swing", tone: Tone::Attention, holds: swing },
    Risk { id: "gap", tone: Tone::Attention, holds: gap },
    Risk { id: "licences", tone: Tone::Attention, holds: licences },
    Risk { id: "differences", tone: Tone::Attention, holds: |cx| some(cx.assessment.differences.len()) },
    Risk { id: "triggers", tone: Tone::Unknown, holds: triggers },
    Risk { id: "simulated", tone: Tone::Bad, holds: |cx| some(cx.assessment.estate.simulated) },
];

fn build(cx: &Context<'_>) -> Vec<Block> {
    let said = |risk: &Risk| {
        let args = (risk.holds)(cx)?;
        let remedy = Some(cx.say(&format!("risk.{}.remedy", risk.id)));
        let text = cx.with_all(&format!("risk.{}", risk.id), args);
        Some(Said { tone: risk.tone, text, remedy, evidence: None, points: None })
    };
    let all: Vec<_> = RISKS.iter().filter_map(said).collect();
    if all.is_empty() {
        return vec![Block::Note(Tone::Good, cx.say("risks.none"))];
    }
    vec![Block::Prose(cx.say("risks.lead")), Block::Findings(all)]
}

fn some(count: usize) -> Option<Numbers> {
    (count > 0).then(|| vec![("count", Arg::from(count as f64))])
}

fn of(cx: &Context<'_>, category: Category) -> usize {
    cx.assessment.readiness.servers.iter().filter(|server| server.category == category).count()
}

fn overruled(cx: &Context<'_>) -> Option<Numbers> {
    let made = &cx.assessment.decisions;
    some(made.iter().filter(|weighed| weighed.effect == DecisionEffect::ProofOverruled).count())
}

fn untested(cx: &Context<'_>) -> Option<Numbers> {
    cx.assessment.consolidation.as_ref()?.backtest.is_none().then(Vec::new)
}

fn dropped(cx: &Context<'_>) -> Option<Numbers> {
    let plan = cx.assessment.consolidation.as_ref()?;
    let names: Vec<_> = plan.dropped_dimensions.iter().map(|dropped| cx.resource(dropped.resource)).collect();
    (!names.is_empty()).then(|| vec![("resources", Arg::from(names.join(", ")))])
}

fn coverage(cx: &Context<'_>) -> Option<Numbers> {
    let coverage = &cx.assessment.coverage;
    let (confidence, days) = (cx.confidence(coverage.confidence), coverage.days_still_to_measure);
    (days > 0).then(|| vec![("confidence", confidence.into()), ("days", f64::from(days).into())])
}

fn month_end(cx: &Context<'_>) -> Option<Numbers> {
    (!cx.assessment.coverage.month_end_seen && cx.assessment.estate.assessed > 0).then(Vec::new)
}

fn ownerless(cx: &Context<'_>) -> Option<Numbers> {
    let nobody = |server: &&ServerReadiness| server.owner.is_none();
    some(cx.assessment.readiness.servers.iter().filter(nobody).count())
}

fn swing(cx: &Context<'_>) -> Option<Numbers> {
    let plan = cx.assessment.consolidation.as_ref()?;
    let widest = plan.outlook.sensitivity.iter().max_by_key(|moved| moved.swing)?;
    let name = cx.name(&[format!("report.moved.{}", widest.assumption)], &widest.assumption);
    (widest.swing > 0).then(|| vec![("assumption", name.into()), ("swing", (widest.swing as f64).into())])
}

/// A plan further from its bound than this may be bettered; ours.
const GAP: f64 = 0.1;

fn gap(cx: &Context<'_>) -> Option<Numbers> {
    let gap = cx.assessment.consolidation.as_ref()?.proven_gap_ratio?;
    (gap > GAP).then(|| vec![("gap", number::percent(gap).into())])
}

fn licences(cx: &Context<'_>) -> Option<Numbers> {
    let licences = &cx.assessment.consolidation.as_ref()?.constraints.licences;
    (!licences.is_empty()).then(Vec::new)
}

fn triggers(cx: &Context<'_>) -> Option<Numbers> {
    let triggers = &cx.assessment.journey.triggers;
    some(triggers.iter().filter(|trigger| trigger.state == TriggerState::Unknown).count())
}
