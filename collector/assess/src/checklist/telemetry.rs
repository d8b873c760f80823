//! What facts, samples and the plan itself answer.
// SPDX-License-Identifier: Apache-2.0

use super::Measure;
use crate::estate::Server;
use crate::journey::{Evidence, measured_long_enough, recorded};
use crate::readiness::is_it_owned;

/// Share of the servers from which a thing counts as known (*ours*: nine of ten, the rest by name).
const SHARE_MIN: f64 = 0.9;

/// Share of the assessed servers for which something holds.
fn share(evidence: &Evidence<'_>, holds: impl Fn(&Server) -> bool) -> Option<Measure> {
    let all = evidence.servers.len();
    let holding =
        evidence.servers.iter().filter(|(index, _)| holds(&evidence.estate.servers[*index])).count();
    (all > 0).then(|| Measure { have: holding as f64 / all as f64, need: SHARE_MIN })
}

/// A yes where there is one; silence is no answer, so that a person may still give it.
fn at_least_once(count: usize) -> Option<Measure> {
    (count > 0).then_some(Measure { have: count as f64, need: 1.0 })
}

pub(super) fn zones_known(evidence: &Evidence<'_>) -> Option<Measure> {
    share(evidence, |server| server.text("zone").is_some())
}

pub(super) fn owners_known(evidence: &Evidence<'_>) -> Option<Measure> {
    share(evidence, |server| server.text("owner").is_some())
}

pub(super) fn applications_known(evidence: &Evidence<'_>) -> Option<Measure> {
    share(evidence, |server| server.text("application").is_some())
}

pub(super) fn systems_known(evidence: &Evidence<'_>) -> Option<Measure> {
    share(evidence, |server| server.text("os").is_some())
}

pub(super) fn change_windows_known(evidence: &Evidence<'_>) -> Option<Measure> {
    share(evidence, |server| server.text("change_window").is_some())
}

pub(super) fn servers_measured(evidence: &Evidence<'_>) -> Option<Measure> {
    let all = evidence.servers.len();
    let measured = evidence.servers.iter().filter(|(_, server)| server.coverage.covered_s > 0).count();
    (all > 0).then(|| Measure { have: measured as f64 / all as f64, need: SHARE_MIN })
}

pub(super) fn a_cycle_measured(evidence: &Evidence<'_>) -> Option<Measure> {
    let all = evidence.servers.len();
    let long = |server: &&(usize, &cairn_schemas::assessment::ServerReadiness)| {
        measured_long_enough(&server.1.coverage, evidence.policy)
    };
    let measured = evidence.servers.iter().filter(long).count();
    (all > 0).then(|| Measure { have: measured as f64 / all as f64, need: SHARE_MIN })
}

/// Whether the plan was tested on weeks it had not seen: how many weeks it was tested on.
pub(super) fn plan_tested(evidence: &Evidence<'_>) -> Option<Measure> {
    let backtest = evidence.plan?.backtest.as_ref();
    let folds = backtest.and_then(|test| test.violation_ratio.map(|_| test.folds));
    Some(Measure { have: folds.unwrap_or(0) as f64, need: 1.0 })
}

/// Whether every server of the first wave is IT's own or its owner has agreed: the share of them.
pub(super) fn first_wave_agreed(evidence: &Evidence<'_>) -> Option<Measure> {
    let first = evidence.waves.first()?;
    let agreed = |name: &&String| {
        let found = evidence.estate.servers.binary_search_by(|server| server.name.cmp(name));
        found.is_ok_and(|index| {
            let server = &evidence.estate.servers[index];
            is_it_owned(server) || server.flag("owner_agreed") == Some(true)
        })
    };
    let count = first.servers.iter().filter(agreed).count();
    Some(Measure { have: count as f64 / first.servers.len().max(1) as f64, need: 1.0 })
}

/// Whether the plan counts with the customer's own prices: a policy of their own name.
pub(super) fn own_prices(evidence: &Evidence<'_>) -> Option<Measure> {
    at_least_once(usize::from(evidence.policy.value != crate::policy::ValuePolicy::default()))
}

pub(super) fn hypervisor_seen(evidence: &Evidence<'_>) -> Option<Measure> {
    let hosts = evidence.estate.servers.iter().filter(|server| server.flag("hypervisor_role") == Some(true));
    at_least_once(hosts.count())
}

pub(super) fn reason_recorded(evidence: &Evidence<'_>) -> Option<Measure> {
    at_least_once(evidence.estate.triggers.iter().filter(|trigger| trigger.on <= evidence.now).count())
}

pub(super) fn live_migration(evidence: &Evidence<'_>) -> Option<Measure> {
    at_least_once(usize::from(recorded("first-live-migration", evidence).is_some()))
}

pub(super) fn recovery_tested(evidence: &Evidence<'_>) -> Option<Measure> {
    at_least_once(usize::from(recorded("first-recovery-test", evidence).is_some()))
}

pub(super) fn executive_cover(evidence: &Evidence<'_>) -> Option<Measure> {
    at_least_once(usize::from(recorded("executive-cover", evidence).is_some()))
}

pub(super) fn owner_signed(evidence: &Evidence<'_>) -> Option<Measure> {
    at_least_once(usize::from(recorded("owner-signed-off", evidence).is_some()))
}

pub(super) fn catalogue_in_use(evidence: &Evidence<'_>) -> Option<Measure> {
    at_least_once(usize::from(recorded("catalogue-in-use", evidence).is_some()))
}
