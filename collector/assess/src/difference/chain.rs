//! The steps from one estate, policy and moment to another, with an assessment after each that changed anything.
// SPDX-License-Identifier: Apache-2.0

use super::compared::bare;
use super::fate::Fates;
use super::figures::steps;
use super::still::still;
use super::{Side, State};
use crate::assess::outline;
use crate::canonical;
use crate::estate::{Estate, Server};
use crate::policy::Policy;
use cairn_schemas::assessment::Assessment;
use cairn_schemas::change::{Cause, ChangeBasis};
use cairn_schemas::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What came of the steps.
pub(super) struct Chain {
    pub(super) basis: ChangeBasis,
    /// Figures after each step; the last are those of the later assessment.
    pub(super) states: Vec<State>,
    /// Servers of both of which other things are known.
    pub(super) knowledge: BTreeSet<String>,
}

/// Where a chain stands.
struct Walk<'a> {
    estate: Estate,
    policy: Policy,
    now: Timestamp,
    /// The later estate, and its servers by name.
    goal: &'a Estate,
    there: BTreeMap<&'a str, &'a Server>,
    states: Vec<State>,
    /// An assessment to put figures into.
    figures: Assessment,
}

/// The steps; `None` where inputs are missing.
pub(super) fn chain(before: &Side<'_>, after: &Side<'_>, fates: &Fates<'_>) -> Option<Chain> {
    let ((from, from_policy), (to, to_policy)) = (before.inputs?, after.inputs?);
    let (from, goal) = (canonical(from), canonical(to));
    let mut estate = from.into_owned();
    // A store knows by now who came later.
    let is_own = |estate: &Estate| before.assessment.estate.servers == estate.servers.len();
    if !is_own(&estate) {
        estate.servers.retain(|server| fates.was_known(&server.name));
    }
    let there = goal.servers.iter().map(|server| (server.name.as_str(), server)).collect();
    let (policy, now) = (from_policy.clone(), before.assessment.created);
    let figures = bare(before.assessment);
    let mut walk = Walk { estate, policy, now, goal: &goal, there, states: Vec::new(), figures };
    let own = [walk.begin(before.assessment, after.assessment), is_of(&goal, to_policy, after.assessment)];
    walk.membership(fates);
    let knowledge = walk.knowledge();
    walk.measured(after.assessment.created);
    walk.load(fates);
    walk.newcomers(fates);
    walk.settings(to_policy);
    walk.end(before.assessment, after.assessment, own[1]);
    let basis = if own == [true; 2] { ChangeBasis::Recomputed } else { ChangeBasis::RecomputedSince };
    Some(Chain { basis, states: walk.states, knowledge })
}

/// Whether these are the inputs of an assessment.
fn is_of(estate: &Estate, policy: &Policy, assessment: &Assessment) -> bool {
    crate::assess::inputs_sha256(estate) == assessment.inputs_sha256
        && policy.reference() == assessment.policy
}

/// What to call the difference between an assessment as it was made and as it is computed now.
fn recomputed(before: &Assessment, after: &Assessment, own: bool) -> Cause {
    let versions = |of: &Assessment| (of.method_version.clone(), of.tool_version.clone());
    match own {
        false => Cause::Remainder,
        true if versions(before) != versions(after) => Cause::Method,
        true if before.rules_sha256 != after.rules_sha256 => Cause::Rules,
        // One version made both; another one than this program is asked now.
        true if after.method_version != crate::METHOD_VERSION => Cause::Method,
        true => Cause::Remainder,
    }
}

impl Walk<'_> {
    /// From the earlier assessment as it was made to the same computed now; whether the inputs are its own.
    fn begin(&mut self, before: &Assessment, after: &Assessment) -> bool {
        let own = is_of(&self.estate, &self.policy, before);
        self.step(recomputed(before, after, own));
        own
    }

    /// From the later assessment computed now to the same as it was made.
    fn end(&mut self, before: &Assessment, after: &Assessment, own: bool) {
        // Only servers of inputs that are not the assessments' own can still differ.
        if self.estate.servers != self.goal.servers {
            self.estate.servers.clone_from(&self.goal.servers);
            self.step(Cause::Remainder);
        }
        self.states.push((recomputed(before, after, own), steps(after)));
    }

    fn step(&mut self, cause: Cause) {
        outline(&self.estate, &self.policy, self.now, &mut self.figures);
        self.states.push((cause, steps(&self.figures)));
    }

    /// A step, if it changed anything.
    fn step_if(&mut self, changed: bool, cause: Cause) {
        if changed {
            self.step(cause);
        }
    }

    /// Changes some servers into what the later estate makes of them; gives the names of those that changed.
    fn change(
        &mut self,
        concerns: impl Fn(&str) -> bool,
        into: impl Fn(&Server, &Server) -> Server,
    ) -> BTreeSet<String> {
        let mut changed = BTreeSet::new();
        for server in self.estate.servers.iter_mut().filter(|server| concerns(&server.name)) {
            let Some(goal) = self.there.get(server.name.as_str()) else { continue };
            let next = into(server, goal);
            if next != *server {
                changed.insert(server.name.clone());
                *server = next;
            }
        }
        changed
    }

    fn membership(&mut self, fates: &Fates<'_>) {
        let gone = fates.names(Cause::Gone);
        let before = self.estate.servers.len();
        self.estate.servers.retain(|server| !gone.contains(server.name.as_str()));
        self.step_if(self.estate.servers.len() != before, Cause::Gone);
        for cause in [Cause::BecameVirtual, Cause::Retired, Cause::Returned] {
            let names = fates.names(cause);
            let changed = self.change(|name| names.contains(name), known_as);
            self.step_if(!changed.is_empty(), cause);
        }
    }

    fn knowledge(&mut self) -> BTreeSet<String> {
        let changed = self.change(|_| true, known_as);
        let (goal, servers) = (self.goal, std::mem::take(&mut self.estate.servers));
        let records = Estate {
            engagement: goal.engagement.clone(),
            window: self.estate.window,
            servers: Vec::new(),
            triggers: goal.triggers.clone(),
            moments: goal.moments.clone(),
            answers: goal.answers.clone(),
            outcomes: goal.outcomes.clone(),
        };
        let other_records = records != self.estate;
        self.estate = Estate { servers, ..records };
        self.step_if(other_records || !changed.is_empty(), Cause::Knowledge);
        changed
    }

    fn measured(&mut self, now: Timestamp) {
        let other_time = (self.estate.window, self.now) != (self.goal.window, now);
        (self.estate.window, self.now) = (self.goal.window, now);
        let changed = self.change(|_| true, still);
        self.step_if(other_time || !changed.is_empty(), Cause::DataQuality);
    }

    fn load(&mut self, fates: &Fates<'_>) {
        for cause in [Cause::Grown, Cause::Shrunk, Cause::Rhythm] {
            let names = fates.names(cause);
            let changed = self.change(|name| names.contains(name), |_, goal| goal.clone());
            self.step_if(!changed.is_empty(), cause);
        }
    }

    fn newcomers(&mut self, fates: &Fates<'_>) {
        let new = fates.names(Cause::New);
        let new: Vec<Server> = new.iter().filter_map(|name| self.there.get(name).copied().cloned()).collect();
        let any = !new.is_empty();
        self.estate.servers.extend(new);
        self.estate.servers.sort_by(|a, b| a.name.cmp(&b.name));
        self.step_if(any, Cause::New);
    }

    fn settings(&mut self, goal: &Policy) {
        let rules = Policy {
            readiness: goal.readiness.clone(),
            rules_off: goal.rules_off.clone(),
            ..self.policy.clone()
        };
        let changed = rules != self.policy;
        self.policy = rules;
        self.step_if(changed, Cause::Rules);
        let changed = *goal != self.policy;
        self.policy = goal.clone();
        self.step_if(changed, Cause::Policy);
    }
}

/// A server with what is known of it later, and the load it had.
fn known_as(server: &Server, goal: &Server) -> Server {
    Server {
        weeks: server.weeks.clone(),
        gaps: server.gaps.clone(),
        first_seen: server.first_seen,
        ..goal.clone()
    }
}
