//! Realised: what the register of outcomes promised and what of it has arrived. A person's step is believed until an
//! agent says otherwise; cash is there from the last step on and not before, and nothing that is only estimated counts.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Estate;
use crate::policy::Policy;
use cairn_schemas::assessment::{Arrivals, NetCash, ProgressState, Realised, ServerProgress};
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::outcome::{Register, Step, StepKind};
use cairn_schemas::time::Timestamp;
use std::collections::BTreeMap;

mod before_after;
mod cost;
mod net;
mod outcomes;
mod prediction;
mod progress;
mod seen;

pub use before_after::profile;
pub use cost::running_cost;
pub use net::hosts_share;
pub use prediction::forecast;
pub(crate) use seen::copies;

/// Days of a year, as the value counts them.
const YEAR_DAYS: f64 = 365.25;

/// What was promised and what has arrived; `None` where nobody keeps a register.
#[must_use]
pub fn realised(estate: &Estate, policy: &Policy, now: Timestamp) -> Option<Realised> {
    let register = &estate.outcomes;
    if register.is_empty() {
        return None;
    }
    let mut servers = progress::servers(estate, policy, now);
    servers.sort_by(|a, b| (a.state, a.due, &a.server).cmp(&(b.state, b.due, &b.server)));
    let totals = totals(&servers, now);
    let net = net::net(register, &servers, &totals, now);
    let before_after = before_after::all(estate, policy, &servers);
    Some(Realised {
        currency: policy.value.currency.clone(),
        estate: seen::seen(estate, &servers, now),
        outcomes: register.outcomes.iter().map(|outcome| outcomes::state(outcome, now)).collect(),
        before_after,
        prediction: prediction::predictions(estate, policy, &servers, now),
        constants: cost::constants(policy),
        findings: findings(&totals, net.as_ref()),
        net,
        totals,
        servers,
    })
}

/// The steps that have been made by a moment, by server.
fn made(register: &Register, now: Timestamp) -> BTreeMap<&str, Vec<&Step>> {
    let mut made: BTreeMap<&str, Vec<&Step>> = BTreeMap::new();
    for step in register.steps.iter().filter(|step| step.on <= now) {
        made.entry(&step.server).or_default().push(step);
    }
    made
}

/// The step by which each server's workload had moved by a moment.
pub(crate) fn moves(register: &Register, now: Timestamp) -> BTreeMap<&str, &Step> {
    let moved = register.steps.iter().filter(|step| step.step == StepKind::Moved && step.on <= now);
    moved.map(|step| (step.server.as_str(), step)).collect()
}

/// Whether a day is over: what is due on it is not late before.
fn is_past(day: Timestamp, now: Timestamp) -> bool {
    day.day() < now.day()
}

fn totals(servers: &[ServerProgress], now: Timestamp) -> Arrivals {
    let mut totals = Arrivals { promised: servers.len(), ..Arrivals::default() };
    for server in servers {
        *match server.state {
            ProgressState::Late => &mut totals.late,
            ProgressState::UnderWay => &mut totals.under_way,
            ProgressState::Arrived => &mut totals.arrived,
        } += 1;
        let has_moved = server.step > StepKind::Planned;
        let is_off = server.step > StepKind::Moved && server.reported_on.is_none();
        totals.still_running += usize::from(has_moved && !is_off);
        totals.still_paid += usize::from(is_off && server.state != ProgressState::Arrived);
        totals.contradicted += usize::from(server.reported_on.is_some());
        let promised = server.promised_annual_cash.unwrap_or_default();
        totals.promised_annual_cash = totals.promised_annual_cash.plus(promised);
        if is_past(server.due, now) {
            totals.due_annual_cash = totals.due_annual_cash.plus(promised);
        }
        totals.realised_annual_cash = totals.realised_annual_cash.plus(server.realised_annual_cash);
        totals.still_paid_annual_cash = totals.still_paid_annual_cash.plus(server.still_paid_annual_cash);
        totals.paid_since_move = totals.paid_since_move.plus(server.paid_since_move);
    }
    totals
}

/// What must be said of the whole.
fn findings(totals: &Arrivals, net: Option<&NetCash>) -> Vec<Finding> {
    let say = |message| Finding::new("realised", message, Severity::Attention);
    let mut findings = Vec::new();
    if totals.contradicted > 0 {
        findings.push(say("contradictions").arg("servers", totals.contradicted as f64).remedy());
    }
    match net.map(|net| net.hosts_unknown) {
        None => {}
        Some(0) => findings.push(Finding::new("realised", "net", Severity::Info)),
        Some(unknown) => findings.push(say("hosts-unknown").arg("servers", unknown as f64)),
    }
    findings
}

#[cfg(test)]
#[path = "realised/realised_tests.rs"]
mod tests;
