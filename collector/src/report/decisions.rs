//! Decisions needed, by name: what findings ask people to do, gathered over servers, with who must do it; and
//! decisions made, with what came of each.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Row, Table, Tone};
use crate::number;
use cairn_assess::readiness;
use cairn_schemas::decision::{DecisionEffect, WeighedDecision};
use cairn_schemas::finding::Severity;
use std::collections::{BTreeMap, BTreeSet};

struct Decision<'a> {
    gate: bool,
    servers: Vec<&'a str>,
    /// Who must confirm it, by the rules that ask.
    confirm: BTreeSet<&'static str>,
    owners: BTreeSet<&'a str>,
    ownerless: usize,
}

/// The decisions, those on gates and on most servers first; at most `most` rows. `None` when none is needed.
pub(super) fn decisions(cx: &Context<'_>, most: usize) -> Option<Block> {
    let all = gather(cx);
    if all.is_empty() {
        return None;
    }
    let mut ordered: Vec<_> = all.iter().collect();
    ordered.sort_by_key(|(what, d)| (!d.gate, std::cmp::Reverse(d.servers.len()), what.as_str()));
    let rows = ordered.iter().take(most).map(|(what, decision)| row(cx, what, decision)).collect();
    let foot = ordered.len().checked_sub(most).filter(|left| *left > 0);
    Some(Block::Table(Table {
        caption: cx.say("decisions.title"),
        columns: cx.columns("decisions", &["what", "confirms", "who", "#count", "servers"]),
        rows,
        foot: foot.map(|left| cx.with("decisions.more", [("left", left as f64)])),
    }))
}

fn gather<'a>(cx: &Context<'a>) -> BTreeMap<String, Decision<'a>> {
    let mut all: BTreeMap<String, Decision<'a>> = BTreeMap::new();
    for server in &cx.assessment.readiness.servers {
        for finding in server.findings.iter().filter(|f| f.severity > Severity::Info) {
            let Some(remedy) = cx.said(finding).remedy else { continue };
            let decision = all.entry(remedy).or_insert_with(|| Decision {
                gate: false,
                servers: Vec::new(),
                confirm: BTreeSet::new(),
                owners: BTreeSet::new(),
                ownerless: 0,
            });
            decision.gate |= finding.severity == Severity::Gate;
            decision.confirm.extend(readiness::rule(&finding.id).map(|rule| rule.confirm.name()));
            // One server may ask for the same thing twice.
            if decision.servers.last() == Some(&server.server.as_str()) {
                continue;
            }
            decision.servers.push(&server.server);
            match &server.owner {
                Some(owner) => _ = decision.owners.insert(owner),
                None => decision.ownerless += 1,
            }
        }
    }
    all
}

fn row(cx: &Context<'_>, what: &str, decision: &Decision<'_>) -> Row {
    let named = cx.names(decision.owners.iter().copied(), 3);
    let who = match (decision.owners.is_empty(), decision.ownerless) {
        (true, _) => Cell::new(cx.say("decisions.no-owner")).tone(Tone::Unknown),
        (false, 0) => Cell::new(named),
        (false, n) => {
            Cell::new(cx.with("decisions.some-owners", [("names", named), ("count", number::count(n))]))
        }
    };
    let servers = cx.names(decision.servers.iter().copied(), 4);
    let mark = cx.mark(decision.servers.iter().copied());
    let confirm = decision.confirm.iter().map(|who| cx.name(&[format!("report.confirms.{who}")], who));
    let confirm = Cell::new(confirm.collect::<Vec<_>>().join(", "));
    Row::new([
        Cell::new(what),
        confirm,
        who,
        Cell::new(number::count(decision.servers.len())),
        Cell::new(servers),
    ])
    .marked(mark)
}

/// The decisions people have made, with what came of each; at most `most` rows. `None` when there is none.
pub(super) fn register(cx: &Context<'_>, most: usize) -> Option<Block> {
    let made = &cx.assessment.decisions;
    let left = made.len().checked_sub(most).filter(|left| *left > 0);
    let table = Table {
        caption: cx.say("register.title"),
        columns: cx.columns("register", &["server", "#number", "what", "by", "words", "effect"]),
        rows: made.iter().take(most).map(|weighed| made_row(cx, weighed)).collect(),
        foot: left.map(|left| cx.with("register.more", [("left", left as f64)])),
    };
    (!made.is_empty()).then_some(Block::Table(table))
}

fn made_row(cx: &Context<'_>, weighed: &WeighedDecision) -> Row {
    let WeighedDecision { decision, effect } = weighed;
    let what = match &decision.rule {
        Some(rule) => cx.with("register.what", [("kind", decision.kind.name()), ("rule", rule)]),
        None => cx.say("register.veto-of-all"),
    };
    let on = super::date(decision.on);
    let by = match decision.expires {
        Some(until) => cx.with(
            "register.by.until",
            [("by", decision.by.clone()), ("on", on), ("until", super::date(until))],
        ),
        None => cx.with("register.by", [("by", decision.by.clone()), ("on", on)]),
    };
    let words = match &decision.ticket {
        Some(ticket) => cx.with("register.words", [("words", &*decision.words), ("ticket", ticket)]),
        None => decision.words.clone(),
    };
    let effect = match effect {
        DecisionEffect::Followed => Cell::new(cx.say("register.effect.followed")),
        DecisionEffect::ProofOverruled => Cell::new(cx.say("register.effect.overruled")).tone(Tone::Bad),
        DecisionEffect::StoppedByProof => Cell::new(cx.say("register.effect.stopped")).tone(Tone::Attention),
        DecisionEffect::NothingToDo => Cell::new(cx.say("register.effect.nothing")).tone(Tone::Unknown),
        DecisionEffect::Expired => Cell::new(cx.say("register.effect.expired")).tone(Tone::Attention),
    };
    let number = Cell::new(number::count(usize::try_from(decision.id).unwrap_or_default()));
    Row::new([Cell::new(&decision.server), number, Cell::new(what), Cell::new(by), Cell::new(words), effect])
        .marked(cx.mark([decision.server.as_str()]))
}

/// Said on page one when a person's exception stands against proof.
pub(super) fn overruled(cx: &Context<'_>) -> Option<Block> {
    let made = &cx.assessment.decisions;
    let servers: BTreeSet<&str> = made
        .iter()
        .filter(|weighed| weighed.effect == DecisionEffect::ProofOverruled)
        .map(|weighed| weighed.decision.server.as_str())
        .collect();
    let said = || cx.with("register.overruled", [("count", servers.len() as f64)]);
    (!servers.is_empty()).then(|| Block::Note(Tone::Bad, said()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures::{one_server, words};
    use cairn_schemas::decision::{Decision, DecisionKind};
    use cairn_schemas::time::Timestamp;

    fn check(effect: DecisionEffect, said: &str, loud: bool) {
        let decision = Decision {
            id: 7,
            kind: DecisionKind::Exception,
            server: "web-01".into(),
            rule: Some("special-hardware".into()),
            by: "Ada".into(),
            on: Timestamp(1_793_577_600),
            expires: Some(Timestamp(1_809_129_600)),
            ticket: Some("CHG-7".into()),
            words: "=1+1 \u{1b}[31mred".into(),
            source: "cairn decide".into(),
            despite_proof: true,
        };
        let mut assessment = one_server();
        assessment.decisions = vec![WeighedDecision { decision, effect }];
        let messages = words();
        let cx = Context::new(&assessment, &messages);
        let Some(Block::Table(table)) = register(&cx, 1) else { panic!("a decision is shown") };
        let cells: Vec<&str> = table.rows[0].cells.iter().map(|cell| cell.text.as_str()).collect();
        assert_eq!(cells[..3], ["web-01", "7", "exception on special-hardware"]);
        assert!(cells[3].starts_with("Ada, ") && cells[3].contains("until"), "{}", cells[3]);
        assert_eq!(cells[4..], ["=1+1 \u{fffd}[31mred (CHG-7)", said]);
        assert_eq!(overruled(&cx).is_some(), loud);
    }

    #[test]
    fn each_decision_is_shown_with_what_came_of_it() {
        check(DecisionEffect::Followed, "followed", false);
        check(DecisionEffect::ProofOverruled, "followed against proof", true);
        check(DecisionEffect::StoppedByProof, "stopped by proof", false);
        check(DecisionEffect::NothingToDo, "changes nothing here", false);
        check(DecisionEffect::Expired, "ended, no longer counts", false);
        assert_eq!(register(&Context::new(&one_server(), &words()), 1), None);
    }
}
