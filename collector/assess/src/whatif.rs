//! What if: other limits, hosts, failures or growth for servers whose load is measured already. The answer is
//! that of a whole assessment with the changed policy, found with the shorter search of a trial: the price of one
//! packing, and now and then a host more.
// SPDX-License-Identifier: Apache-2.0

use crate::cells::Measured;
use crate::demand::Candidate;
use crate::estate::Estate;
use crate::packing::{self, Plan};
use crate::policy::{HostTemplate, Limits, Policy};
use crate::ratio::Counts;
use crate::training::{self, Ready};
use cairn_schemas::time::Window;
use serde::{Deserialize, Serialize};

/// Servers made ready to be planned again and again: built once, and then without the estate, so that it may be kept
/// while people ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    policy: Policy,
    window: Window,
    servers: Vec<Ready>,
}

/// What is asked; what is not named stays as the policy has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// How full a host may be planned.
    pub limits: Option<Limits>,
    /// The host everything is planned on.
    pub template: Option<HostTemplate>,
    /// Host failures every cluster survives.
    pub failures: Option<usize>,
    /// Growth provided for.
    pub growth_ratio: Option<f64>,
}

impl Change {
    /// A policy so changed.
    #[must_use]
    pub fn of(&self, policy: &Policy) -> Policy {
        let mut changed = policy.clone();
        changed.limits = self.limits.unwrap_or(policy.limits);
        if let Some(template) = &self.template {
            changed = changed.on_catalogue(Vec::new());
            changed.template = template.clone();
        }
        changed.cluster.failures = self.failures.unwrap_or(policy.cluster.failures);
        changed.sizing.growth_ratio = self.growth_ratio.unwrap_or(policy.sizing.growth_ratio);
        changed
    }
}

impl Prepared {
    /// Measures the planned servers, named by their place in the estate; all that is dear happens here.
    #[must_use]
    pub fn new(estate: &Estate, policy: &Policy, planned: &[usize]) -> Self {
        let servers = training::ready(estate, policy, planned);
        Self { policy: policy.clone(), window: estate.window, servers }
    }

    /// The policy that changes are made to.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What a plan is made of with a change. `assessed` are all servers the ratios are over, those that were
    /// not planned included.
    #[must_use]
    pub fn answer(&self, change: &Change, assessed: usize) -> Counts {
        let policy = change.of(&self.policy);
        counts(&packing::trial(&self.candidates(&policy), &policy), assessed)
    }

    /// The candidates of a policy that differs in limits, template, cluster and growth only.
    #[must_use]
    pub fn candidates(&self, policy: &Policy) -> Vec<Candidate> {
        training::candidates_from(&self.servers, self.window, policy)
    }

    /// Planned servers whose load was measured, but never in a month-end hour.
    #[must_use]
    pub fn month_end_unseen(&self) -> usize {
        let seen = |measured: &Measured| measured.cells.iter().any(Option::is_some);
        let measured = self.servers.iter().map(|ready| &ready.measured);
        measured.filter(|measured| seen(measured) && !measured.month_end_seen).count()
    }
}

/// What the ratios of a plan are made of.
#[must_use]
pub fn counts(plan: &Plan, assessed: usize) -> Counts {
    Counts {
        assessed,
        placed: plan.placed(),
        hosts: plan.hosts(),
        failover_hosts: plan.failover_hosts(),
        lower_bound_hosts: plan.lower_bound_hosts(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consolidation::consolidate;
    use crate::constraint::settle;
    use crate::estate_testing::{Did, estate, server};
    use crate::packing::testing::policy;
    use proptest::prelude::*;

    fn change() -> impl Strategy<Value = Change> {
        let limit = proptest::option::of(0.5..0.95_f64);
        let template = proptest::option::of((50.0..300.0_f64, 0.0..2.0_f64));
        (limit, template, proptest::option::of(0..3_usize), proptest::option::of(0.0..0.5_f64)).prop_map(
            |(limit, template, failures, growth_ratio)| Change {
                limits: limit.map(|ratio| Limits {
                    cpu_ratio: ratio,
                    memory_ratio: ratio,
                    ..policy().limits
                }),
                template: template.map(|(mhz, per_vm)| HostTemplate {
                    cpu_mhz: mhz,
                    per_vm_memory_bytes: per_vm,
                    ..policy().template
                }),
                failures,
                growth_ratio,
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn an_answer_is_that_of_a_whole_assessment(change in change(), busy in proptest::collection::vec(0.02..0.6_f64, 1..9)) {
            let servers = busy.iter().enumerate().map(|(n, &busy)| {
                server(&format!("s{n}"), 2, move |week, i| if (i / 12 + n * 5) % 24 < 6 { Did::Busy(busy) } else { Did::Busy(0.01 * week as f64) })
            });
            let estate = estate(2, servers.collect());
            let planned: Vec<usize> = (0..busy.len()).collect();
            let own = policy();
            let have = Prepared::new(&estate, &own, &planned).answer(&change, busy.len());
            let mut changed = change.of(&own);
            changed.packing.search_steps_per_server = changed.packing.trial_steps_per_server;
            let want = consolidate(&estate, &changed, settle(&estate, &changed, &planned, Vec::new()), busy.len()).unwrap();
            prop_assert_eq!(
                (have.hosts, have.failover_hosts, have.placed),
                (want.hosts, want.failover_hosts, want.population.placed)
            );
            // By load alone; the assessment may prove more.
            prop_assert!(have.lower_bound_hosts <= want.lower_bound_hosts);
            prop_assert_eq!(have.net_consolidation(), want.net_consolidation_ratio);
        }
    }
}
