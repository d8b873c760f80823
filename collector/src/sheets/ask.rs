//! What is asked of an owner: whether a server may move, and what only they can say of it.
// SPDX-License-Identifier: Apache-2.0

use super::{OwnerSheet, Question, ServerLine};
use crate::messages::{Args, Messages};
use crate::number;
use crate::store::register::KeptDecision;
use cairn_assess::readiness::{Part, RULES};
use cairn_schemas::assessment::{Assessment, Category, ServerReadiness};
use cairn_schemas::decision::DecisionKind;
use cairn_schemas::digest::sha256_hex;
use cairn_schemas::fact::{FactValue, Facts, latest};
use cairn_schemas::finding::Severity;
use cairn_schemas::time::Timestamp;
use std::collections::BTreeMap;

/// Whether the server may become a virtual machine: `yes` is an agreement, `no` a veto.
pub const MOVE: &str = "move";
/// Who owns a server without an owner.
pub const OWNER: &str = "owner";
/// Characters of a state.
const STATE_LENGTH: usize = 16;

/// Rules whose question is answered by a fact, and the words it takes; none: any text.
const BY_FACT: &[(&str, &str, &[&str])] = &[
    ("special-hardware", "special_hardware", &[]),
    ("vendor-support", "vendor_support", &["ok", "forbidden"]),
    ("appliance", "appliance", &["yes", "no"]),
    ("shared-disk", "shared_disk", &["yes", "no"]),
    ("clustered", "cluster", &[]),
    ("time-critical", "time_critical", &["yes", "no"]),
    ("retiring", "retire", &["yes", "no"]),
];

/// How an answer is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Agreement or veto.
    Move,
    /// As this fact.
    Fact(&'static str),
    /// As a confirmation of the rule.
    Confirmation,
}

/// A kind of question: its id, how its answer is kept, and the words it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its id.
    pub id: &'static str,
    /// How its answer is kept.
    pub kept: Kept,
    /// Words it takes; none: any text.
    pub answers: &'static [&'static str],
}

/// Every kind of question there is.
#[must_use]
pub fn kinds() -> Vec<Kind> {
    let mut kinds = vec![
        Kind { id: MOVE, kept: Kept::Move, answers: &["yes", "no"] },
        Kind { id: OWNER, kept: Kept::Fact("owner"), answers: &[] },
    ];
    for rule in RULES {
        match BY_FACT.iter().find(|(id, ..)| *id == rule.id) {
            Some((id, fact, answers)) => kinds.push(Kind { id, kept: Kept::Fact(fact), answers }),
            None if rule.part == Part::Observation => {
                kinds.push(Kind { id: rule.id, kept: Kept::Confirmation, answers: &["confirmed"] });
            }
            None => {}
        }
    }
    kinds
}

/// What is known now: facts of every server, and the decisions that stand.
pub struct Known<'a> {
    facts: &'a BTreeMap<String, Facts>,
    decisions: Vec<&'a KeptDecision>,
}

impl<'a> Known<'a> {
    /// From what the store keeps.
    #[must_use]
    pub fn new(facts: &'a BTreeMap<String, Facts>, decisions: &'a [KeptDecision]) -> Self {
        Self { facts, decisions: decisions.iter().filter(|kept| kept.withdrawn.is_none()).collect() }
    }

    /// The value of a fact in words, empty when it is not known.
    #[must_use]
    pub fn value(&self, server: &str, fact: &str) -> String {
        let known = self.facts.get(server).and_then(|facts| latest(facts, fact));
        known.map_or_else(String::new, |fact| words(&fact.value))
    }

    /// Whether an owner has confirmed the value of a fact.
    #[must_use]
    pub fn is_confirmed(&self, server: &str, fact: &str) -> bool {
        let known = self.facts.get(server).and_then(|facts| latest(facts, fact));
        known.is_some_and(|fact| fact.confirmed_by.is_some())
    }

    /// Decisions that stand about a question.
    pub fn decided(&self, server: &str, kind: Kind) -> impl Iterator<Item = &'a KeptDecision> {
        let (server, id) = (server.to_owned(), kind.id);
        self.decisions.clone().into_iter().filter(move |kept| {
            let decision = &kept.decision;
            let about = match id {
                MOVE => decision.kind == DecisionKind::Veto,
                rule => decision.rule.as_deref() == Some(rule),
            };
            decision.server == server && about
        })
    }

    /// What is known about a question, as a hash.
    #[must_use]
    pub fn state(&self, server: &str, kind: Kind) -> String {
        let facts: Vec<String> = match kind.kept {
            Kept::Move => ["owner", "owner_agreed"].map(|fact| self.value(server, fact)).into(),
            Kept::Fact(fact) => vec![self.value(server, fact)],
            Kept::Confirmation => vec![],
        };
        let decided: Vec<u64> = self.decided(server, kind).map(|kept| kept.decision.id).collect();
        let text = format!("{server:?} {} {facts:?} {decided:?}", kind.id);
        sha256_hex(text.as_bytes()).chars().take(STATE_LENGTH).collect()
    }
}

/// A value as one would answer it.
#[must_use]
pub fn words(value: &FactValue) -> String {
    match value {
        FactValue::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        FactValue::Number(number) => number.to_string(),
        FactValue::Text(text) => text.clone(),
    }
}

/// One sheet for each owner of an assessment, by owner; those without an owner share one.
#[must_use]
pub fn sheets(
    assessment: &Assessment,
    known: &Known<'_>,
    messages: &Messages,
    now: Timestamp,
) -> Vec<OwnerSheet> {
    let mut by_owner: BTreeMap<&str, Vec<&ServerReadiness>> = BTreeMap::new();
    for server in &assessment.readiness.servers {
        by_owner.entry(server.owner.as_deref().unwrap_or_default()).or_default().push(server);
    }
    let sheet = |(owner, mut servers): (&str, Vec<&ServerReadiness>)| {
        servers.sort_by(|a, b| a.server.cmp(&b.server));
        OwnerSheet {
            owner: owner.to_owned(),
            engagement: assessment.engagement.clone(),
            assessment: assessment.id,
            exported: now,
            servers: servers.iter().map(|server| line(server, messages)).collect(),
            questions: servers.iter().flat_map(|server| questions(server, known, messages)).collect(),
        }
    };
    by_owner.into_iter().map(sheet).collect()
}

fn line(server: &ServerReadiness, messages: &Messages) -> ServerLine {
    let category = match server.category {
        Category::Ready => "ready",
        Category::Conditional => "conditional",
        Category::Blocked => "blocked",
        Category::Unknown => "unknown",
    };
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| say(messages, "not-known"));
    let score = server.score.map_or_else(|| say(messages, "not-known"), number::int);
    let findings: Vec<String> = server.findings.iter().map(|finding| messages.finding(finding)).collect();
    ServerLine {
        name: server.server.clone(),
        words: [said(&server.os), said(&server.role), say(messages, &format!("category.{category}")), score],
        findings: findings.join("\n"),
    }
}

fn questions(server: &ServerReadiness, known: &Known<'_>, messages: &Messages) -> Vec<Question> {
    let question = |kind: Kind, asks: String, todo: String| Question {
        server: server.server.clone(),
        id: kind.id,
        asks,
        todo,
        answers: kind.answers,
        state: known.state(&server.server, kind),
    };
    let mut all = Vec::new();
    for kind in kinds() {
        if kind.id == MOVE || (kind.id == OWNER && server.owner.is_none()) {
            let asked = |part: &str| messages.render(&format!("sheet.{}.{part}", kind.id), &Args::new(), "");
            all.push(question(kind, asked("asks"), asked("todo")));
            continue;
        }
        let asks = server.findings.iter().find(|f| f.id == kind.id && f.severity > Severity::Info);
        if let Some((finding, todo)) = asks.and_then(|finding| Some((finding, messages.remedy(finding)?))) {
            all.push(question(kind, messages.finding(finding), todo));
        }
    }
    all
}

fn say(messages: &Messages, id: &str) -> String {
    messages.render(&format!("report.{id}"), &Args::new(), "")
}
