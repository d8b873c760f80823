//! What stands beside the plan: recommended limits, length of measurement, nightly peaks, what each assumption
//! moves.
// SPDX-License-Identifier: Apache-2.0

use super::Planning;
use crate::backtest::Tested;
use crate::demand::Candidate;
use crate::estate::Estate;
use crate::packing;
use crate::policy::{Policy, UnseenMonthEnd};
use crate::recommend::{self, Trials};
use crate::scenario::{OWN, Variant};
use crate::sensitivity::{self, Subject};
use crate::whatif::{Prepared, counts};
use crate::{measuring, nightly};
use cairn_schemas::assessment::{Outlook, Recommendation};

/// Name of the scenario at the recommended limits.
pub(super) const RECOMMENDED: &str = "recommended";

/// The recommended limits as a scenario, where they are found and are not those of the plan.
pub(super) fn variant(trials: Option<&Trials>, own: &Policy) -> Option<Variant> {
    let (policy, _) = trials.and_then(Trials::best)?;
    let same = policy.limits == own.limits && policy.sizing.cells == own.sizing.cells;
    (!same).then(|| Variant { name: RECOMMENDED.to_owned(), policy: policy.clone() })
}

/// What the outlook is made from.
pub(super) struct Made<'a> {
    pub(super) estate: &'a Estate,
    pub(super) policy: &'a Policy,
    pub(super) planned: &'a [usize],
    pub(super) assessed: usize,
    pub(super) tested: Option<&'a Tested>,
    pub(super) trials: Option<&'a Trials>,
    pub(super) variants: &'a [Variant],
    pub(super) plans: &'a [Planning],
}

impl Made<'_> {
    pub(super) fn outlook(&self, own: &Planning) -> Outlook {
        let placed = own.placed_in_estate();
        let candidates: Vec<Candidate> =
            own.placed().into_iter().map(|candidate| own.candidates[candidate].clone()).collect();
        let prepared = Prepared::new(self.estate, self.policy, self.planned);
        let subject = Subject {
            estate: self.estate,
            policy: self.policy,
            planned: self.planned,
            prepared: &prepared,
            assessed: self.assessed,
        };
        let hosts = own.plan.hosts();
        Outlook {
            host_weeks: self.tested.map_or(0, |tested| tested.host_weeks),
            affected_host_weeks_max_ratio: self.tested.and_then(Tested::affected_max_ratio),
            recommendation: self.recommendation(),
            trials: self.trials.map(Trials::rows).unwrap_or_default(),
            measuring: Some(measuring::measuring(self.estate, self.policy, &placed, &own.plan.axes)),
            month_end_unseen: prepared.month_end_unseen(),
            hosts_if_month_end_ordinary: self
                .hosts_if_month_end_ordinary(&placed, prepared.month_end_unseen()),
            nightly_peaks: nightly::nightly_peaks(self.estate, self.policy, &candidates, hosts),
            sensitivity: sensitivity::sensitivity(subject),
            growth_flip_points: sensitivity::growth_flip_points(subject, &placed, hosts),
        }
    }

    fn hosts_if_month_end_ordinary(&self, placed: &[usize], unseen: usize) -> Option<usize> {
        if unseen == 0 || self.policy.sizing.unseen_month_end == UnseenMonthEnd::OrdinaryWeek {
            return None;
        }
        let mut policy = self.policy.clone();
        policy.sizing.unseen_month_end = UnseenMonthEnd::OrdinaryWeek;
        packing::host_count(&Prepared::new(self.estate, &policy, placed).candidates(&policy), &policy)
    }

    fn recommendation(&self) -> Option<Recommendation> {
        let (policy, tested) = self.trials.and_then(Trials::best)?;
        // Where no scenario has its name, the plan itself is at the recommended limits.
        let named = |name: &str| self.variants.iter().position(|variant| variant.name == name);
        let plan = &self.plans[named(RECOMMENDED).or_else(|| named(OWN))?].plan;
        let counts = counts(plan, self.assessed);
        Some(Recommendation {
            cells: policy.sizing.cells,
            cpu_limit_ratio: policy.limits.cpu_ratio,
            memory_limit_ratio: policy.limits.memory_ratio,
            hosts: counts.hosts,
            failover_hosts: counts.failover_hosts,
            lower_bound_hosts: counts.lower_bound_hosts,
            violation_ratio_max: policy.risk.violation_ratio_max,
            worst_fold_violation_ratio_max: policy.risk.worst_fold_violation_ratio_max,
            backtest: tested.backtest.clone(),
        })
    }
}

/// Whether the limits were looked for at all.
pub(super) fn looked_for(planned: usize) -> bool {
    planned <= recommend::SERVERS_MAX
}
