//! What a page is made of: the store of an engagement, its latest assessment, what was asked. Assessments that were
//! read stay at hand while people look at them.
// SPDX-License-Identifier: Apache-2.0

use super::{Asked, internal};
use crate::changes;
use crate::engagements::SharedStore;
use crate::http::Shared;
use crate::http::door::Said;
use crate::http::guard::Visitor;
use crate::http::problem::Refused;
use crate::prepared::{self, Prepared};
use crate::store::people::Role;
use crate::store::{ReviewState, Store};
use cairn_assess::policy::Policy;
use cairn_assess::ratio::Counts;
use cairn_schemas::assessment::Assessment;
use cairn_schemas::change::AssessmentChange;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Assessments at hand, and servers made ready to be packed again: one of 10,000 servers is some tens of megabytes.
const KEPT: usize = 2;

/// An assessment of an engagement, in a state of its review.
type Key = (String, u64, ReviewState);

/// What stays at hand.
#[derive(Default)]
pub(in crate::http) struct Kept {
    assessments: Mutex<VecDeque<(Key, Arc<Assessment>)>>,
    ready: Mutex<VecDeque<(Key, Arc<Prepared>)>>,
    changes: Mutex<VecDeque<(Key, Arc<AssessmentChange>)>>,
    /// Held while servers are made ready.
    making: Mutex<()>,
}

/// A visit to a page.
pub(super) struct Visit {
    pub(super) store: SharedStore,
    pub(super) visitor: Visitor,
    /// What became of the visitor's last action, if it was not told yet.
    pub(super) said: Option<Said>,
    pub(super) assessment: Option<Arc<Assessment>>,
    asked: Asked,
    key: Option<Key>,
    kept: Arc<Kept>,
}

impl Visit {
    pub(super) fn new(shared: &Shared, visitor: Visitor, asked: Asked) -> Result<Self, Refused> {
        let (store, kept) = (Arc::clone(&visitor.store), &shared.kept);
        let latest = store.assessments().map_err(internal)?.pop();
        let key = latest.map(|row| (store.engagement().as_str().to_owned(), row.id, row.state));
        let read = |key: &Key| store.assessment(key.1).map_err(internal);
        let assessment = match &key {
            Some(key) => at_hand(&kept.assessments, key, || read(key))?,
            None => None,
        };
        let said = shared.door.told(&visitor.session);
        Ok(Self { store, visitor, said, assessment, asked, key, kept: Arc::clone(kept) })
    }

    /// Whether whoever looks may do what needs a role.
    pub(super) fn may(&self, role: Role) -> bool {
        self.visitor.person.role >= role
    }

    /// The engagement's name.
    pub(super) fn engagement(&self) -> &str {
        self.store.engagement().as_str()
    }

    /// What was asked under a name; nothing where it was left empty.
    pub(super) fn asked(&self, name: &str) -> Option<&str> {
        self.asked.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// A number that was asked for, within bounds.
    pub(super) fn number(&self, name: &str, (low, high): (f64, f64)) -> Option<f64> {
        let number = self.asked(name)?.parse::<f64>().ok().filter(|number| number.is_finite())?;
        Some(number.clamp(low, high))
    }

    /// The policy of the latest assessment; `None` where nobody has it at hand.
    pub(super) fn policy(&self) -> Result<Option<Policy>, Refused> {
        let Some(assessment) = &self.assessment else { return Ok(None) };
        match prepared::policy_of_assessment(self.store.as_ref(), assessment).map_err(internal)? {
            Some(policy) => Ok(Some(policy)),
            None => Ok(self.ready()?.map(|ready| ready.servers.policy().clone())),
        }
    }

    /// What the plan of the latest assessment is made of; `None` where there is nothing to pack.
    pub(super) fn planned(&self) -> Option<Counts> {
        let plan = self.assessment.as_ref()?.consolidation.as_ref()?;
        Some(Counts {
            assessed: plan.population.assessed,
            placed: plan.population.placed,
            hosts: plan.hosts,
            failover_hosts: plan.failover_hosts,
            lower_bound_hosts: plan.lower_bound_hosts,
        })
    }

    /// The servers of the latest assessment, ready to be packed; `None` where nobody has them at hand.
    pub(super) fn ready(&self) -> Result<Option<Arc<Prepared>>, Refused> {
        let (Some(key), Some(assessment)) = (&self.key, &self.assessment) else { return Ok(None) };
        ready(&self.kept, self.store.as_ref(), key, assessment)
    }

    /// What changed between two assessments; `None` where the store holds none of such a number.
    pub(super) fn change(&self, before: u64, after: u64) -> Result<Option<Arc<AssessmentChange>>, Refused> {
        let Some((engagement, latest, state)) = &self.key else { return Ok(None) };
        let store = self.store.as_ref();
        let latest = self.assessment.as_ref().filter(|_| after == *latest).map(Arc::clone);
        let key = (format!("{engagement}/{before}"), after, *state);
        // One at a time: it costs about as much as an assessment, and who comes second finds it made.
        let _one = self.kept.making.lock().unwrap_or_else(PoisonError::into_inner);
        at_hand(&self.kept.changes, &key, || {
            let after = match latest {
                Some(after) => Some(after),
                None => store.assessment(after).map_err(internal)?.map(Arc::new),
            };
            let Some(after) = after else { return Ok(None) };
            changes::since(store, before, &after).map_err(internal)
        })
    }

    /// Begins to make them ready, and does not wait for it. Whoever asks for them meanwhile does.
    pub(super) fn make_ready(&self) {
        let (Some(key), Some(assessment)) = (self.key.clone(), self.assessment.clone()) else { return };
        let (kept, store) = (Arc::clone(&self.kept), Arc::clone(&self.store));
        // One at a time; while one is made, the next visitor asks again soon enough.
        if kept.making.try_lock().is_ok() && find(&kept.ready, &key).is_none() {
            std::thread::spawn(move || {
                if let Err(refused) = ready(&kept, store.as_ref(), &key, &assessment) {
                    tracing::warn!(?refused, "servers could not be made ready for packing");
                }
            });
        }
    }
}

/// Servers ready to be packed, made once however many ask.
fn ready(
    kept: &Kept,
    store: &dyn Store,
    key: &Key,
    assessment: &Assessment,
) -> Result<Option<Arc<Prepared>>, Refused> {
    if let Some(found) = find(&kept.ready, key) {
        return Ok(Some(found));
    }
    // Made anew they cost seconds of every processor: who comes second waits, and then finds what the first has made.
    let _one = kept.making.lock().unwrap_or_else(PoisonError::into_inner);
    at_hand(&kept.ready, key, || prepared::of_assessment(store, assessment).map_err(internal))
}

fn find<T>(kept: &Mutex<VecDeque<(Key, Arc<T>)>>, key: &Key) -> Option<Arc<T>> {
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.iter().find(|(of, _)| of == key).map(|(_, value)| Arc::clone(value))
}

/// What is kept under a key, or is made now and kept in place of what was asked for longest ago.
fn at_hand<T>(
    kept: &Mutex<VecDeque<(Key, Arc<T>)>>,
    key: &Key,
    make: impl FnOnce() -> Result<Option<T>, Refused>,
) -> Result<Option<Arc<T>>, Refused> {
    if let Some(found) = find(kept, key) {
        return Ok(Some(found));
    }
    // Not under the lock: two who ask at once both make it, and neither waits for a third.
    let Some(made) = make()?.map(Arc::new) else { return Ok(None) };
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.retain(|(of, _)| of.0 != key.0 || of.1 != key.1);
    kept.push_front((key.clone(), Arc::clone(&made)));
    kept.truncate(KEPT);
    Ok(Some(made))
}
