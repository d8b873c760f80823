//! Net: what has arrived, less what the new hosts cost as they were promised with the servers. Hosts are bought before
//! anything arrives, so that it begins below zero, as the promise does.
// SPDX-License-Identifier: Apache-2.0

use super::{YEAR_DAYS, made};
use crate::policy::Policy;
use cairn_schemas::assessment::{
    Arrivals, Assessment, Consolidation, NetCash, ProgressState, Range, ServerProgress,
};
use cairn_schemas::outcome::{HostsCost, Promise, Register, Step};
use cairn_schemas::time::Timestamp;
use std::collections::BTreeMap;

/// What the hosts cost that a wave needs beyond those of the waves before it, by server of the wave. Where the hosts of
/// part of the waves were never counted, every server of the plan has the same share. `None` without a plan or hosts.
///
/// All waves together cost what the plan does.
#[must_use]
pub fn hosts_share(assessment: &Assessment, wave: u32, policy: &Policy) -> Option<HostsCost> {
    let plan = assessment.consolidation.as_ref().filter(|plan| all_hosts(plan) > 0.0)?;
    let servers = |number: u32| {
        let waves = assessment.waves.iter().filter(move |wave| wave.number == number);
        waves.map(|wave| wave.servers.len()).sum::<usize>() as f64
    };
    let counted = |until: u32| {
        let waves = assessment.waves.iter().filter(|wave| wave.number <= until);
        waves.map(|wave| wave.cumulative_hosts).try_fold(0, |most, hosts| Some(hosts?.max(most)))
    };
    let of_plan = match counted(assessment.waves.len() as u32) {
        Some(_) => {
            let added = counted(wave)?.saturating_sub(counted(wave.saturating_sub(1))?);
            added as f64 / all_hosts(plan) / servers(wave).max(1.0)
        }
        None => 1.0 / (plan.population.placed.max(1) as f64),
    };
    Some(crate::hosts_cost(assessment, policy)?.part(of_plan))
}

fn all_hosts(plan: &Consolidation) -> f64 {
    (plan.hosts + plan.failover_hosts) as f64
}

/// Years from a day to another, at least none.
fn years(from: Timestamp, to: Timestamp) -> f64 {
    (to.day() - from.day()).max(0) as f64 / YEAR_DAYS
}

/// What has arrived and what it took; `None` where no server is promised.
pub(super) fn net(
    register: &Register,
    servers: &[ServerProgress],
    totals: &Arrivals,
    now: Timestamp,
) -> Option<NetCash> {
    let made = made(register, now);
    let gross = servers.iter().map(|server| arrived(server, &made, now)).fold(Range::default(), Range::plus);
    let mut found = NetCash { gross_cash: gross, ..NetCash::default() };
    let (mut cash, mut annual) = (Range::default(), Range::default());
    for (on, promise) in servers.iter().filter_map(|server| promise(server, &made)) {
        match promise.hosts {
            Some(hosts) => {
                cash = cash.plus(hosts.after(years(on, now)));
                annual = annual.plus(hosts.annual);
            }
            None => found.hosts_unknown += 1,
        }
    }
    if found.hosts_unknown == 0 {
        found.hosts_cash = Some(cash);
        found.net_cash = Some(gross.less(cash));
        found.hosts_annual_cash = Some(annual);
        found.net_annual_cash = Some(totals.realised_annual_cash.less(annual));
    }
    (!servers.is_empty()).then_some(found)
}

type Made<'a> = BTreeMap<&'a str, Vec<&'a Step>>;

/// What was promised of a server, and when.
fn promise<'a>(server: &ServerProgress, made: &Made<'a>) -> Option<(Timestamp, &'a Promise)> {
    made.get(server.server.as_str())?.iter().find_map(|step| Some((step.on, step.promise.as_ref()?)))
}

/// What a server has not cost since its last step.
fn arrived(server: &ServerProgress, made: &Made<'_>, now: Timestamp) -> Range {
    let steps = made.get(server.server.as_str()).into_iter().flatten();
    let last = steps.filter(|step| server.last_steps.contains(&step.step)).map(|step| step.on).max();
    match last.filter(|_| server.state == ProgressState::Arrived) {
        Some(on) => server.realised_annual_cash.times(years(on, now)),
        None => Range::default(),
    }
}
