//! Waves: what moves together, the easiest IT-owned servers first.
// SPDX-License-Identifier: Apache-2.0

use crate::consolidation::plan_of;
use crate::estate::Estate;
use crate::policy::Policy;
use crate::readiness::is_it_owned;
use cairn_schemas::assessment::{Category, ServerReadiness, Wave};

/// Most servers of one wave (*ours*: what a team moves in a few change windows).
const SERVERS_MAX: usize = 25;

/// Why servers are in a wave, in the order in which waves come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    ItOwnedReady,
    Agreed,
    BusinessReady,
    Conditional,
}

impl Reason {
    const fn name(self) -> &'static str {
        match self {
            Self::ItOwnedReady => "it-owned-ready",
            Self::Agreed => "agreed",
            Self::BusinessReady => "business-ready",
            Self::Conditional => "conditional",
        }
    }
}

/// Waves of the placed servers. `placed` pairs each with its place in the estate. Nodes of one failover
/// cluster are not split between waves of the same reason by anything but the size of a wave.
#[must_use]
pub fn waves(estate: &Estate, policy: &Policy, placed: &[(usize, &ServerReadiness)]) -> Vec<Wave> {
    let mut ordered: Vec<(Reason, usize, &ServerReadiness)> =
        placed.iter().map(|(index, server)| (reason(estate, *index, server), *index, *server)).collect();
    let score = |server: &ServerReadiness| server.score.unwrap_or(0.0);
    ordered.sort_by(|a, b| {
        a.0.cmp(&b.0).then(score(b.2).total_cmp(&score(a.2))).then_with(|| a.2.server.cmp(&b.2.server))
    });
    let groups = ordered.chunk_by(|a, b| a.0 == b.0).flat_map(|group| group.chunks(SERVERS_MAX));
    groups.zip(1..).map(|(group, number)| wave(estate, policy, group, number)).collect()
}

fn reason(estate: &Estate, index: usize, server: &ServerReadiness) -> Reason {
    let facts = &estate.servers[index];
    match server.category {
        Category::Ready if is_it_owned(facts) => Reason::ItOwnedReady,
        Category::Ready if facts.flag("owner_agreed") == Some(true) => Reason::Agreed,
        Category::Ready => Reason::BusinessReady,
        _ => Reason::Conditional,
    }
}

fn wave(estate: &Estate, policy: &Policy, group: &[(Reason, usize, &ServerReadiness)], number: u32) -> Wave {
    let indices: Vec<usize> = group.iter().map(|(_, index, _)| *index).collect();
    let plan = plan_of(estate, policy, &indices);
    let hosts = plan.hosts() + plan.failover_hosts();
    Wave {
        number,
        reason: group[0].0.name().to_owned(),
        servers: group.iter().map(|(.., server)| server.server.clone()).collect(),
        hosts,
        net_consolidation_ratio: (hosts > 0).then(|| group.len() as f64 / hosts as f64),
    }
}
