//! What a mix of host templates must amount to at least, by the linear program of hosts of each template in each
//! hard partition. Its dual is solved: every resource of a partition gets a worth, and no host may carry more worth
//! than it weighs. Whatever the solver answers, the bound rests only on what is then checked.
// SPDX-License-Identifier: Apache-2.0

use super::Plan;
use super::profile::{Axis, TOLERANCE};
use super::verify::load;
use crate::demand::Candidate;
use crate::policy::HostTemplate;
use cairn_schemas::assessment::Resource;
use microlp::{ComparisonOp, OptimizationDirection, Problem, Solution, SolveOutcome, Variable};

/// A template and what one host of it weighs: 1 where hosts are counted, its price where money is.
pub(super) struct Offer<'a> {
    pub(super) template: &'a HostTemplate,
    pub(super) axes: &'a [Axis],
    pub(super) weight: f64,
}

/// What no plan of the placed candidates on the kinds of hosts of a plan costs less than, failover hosts excluded,
/// at base prices in the policy's currency.
#[must_use]
pub fn cost(plan: &Plan, candidates: &[Candidate]) -> f64 {
    let offer = |kind: &'_ super::HostKind| kind.template.price.base;
    let offers: Vec<Offer<'_>> = plan
        .kinds
        .iter()
        .map(|kind| Offer { template: &kind.template, axes: &kind.axes, weight: offer(kind) })
        .collect();
    let servers = |part: &super::PartitionPlan| {
        part.clusters.iter().flat_map(|cluster| cluster.hosts.concat()).collect::<Vec<usize>>()
    };
    least(&offers, candidates, &plan.partitions.iter().map(servers).collect::<Vec<_>>())
}

/// Whole hosts of a bound on hosts.
pub(super) fn ceiling(hosts: f64) -> usize {
    (hosts * (1.0 - TOLERANCE)).ceil() as usize
}

/// The least weight of hosts that carry the servers of every partition, which share what there is of each offer.
pub(super) fn least(offers: &[Offer<'_>], candidates: &[Candidate], partitions: &[Vec<usize>]) -> f64 {
    let measures = measures(offers);
    let needs: Vec<Vec<f64>> = partitions
        .iter()
        .map(|servers| measures.iter().map(|measure| measure.need(candidates, servers)).collect())
        .collect();
    solve(offers, &measures, &needs).map_or(0.0, |worths| proven(offers, &measures, &needs, worths))
}

/// Something that hosts have and servers ask for, as a share of the roomiest host.
struct Measure {
    /// `None`: machines.
    axis: Option<Axis>,
    /// Of one host of each offer.
    rooms: Vec<f64>,
}

/// The resources that every offer limits, and the number of machines.
fn measures(offers: &[Offer<'_>]) -> Vec<Measure> {
    let of = |resource: Resource| {
        let axis = |offer: &Offer<'_>| offer.axes.iter().find(|axis| axis.resource == resource).copied();
        let axes: Option<Vec<Axis>> = offers.iter().map(axis).collect();
        let axes = axes?;
        let most =
            axes.iter().copied().reduce(|most, next| if next.room() > most.room() { next } else { most })?;
        let rooms = axes.iter().map(|axis| axis.room() / most.room()).collect();
        Some(Measure { axis: Some(most), rooms })
    };
    let machines = Measure { axis: None, rooms: offers.iter().map(|o| o.template.vms_max as f64).collect() };
    Resource::ALL.into_iter().filter_map(of).chain([machines]).collect()
}

impl Measure {
    fn need(&self, candidates: &[Candidate], servers: &[usize]) -> f64 {
        let machines = || servers.iter().map(|&server| candidates[server].machines).sum::<usize>() as f64;
        self.axis.map_or_else(machines, |axis| {
            load(servers, candidates, &axis).into_iter().fold(0.0, f64::max) / axis.room()
        })
    }
}

/// A worth for every measure of every partition.
fn solve(offers: &[Offer<'_>], measures: &[Measure], needs: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let worths: Vec<Vec<Variable>> = needs
        .iter()
        .map(|needs| needs.iter().map(|&need| problem.add_var(need, (0.0, f64::INFINITY))).collect())
        .collect();
    // What scarcity adds to the weight of an offer.
    let scarce = |problem: &mut Problem, offer: &Offer<'_>| {
        offer.template.count_max.map(|most| problem.add_var(-(most as f64), (0.0, f64::INFINITY)))
    };
    let scarce: Vec<Option<Variable>> = offers.iter().map(|offer| scarce(&mut problem, offer)).collect();
    for worths in &worths {
        for (place, (offer, scarce)) in offers.iter().zip(&scarce).enumerate() {
            let carried = worths.iter().zip(measures).map(|(&worth, measure)| (worth, measure.rooms[place]));
            let row: Vec<(Variable, f64)> = carried.chain(scarce.map(|scarce| (scarce, -1.0))).collect();
            problem.add_constraint(row.as_slice(), ComparisonOp::Le, offer.weight);
        }
    }
    let solution: Solution = match problem.solve() {
        Ok(SolveOutcome::Solution(solution)) => solution,
        Ok(SolveOutcome::Interrupted(_)) | Err(_) => return None,
    };
    let value =
        |variables: &Vec<Variable>| variables.iter().map(|&v| solution.var_value(v).max(0.0)).collect();
    Some(worths.iter().map(value).collect())
}

/// What worths prove: scaled until no host of which there is no end carries more than it weighs, and less what the
/// limited ones carry beyond their weight.
fn proven(offers: &[Offer<'_>], measures: &[Measure], needs: &[Vec<f64>], worths: Vec<Vec<f64>>) -> f64 {
    let carried = |place: usize| {
        let of =
            |worths: &Vec<f64>| -> f64 { worths.iter().zip(measures).map(|(w, m)| w * m.rooms[place]).sum() };
        worths.iter().map(of).fold(0.0, f64::max)
    };
    let mut scale = 1.0_f64;
    for (place, offer) in offers.iter().enumerate().filter(|(_, offer)| offer.template.count_max.is_none()) {
        if carried(place) > offer.weight {
            scale = scale.min(offer.weight / carried(place));
        }
    }
    let worth: f64 =
        worths.iter().flatten().zip(needs.iter().flatten()).map(|(worth, need)| worth * need).sum();
    let scarcity = |(place, offer): (usize, &Offer<'_>)| {
        let beyond = (carried(place) * scale - offer.weight).max(0.0);
        offer.template.count_max.map_or(0.0, |most| beyond * most as f64)
    };
    (worth * scale - offers.iter().enumerate().map(scarcity).sum::<f64>()).max(0.0)
}
