//! What a page is made of: the store of an engagement, its latest assessment, what was asked. Assessments that were
//! read stay at hand while people look at them.
// SPDX-License-Identifier: Apache-2.0

use super::{Asked, internal};
use crate::engagements::SharedStore;
use crate::estate;
use crate::http::Shared;
use crate::http::door::Said;
use crate::http::guard::Visitor;
use crate::http::problem::Refused;
use crate::store::ReviewState;
use crate::store::people::Role;
use cairn_assess::policy::Policy;
use cairn_assess::ratio::Counts;
use cairn_assess::whatif::{Change, Prepared};
use cairn_schemas::assessment::Assessment;
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
    ready: Mutex<VecDeque<(Key, Arc<Ready>)>>,
}

/// Servers ready to be packed under other assumptions.
pub(super) struct Ready {
    /// They.
    pub(super) servers: Prepared,
    /// All that the ratios are over.
    pub(super) assessed: usize,
    /// The answer to what nobody moved.
    pub(super) usual: Counts,
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

    /// The servers of the latest assessment, ready to be packed; `None` where it was made with a policy nobody has at
    /// hand, or there is nothing to pack.
    pub(super) fn ready(&self) -> Result<Option<Arc<Ready>>, Refused> {
        let policy = Policy::default();
        let (Some(key), Some(assessment)) = (&self.key, &self.assessment) else { return Ok(None) };
        if assessment.policy != policy.reference() {
            return Ok(None);
        }
        at_hand(&self.kept.ready, key, || {
            let estate = estate::load(self.store.as_ref(), assessment.window).map_err(internal)?;
            let (planned, assessed) = cairn_assess::planned(&estate, &policy, assessment.created);
            let servers = Prepared::new(&estate, &policy, &planned);
            if planned.is_empty() {
                return Ok(None);
            }
            let usual = servers.answer(&Change::default(), assessed);
            Ok(Some(Ready { servers, assessed, usual }))
        })
    }
}

/// What is kept under a key, or is made now and kept in place of what was asked for longest ago.
fn at_hand<T>(
    kept: &Mutex<VecDeque<(Key, Arc<T>)>>,
    key: &Key,
    make: impl FnOnce() -> Result<Option<T>, Refused>,
) -> Result<Option<Arc<T>>, Refused> {
    let kept = || kept.lock().unwrap_or_else(PoisonError::into_inner);
    let found = kept().iter().find(|(of, _)| of == key).map(|(_, value)| Arc::clone(value));
    if found.is_some() {
        return Ok(found);
    }
    // Not under the lock: two who ask at once both make it, and neither waits for a third.
    let Some(made) = make()?.map(Arc::new) else { return Ok(None) };
    let mut kept = kept();
    kept.retain(|(of, _)| of.0 != key.0 || of.1 != key.1);
    kept.push_front((key.clone(), Arc::clone(&made)));
    kept.truncate(KEPT);
    Ok(Some(made))
}
