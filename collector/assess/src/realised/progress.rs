//! Progress: where each promised server is on its way out, what that is worth by now, and why it is late.
// SPDX-License-Identifier: Apache-2.0

use super::{YEAR_DAYS, copies, is_past, made, running_cost};
use crate::estate::{Estate, Server};
use crate::policy::Policy;
use crate::profile;
use cairn_schemas::assessment::{ProgressState, Range, Resource, ServerProgress};
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::outcome::{Delay, Promise, RunningCost, Step, StepKind};
use cairn_schemas::time::{DAY_S, Timestamp};

/// What is known of one promised server.
struct Case<'a> {
    server: Option<&'a Server>,
    steps: &'a [&'a Step],
    promise: &'a Promise,
    last_steps: Vec<StepKind>,
    reported_on: Option<Timestamp>,
    seen_as: Option<&'a str>,
    delay: Option<&'a Delay>,
    now: Timestamp,
}

/// Every server somebody was promised would go, by name.
pub(super) fn servers(estate: &Estate, policy: &Policy, now: Timestamp) -> Vec<ServerProgress> {
    let copies = copies(estate);
    let mut servers = Vec::new();
    for (name, steps) in made(&estate.outcomes, now) {
        let Some(promise) = steps.iter().find_map(|step| step.promise.as_ref()) else { continue };
        let found = estate.servers.binary_search_by(|server| server.name.as_str().cmp(name));
        let server = found.ok().map(|index| &estate.servers[index]);
        let off = steps.iter().find(|step| step.step == StepKind::PoweredOff);
        let mut delays =
            estate.outcomes.delays.iter().filter(|delay| delay.server == name && delay.on <= now);
        let case = Case {
            server,
            steps: &steps,
            promise,
            last_steps: last_steps(server),
            reported_on: off.and_then(|off| reported_after(server?, off.on)),
            seen_as: copies.get(name).copied(),
            delay: delays.next_back(),
            now,
        };
        servers.push(case.progress(name, policy));
    }
    servers
}

/// The last steps that apply: of a server with a contract that it ends, of one with licences bound to it that they are
/// given back, of one with neither that it is decommissioned.
fn last_steps(server: Option<&Server>) -> Vec<StepKind> {
    let has_cost = |server: &Server| server.number("annual_maintenance_cost").is_some_and(|cost| cost > 0.0);
    let contract = server.is_some_and(|server| has_cost(server) || server.text("lease_end").is_some());
    let licensed =
        |name: &str| server.and_then(|server| server.text(name)).is_some_and(|text| text != "none");
    let mut steps = Vec::new();
    steps.extend(contract.then_some(StepKind::ContractEnded));
    steps.extend((licensed("licence_pool") || licensed("database")).then_some(StepKind::LicenceReturned));
    if steps.is_empty() { vec![StepKind::Decommissioned] } else { steps }
}

/// The last day after the one it was switched off on at which something on it was running; a virtual machine that has
/// kept the name says nothing of the machine it left.
fn reported_after(server: &Server, off: Timestamp) -> Option<Timestamp> {
    if server.is_virtual() {
        return None;
    }
    let days = server.weeks.iter().flat_map(|week| {
        let running = week.covered_s.iter().zip(&week.off_s).map(|(covered, off)| covered > off);
        running.zip(0..).map(|(runs, day)| (runs, Timestamp(week.start.0 + day * DAY_S)))
    });
    days.filter(|(runs, day)| *runs && day.day() > off.day()).map(|(_, day)| day).max()
}

impl Case<'_> {
    fn step(&self, kind: StepKind) -> Option<&Step> {
        self.steps.iter().find(|step| step.step == kind).copied()
    }

    fn progress(&self, name: &str, policy: &Policy) -> ServerProgress {
        let complete = self.last_steps.iter().all(|kind| self.step(*kind).is_some());
        let has_arrived = complete && self.reported_on.is_none();
        let state = match has_arrived {
            true => ProgressState::Arrived,
            false if is_past(self.promise.due, self.now) => ProgressState::Late,
            false => ProgressState::UnderWay,
        };
        let last = self.steps.iter().max_by_key(|step| step.step);
        let (step, since) = last.map_or((StepKind::Planned, self.now), |last| (last.step, last.on));
        let promised = self.promise.cost.map(|cost| cost.total());
        let cost = self.promise.cost.unwrap_or_else(|| self.cost_today(policy));
        let is_paid = step > StepKind::Planned && !has_arrived;
        let days = self.now.day() - self.promise.due.day();
        ServerProgress {
            server: name.to_owned(),
            wave: self.promise.wave,
            step,
            since,
            due: self.promise.due,
            last_steps: self.last_steps.clone(),
            state,
            days_late: (state == ProgressState::Late).then(|| u32::try_from(days).unwrap_or(0)),
            reported_on: self.reported_on,
            seen_as: self.seen_as.map(str::to_owned),
            promised_annual_cash: promised,
            realised_annual_cash: if has_arrived { promised.unwrap_or_default() } else { Range::default() },
            still_paid_annual_cash: if is_paid { self.still_paid(cost, step) } else { Range::default() },
            paid_since_move: if is_paid { self.paid(cost) } else { Range::default() },
            cause: self.delay.filter(|_| !has_arrived).map(|delay| delay.cause),
            why: self.why(step, state),
        }
    }

    /// Where nobody put a figure to the promise.
    fn cost_today(&self, policy: &Policy) -> RunningCost {
        let cpu = self.server.and_then(|server| profile::percentiles(server, Resource::Cpu));
        let unknown = Server::default();
        running_cost(self.server.unwrap_or(&unknown), cpu.map(|cpu| cpu.mean), policy)
    }

    fn still_paid(&self, cost: RunningCost, step: StepKind) -> Range {
        cost.after(if self.reported_on.is_some() { StepKind::Moved } else { step })
    }

    /// What it has cost from the day it was moved until today, each part until the step that ends it.
    fn paid(&self, cost: RunningCost) -> Range {
        let Some(moved) = self.step(StepKind::Moved) else { return Range::default() };
        let until = |kind: StepKind| {
            let made = self.step(kind).filter(|_| self.reported_on.is_none());
            let days = made.map_or(self.now, |step| step.on).day() - moved.on.day();
            days.max(0) as f64 / YEAR_DAYS
        };
        let contract = (self.now.day() - moved.on.day()).max(0) as f64 / YEAR_DAYS;
        let energy = cost.energy.times(until(StepKind::PoweredOff));
        energy.plus(cost.space.times(until(StepKind::Decommissioned))).plus(cost.contract.times(contract))
    }

    fn why(&self, step: StepKind, state: ProgressState) -> Vec<Finding> {
        let say = |message, severity| Finding::new("realised", message, severity);
        let mut why = vec![self.stands(step, state)];
        why.extend(match (self.seen_as, step) {
            (Some(copy), StepKind::Planned) => {
                Some(say("seen-not-recorded", Severity::Attention).arg("copy", copy))
            }
            (None, step) if step > StepKind::Planned => Some(say("not-seen", Severity::Info)),
            _ => None,
        });
        match self.delay {
            Some(delay) if state != ProgressState::Arrived => why.push(
                say("delay", Severity::Info)
                    .arg("cause", delay.cause.name())
                    .arg("words", delay.words.as_str())
                    .arg("by", delay.by.as_str())
                    .arg("on", delay.on.date())
                    .evidence(delay.source.clone()),
            ),
            None if state == ProgressState::Late => why.push(say("no-reason", Severity::Attention)),
            _ => {}
        }
        why
    }

    /// What the next step waits for.
    fn stands(&self, step: StepKind, state: ProgressState) -> Finding {
        let say = |message, severity| Finding::new("realised", message, severity);
        if let Some(on) = self.reported_on {
            let off = self.step(StepKind::PoweredOff).map_or(on, |step| step.on);
            return say("contradicted", Severity::Gate).arg("off", off.date()).arg("on", on.date());
        }
        if state == ProgressState::Arrived {
            return say("arrived", Severity::Info);
        }
        let missing = |kind| self.last_steps.contains(&kind) && self.step(kind).is_none();
        let message = match step {
            StepKind::Planned => "not-moved",
            StepKind::Moved => "still-runs",
            StepKind::PoweredOff => "not-decommissioned",
            _ if missing(StepKind::ContractEnded) => "contract-runs",
            _ => "licence-held",
        };
        let since = self.step(step).map_or(self.now, |step| step.on);
        say(message, Severity::Attention).arg("since", since.date())
    }
}
