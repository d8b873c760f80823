//! The bound of the configuration linear program: hosts counted as sets of servers that fit one. Its dual is
//! solved row by row: every server gets a worth, and no set that fits a host may be worth more than one host.
//! Whatever the solver answers, the bound rests only on what pricing proves (Farley 1990).
// SPDX-License-Identifier: Apache-2.0

use super::host::Rules;
use super::pricing::price;
use super::profile::TOLERANCE;
use microlp::{ComparisonOp, OptimizationDirection, Problem, Solution, SolveOutcome, Variable};

/// Servers up to which the program is solved.
pub(super) const SERVERS_MAX: usize = 120;
/// Sets priced, and additions tried for each.
const ROUNDS: usize = 80;
const NODES: u64 = 2_000;

/// Hosts that the servers need, by the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// No plan needs fewer.
    pub(super) proven: usize,
    /// What the value of the program says, where pricing could not prove it; never below `proven`.
    pub(super) estimated: usize,
}

impl Bounds {
    /// A bound known otherwise, and nothing estimated.
    pub(super) const fn known(hosts: usize) -> Self {
        Self { proven: hosts, estimated: hosts }
    }
}

/// Bounds for servers that a plan puts on `hosts`. Stops as soon as the plan is proven to be the best.
pub(super) fn bounds(rules: &Rules, servers: &[usize], hosts: &[Vec<usize>], known: usize) -> Bounds {
    let mut bounds = Bounds::known(known);
    if servers.len() > SERVERS_MAX || known >= hosts.len() {
        return bounds;
    }
    let Some((mut solution, variables)) = first(servers, hosts) else { return bounds };
    for _ in 0..ROUNDS {
        let worths: Vec<f64> = variables.iter().map(|&v| solution.var_value(v).clamp(0.0, 1.0)).collect();
        let total: f64 = worths.iter().sum();
        let priced = price(rules, servers, &worths, NODES);
        let proven = (total / priced.most.max(1.0) * (1.0 - TOLERANCE)).ceil() as usize;
        bounds.proven = bounds.proven.max(proven);
        bounds.estimated = bounds.proven.max((total * (1.0 - 1e-6)).ceil() as usize).min(hosts.len());
        if bounds.proven >= hosts.len() || priced.worth <= 1.0 + 1e-6 {
            return bounds;
        }
        let row: Vec<(Variable, f64)> = priced.set.iter().map(|&place| (variables[place], 1.0)).collect();
        match solution.add_constraint(row.as_slice(), ComparisonOp::Le, 1.0) {
            Ok(SolveOutcome::Solution(tighter)) => solution = tighter,
            Ok(SolveOutcome::Interrupted(_)) | Err(_) => break,
        }
    }
    // Not settled: the value may still fall, so nothing is estimated from it.
    Bounds { estimated: bounds.proven, ..bounds }
}

/// The program with the sets of the plan alone.
fn first(servers: &[usize], hosts: &[Vec<usize>]) -> Option<(Solution, Vec<Variable>)> {
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let variables: Vec<Variable> = servers.iter().map(|_| problem.add_var(1.0, (0.0, 1.0))).collect();
    for host in hosts {
        let place = |server: &usize| servers.iter().position(|other| other == server);
        let row: Vec<(Variable, f64)> =
            host.iter().filter_map(place).map(|place| (variables[place], 1.0)).collect();
        problem.add_constraint(row.as_slice(), ComparisonOp::Le, 1.0);
    }
    match problem.solve() {
        Ok(SolveOutcome::Solution(solution)) => Some((solution, variables)),
        Ok(SolveOutcome::Interrupted(_)) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packing::profile::Profiles;

    fn check(rows: &[[u16; 3]], plan: &[&[usize]], expected: (usize, usize)) {
        let mut profiles = Profiles::with_ceilings(vec![10; 3], vec![10; 3], 0);
        rows.iter().for_each(|row| profiles.push(row));
        let rules = Rules { profiles, groups: vec![None; rows.len()], pairs: Vec::new(), vms_max: 9 };
        let servers: Vec<usize> = (0..rows.len()).collect();
        let hosts: Vec<Vec<usize>> = plan.iter().map(|host| host.to_vec()).collect();
        let found = bounds(&rules, &servers, &hosts, 1);
        assert_eq!((found.proven, found.estimated), expected);
    }

    #[test]
    fn pairs_that_fit_no_host_in_different_dimensions_are_seen() {
        // No two fit together, each pair for another reason: three hosts, where every dimension says two.
        check(&[[6, 6, 0], [5, 0, 6], [0, 5, 5]], &[&[0], &[1], &[2]], (3, 3));
    }

    #[test]
    fn a_plan_that_could_be_better_is_not_proven() {
        check(&[[5, 0, 0], [5, 0, 0], [5, 0, 0]], &[&[0], &[1], &[2]], (2, 2));
    }
}
