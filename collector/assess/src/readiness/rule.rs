//! What a rule is: what it looks at, what it says, and who can confirm it.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Server;
use crate::policy::Policy;
use cairn_schemas::assessment::{Coverage, HostCapacity, ServerCapacity, Size, Utilisation};
use cairn_schemas::finding::Finding;
use cairn_schemas::time::Timestamp;

/// One rule: what it is called, why it exists, who says so, and how it judges.
#[derive(Debug)]
pub struct Rule {
    /// Its id, equal to its file name with hyphens.
    pub id: &'static str,
    /// One line for lists.
    pub title: &'static str,
    /// Where its points go.
    pub part: Part,
    /// Why it exists.
    pub rationale: &'static str,
    /// Who says so; *ours* where we do.
    pub source: &'static str,
    /// When they said it: a year, or a year and a month.
    pub date: &'static str,
    /// Who can confirm, change or clear what it says.
    pub confirm: Who,
    /// Facts it reads, besides load, capacity and size.
    pub facts: &'static [&'static str],
    /// Judges a server.
    pub judge: fn(&Subject<'_>) -> Judgement,
}

impl Rule {
    /// Judges a server, with the sources of the facts it rests on as evidence where the rule names none itself.
    pub(super) fn judged(&self, subject: &Subject<'_>) -> Judgement {
        let mut judgement = (self.judge)(subject);
        if let Judgement::Blocked(finding)
        | Judgement::Open(finding)
        | Judgement::Points(_, finding)
        | Judgement::Said(finding) = &mut judgement
            && finding.evidence.is_none()
        {
            finding.evidence = subject.evidence(self.facts);
        }
        judgement
    }
}

/// Where the points of a rule go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// None: it opens or closes.
    Gate,
    /// Of 40.
    Fit,
    /// Of 15.
    Steadiness,
    /// Of 15.
    Room,
    /// Of 15, shared by the ease rules.
    Ease,
    /// Of 15.
    Ownership,
    /// None: it only says something.
    Observation,
}

impl Part {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Fit => "fit",
            Self::Steadiness => "steadiness",
            Self::Room => "room to grow",
            Self::Ease => "ease",
            Self::Ownership => "ownership",
            Self::Observation => "observation",
        }
    }
}

/// Who can confirm what a rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Nobody need: measuring settles it.
    Nobody,
    /// Who owns the server or its application.
    Owner,
    /// Who runs it.
    Administrator,
    /// Who answers for security and data.
    Security,
}

impl Who {
    /// Their name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Owner => "owner",
            Self::Administrator => "administrator",
            Self::Security => "security",
        }
    }
}

/// What a rule looks at.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The server.
    pub server: &'a Server,
    /// The policy.
    pub policy: &'a Policy,
    /// The moment of the assessment.
    pub now: Timestamp,
    /// What it has.
    pub capacity: &'a ServerCapacity,
    /// What it used.
    pub utilisation: &'a Utilisation,
    /// What it would get.
    pub size: Option<&'a Size>,
    /// How much was measured.
    pub coverage: &'a Coverage,
    /// The host it is judged against.
    pub host: HostCapacity,
}

impl Subject<'_> {
    /// Whether a list in words, such as `move_needs`, has any of some words; `None` when it is not known.
    pub(super) fn mentions(&self, fact: &str, words: &[&str]) -> Option<bool> {
        let text = self.server.text(fact)?.to_ascii_lowercase();
        Some(words.iter().any(|word| text.contains(word)))
    }

    /// Where facts come from, those that are known: `os: agent`.
    pub(super) fn evidence(&self, facts: &[&str]) -> Option<String> {
        let known = |name: &&str| Some(format!("{name}: {}", self.server.fact(name)?.source));
        let known: Vec<String> = facts.iter().filter_map(known).collect();
        (!known.is_empty()).then(|| known.join("; "))
    }
}

/// What a rule says.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// A gate that is known to be open.
    Clear,
    /// A gate that is proven closed.
    Blocked(Finding),
    /// A gate whose facts are missing: never good, never a proof.
    Open(Finding),
    /// Points of the score; 0 where the rule cannot know.
    Points(f64, Finding),
    /// Nothing for the score.
    Said(Finding),
    /// Nothing at all.
    Silent,
}
