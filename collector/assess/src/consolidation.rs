//! Consolidation: the plan of the policy's own scenario with its ratios, its proof, its risk, the scenarios
//! beside it, and everything that must be said with the host count.
// SPDX-License-Identifier: Apache-2.0

use crate::backtest::{Tested, backtest};
use crate::catalogue::catalogue;
use crate::constraint::{self, Settled};
use crate::demand::Candidate;
use crate::estate::Estate;
use crate::interval::{Planned, interval};
use crate::licence;
use crate::packing::{self, Plan};
use crate::policy::Policy;
use crate::recommend;
use crate::scenario::{self, FLIP_SERVERS_MAX, OWN, Variant};
use crate::training::candidates;
use crate::whatif::counts;
use cairn_schemas::assessment::{
    Consolidation, Constraints, FlipPoint, Outlook, Population, Scenario, SiteLoss, Stay,
};

mod findings;
mod outlook;
mod placement;
mod separation;

use outlook::Made;

#[cfg(test)]
#[path = "consolidation/constraints_tests.rs"]
mod constraints_tests;
#[cfg(test)]
#[path = "consolidation/ten_servers_tests.rs"]
mod ten_servers_tests;
#[cfg(test)]
#[path = "consolidation/consolidation_tests.rs"]
mod tests;

/// Plans the servers that are left once constraints are settled; those no host can carry stay with the others.
/// `None` when there is nothing to plan and nothing in conflict.
///
/// The planned servers and those that stay together are the `assessed` ones.
#[must_use]
pub fn consolidate(
    estate: &Estate,
    policy: &Policy,
    settled: Settled,
    assessed: usize,
) -> Option<Consolidation> {
    let Settled { planned, conflicts, stay } = settled;
    if planned.is_empty() && conflicts.is_empty() {
        return None;
    }
    let planned = planned.as_slice();
    let trials = recommend::trials(estate, policy, planned);
    let mut variants = scenario::variants(policy);
    variants.extend(outlook::variant(trials.as_ref(), policy));
    let plans: Vec<Planning> =
        variants.iter().map(|variant| Planning::new(estate, variant, planned)).collect();
    let own = plans.first()?;
    let outline = own.outline(estate, policy, planned, stay, assessed);
    let policies: Vec<&Policy> = variants.iter().map(|variant| &variant.policy).collect();
    let tested = backtest(estate, planned, &policies);
    let interval = interval(
        estate,
        policy,
        Planned { servers: &own.placed_in_estate(), axes: &own.plan.axes, hosts: own.plan.hosts() },
    );
    let outlook = Made {
        estate,
        policy,
        planned,
        assessed,
        tested: tested.as_deref().and_then(<[Tested]>::first),
        trials: trials.as_ref(),
        variants: &variants,
        plans: &plans,
    };
    let outlook = outlook.outlook(own);
    let constraints = Constraints {
        conflicts,
        separations: separation::prices(own, policy),
        site_losses: own.site_losses(estate),
        licences: licence::licences(estate, policy, &own.candidates, &own.plan),
        catalogue: catalogue(policy, &own.candidates, &own.plan),
    };
    let mut findings = findings::all(estate, policy, own, tested.as_deref(), interval.as_ref());
    findings.extend(findings::outlook(&outlook, policy, planned.len()));
    findings.extend(findings::constraints(&constraints, policy));
    Some(Consolidation {
        interval,
        scenarios: scenarios(&variants, &plans, assessed, tested.as_deref()),
        backtest: tested.and_then(|tested| tested.into_iter().next()).map(|tested| tested.backtest),
        flip_points: own.flip_points(policy),
        outlook,
        constraints,
        findings,
        ..outline
    })
}

/// Hosts, ratios and placement as [`consolidate`] gives them, without anything that is tried or tested beside them.
#[must_use]
pub(crate) fn outline(
    estate: &Estate,
    policy: &Policy,
    settled: Settled,
    assessed: usize,
) -> Option<Consolidation> {
    let Settled { planned, conflicts, stay } = settled;
    if planned.is_empty() && conflicts.is_empty() {
        return None;
    }
    let variants = scenario::variants(policy);
    let own = Planning::new(estate, variants.first()?, &planned);
    Some(own.outline(estate, policy, &planned, stay, assessed))
}

/// The plan of some servers alone, a wave say, at the policy's own limits and growth.
#[must_use]
pub fn plan_of(estate: &Estate, policy: &Policy, servers: &[usize]) -> Plan {
    packing::plan(&candidates(estate, policy, servers, None, policy.sizing.growth_ratio), policy)
}

/// Hosts of some servers, failover hosts included, searched for only a little.
#[must_use]
pub fn trial_hosts(estate: &Estate, policy: &Policy, servers: &[usize]) -> usize {
    let candidates = candidates(estate, policy, servers, None, policy.sizing.growth_ratio);
    let plan = packing::trial(&candidates, policy);
    plan.hosts() + plan.failover_hosts()
}

/// Candidates with their plan.
struct Planning {
    candidates: Vec<Candidate>,
    plan: Plan,
}

impl Planning {
    fn new(estate: &Estate, variant: &Variant, planned: &[usize]) -> Self {
        let policy = &variant.policy;
        let candidates = candidates(estate, policy, planned, None, policy.sizing.growth_ratio);
        let plan = packing::plan(&candidates, policy);
        Self { candidates, plan }
    }

    /// The plan itself: what is said beside it is empty yet.
    fn outline(
        &self,
        estate: &Estate,
        policy: &Policy,
        planned: &[usize],
        stay: Vec<Stay>,
        assessed: usize,
    ) -> Consolidation {
        let stay = self.stay(estate, planned, stay);
        let counts = counts(&self.plan, assessed);
        assert_eq!(counts.placed + stay.len(), assessed, "every assessed server is placed or stays");
        let (clusters, placement) = placement::place(&self.plan, &self.candidates, policy);
        Consolidation {
            scenario: OWN.to_owned(),
            hosts: counts.hosts,
            failover_hosts: counts.failover_hosts,
            lower_bound_hosts: counts.lower_bound_hosts,
            proven_gap_ratio: counts.proven_gap(),
            estimated_gap_ratio: self.plan.estimated_gap(),
            interval: None,
            population: Population { assessed, placed: counts.placed, stay: stay.len() },
            source_to_destination_ratio: counts.source_to_destination(),
            net_consolidation_ratio: counts.net_consolidation(),
            vm_density: counts.vm_density(),
            servers_removed: counts.servers_removed(),
            backtest: None,
            clusters,
            placement,
            stay,
            dropped_dimensions: self.plan.dropped.clone(),
            scenarios: Vec::new(),
            flip_points: Vec::new(),
            outlook: Outlook::default(),
            constraints: Constraints::default(),
            findings: Vec::new(),
        }
    }

    /// Candidates on a host, ascending.
    fn placed(&self) -> Vec<usize> {
        let hosts = self.plan.clusters().flat_map(|cluster| &cluster.hosts);
        let mut placed: Vec<usize> = hosts.flatten().copied().collect();
        placed.sort_unstable();
        placed
    }

    fn placed_in_estate(&self) -> Vec<usize> {
        self.placed().into_iter().map(|candidate| self.candidates[candidate].index).collect()
    }

    /// Everything that stays, ascending by name: `stay`, and what turned out not to fit or not to be sizable.
    fn stay(&self, estate: &Estate, planned: &[usize], mut stay: Vec<Stay>) -> Vec<Stay> {
        let mut add = |server: &str, reason: &str| {
            stay.push(Stay { server: server.to_owned(), reason: reason.to_owned() });
        };
        for oversized in &self.plan.oversized {
            add(&self.candidates[oversized.candidate].server, "oversized");
        }
        for &candidate in &self.plan.unplaceable {
            add(&self.candidates[candidate].server, "unplaceable");
        }
        let sized = |index: usize| self.candidates.binary_search_by_key(&index, |c| c.index).is_ok();
        for &index in planned.iter().filter(|&&index| !sized(index)) {
            add(&estate.servers[index].name, "unknown");
        }
        stay.sort_by(|a, b| a.server.cmp(&b.server));
        stay
    }

    fn site_losses(&self, estate: &Estate) -> Vec<SiteLoss> {
        let partner =
            |candidate| constraint::partner(|index| estate.servers.get(index), &self.candidates, candidate);
        let partners: Vec<_> = self.candidates.iter().map(partner).collect();
        packing::site_losses(&self.plan, &self.candidates, &partners)
    }

    fn flip_points(&self, policy: &Policy) -> Vec<FlipPoint> {
        let placed = self.placed();
        if placed.len() > FLIP_SERVERS_MAX {
            return Vec::new();
        }
        let placed: Vec<Candidate> = placed.into_iter().map(|c| self.candidates[c].clone()).collect();
        scenario::flip_points(&placed, policy, self.plan.hosts())
    }
}

fn scenarios(
    variants: &[Variant],
    plans: &[Planning],
    assessed: usize,
    tested: Option<&[Tested]>,
) -> Vec<Scenario> {
    let violation = |n: usize| tested?.get(n)?.backtest.violation_ratio;
    let rows = variants.iter().zip(plans).enumerate();
    rows.map(|(n, (variant, planning))| scenario::row(variant, &planning.plan, assessed, violation(n)))
        .collect()
}
