//! Making an assessment, and moving one forward: by the functions that `cairn assess` and `cairn assessments` call.
// SPDX-License-Identifier: Apache-2.0

use super::later::{self, Waited};
use super::{Act, Action, Done, Field, Kind, Options, done, said};
use crate::http::pages::words::{self, say, with};
use crate::store::people::Role;
use crate::store::{ReviewState, Store};
use crate::{assessments, estate, outbox};
use anyhow::Context as _;
use cairn_assess::policy::Policy;
use cairn_schemas::time::{Timestamp, Window};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const PAGE: &str = "assessments";

/// How long the page waits for an assessment before it lets it go on by itself.
const PATIENCE: Duration = Duration::from_secs(5);
/// One at a time: it takes every processor, and of a large estate minutes.
static UNDER_WAY: AtomicBool = AtomicBool::new(false);

/// The one that is being made.
struct One;

impl One {
    fn begin() -> Option<Self> {
        (!UNDER_WAY.swap(true, Ordering::AcqRel)).then_some(Self)
    }
}

impl Drop for One {
    fn drop(&mut self) {
        UNDER_WAY.store(false, Ordering::Release);
    }
}

pub(super) static ASSESS: Action =
    Action { id: "assess", least: Role::Assessor, page: PAGE, fields: &[], run: assess };

pub(super) static REVIEW: Action = Action {
    id: "review",
    least: Role::Assessor,
    page: PAGE,
    fields: &[Field::new("number", Kind::Pick(drafts))],
    run: |act| sign(act, "review", ReviewState::Reviewed),
};

pub(super) static ISSUE: Action = Action {
    id: "issue",
    least: Role::Assessor,
    page: PAGE,
    fields: &[Field::new("number", Kind::Pick(reviewed))],
    run: |act| sign(act, "issue", ReviewState::Issued),
};

fn drafts(store: &dyn Store, _: Timestamp) -> anyhow::Result<Options> {
    numbers(store, ReviewState::Draft)
}

fn reviewed(store: &dyn Store, _: Timestamp) -> anyhow::Result<Options> {
    numbers(store, ReviewState::Reviewed)
}

fn numbers(store: &dyn Store, state: ReviewState) -> anyhow::Result<Options> {
    let rows = store.assessments()?.into_iter().rev().filter(|row| row.state == state);
    Ok(rows.map(|row| (row.id.to_string(), format!("{}, {}", row.id, row.created))).collect())
}

fn assess(act: &Act<'_>) -> anyhow::Result<Done> {
    let one = One::begin().with_context(|| say("problem.under-way"))?;
    let window = act.store.extent()?.with_context(|| say("problem.nothing-measured"))?;
    let (visitor, door, words, now) = (act.visitor.clone(), Arc::clone(act.door), words::current(), act.now);
    let (session, by, store) = (visitor.session, visitor.person.name, visitor.store);
    let work = move || {
        let _one = one;
        words::within(words, || make(store.as_ref(), window, &by, now))
    };
    let late = move |made: anyhow::Result<Done>| {
        door.say(session, said(&ASSESS, made));
    };
    match later::wait(PATIENCE, work, late) {
        Waited::Done(made) => made,
        Waited::Longer => done(say("do.assess.longer")),
        Waited::Broken => anyhow::bail!(say("problem.broken")),
    }
}

fn make(store: &dyn Store, window: Window, by: &str, now: Timestamp) -> anyhow::Result<Done> {
    let estate = estate::load(store, window)?;
    let made = assessments::make(store, &estate, &Policy::default(), now)?;
    store.audit(by, &format!("made assessment {}", made.id), now)?;
    outbox::enqueue_opened(store, &made, now)?;
    done(with("do.assessed", [("number", made.id.to_string())]))
}

fn sign(act: &Act<'_>, action: &str, state: ReviewState) -> anyhow::Result<Done> {
    let text = act.needed(action, "number")?;
    let number =
        text.parse().map_err(|_| anyhow::Error::msg(with("problem.assessment-number", [("text", text)])))?;
    assessments::sign(act.store, number, state, act.by(), false, act.now)?;
    done(with(&format!("do.{action}.done"), [("number", number.to_string()), ("name", act.by().to_owned())]))
}
