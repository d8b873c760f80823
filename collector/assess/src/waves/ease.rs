//! How easily a server moves: readiness, ownership and safety, each from 0 to 1, weighted as the policy publishes.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Server;
use crate::policy::WavesPolicy;
use crate::readiness::is_it_owned;
use cairn_schemas::assessment::{Category, MovingServer, ServerReadiness};

/// Why servers are in a wave, in the order in which waves come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    ItOwnedReady,
    Agreed,
    BusinessReady,
    Conditional,
}

impl Reason {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ItOwnedReady => "it-owned-ready",
            Self::Agreed => "agreed",
            Self::BusinessReady => "business-ready",
            Self::Conditional => "conditional",
        }
    }

    pub(super) fn of(facts: &Server, server: &ServerReadiness) -> Self {
        match server.category {
            Category::Ready if is_it_owned(facts) => Self::ItOwnedReady,
            Category::Ready if facts.flag("owner_agreed") == Some(true) => Self::Agreed,
            Category::Ready => Self::BusinessReady,
            _ => Self::Conditional,
        }
    }
}

pub(super) fn moving(facts: &Server, server: &ServerReadiness, policy: &WavesPolicy) -> MovingServer {
    let readiness = server.score.unwrap_or(0.0) / 100.0;
    let ownership = server.parts.map_or(0.0, |parts| parts.ownership) / 15.0;
    let safety = safety(facts);
    let weighted = policy.readiness_weight * readiness
        + policy.ownership_weight * ownership
        + policy.safety_weight * safety;
    let weights = policy.readiness_weight + policy.ownership_weight + policy.safety_weight;
    MovingServer {
        server: server.server.clone(),
        reason: Reason::of(facts, server).name().to_owned(),
        ease: if weights > 0.0 { 100.0 * weighted / weights } else { 0.0 },
        readiness,
        ownership,
        safety,
    }
}

/// Mean of what is safe about a server. What nobody knows is at risk: critical, in production, in a cluster.
fn safety(facts: &Server) -> f64 {
    let is = |fact: &str, words: &[&str]| {
        facts.text(fact).is_some_and(|text| words.iter().any(|word| text.trim().eq_ignore_ascii_case(word)))
    };
    let criticality = match () {
        () if is("criticality", &["low"]) => 1.0,
        () if is("criticality", &["medium"]) => 0.5,
        () => 0.0,
    };
    let environment = if is("environment", &["test", "development"]) { 1.0 } else { 0.0 };
    let alone = if is("cluster", &["none"]) { 1.0 } else { 0.0 };
    (criticality + environment + alone) / 3.0
}
