//! Making an assessment, and moving one forward: by the functions that `cairn assess` and `cairn assessments` call.
// SPDX-License-Identifier: Apache-2.0

use super::{Act, Action, Done, Field, Kind, Options, done};
use crate::http::pages::words::with;
use crate::store::people::Role;
use crate::store::{ReviewState, Store};
use crate::{assessments, estate, outbox};
use anyhow::Context as _;
use cairn_assess::policy::Policy;
use cairn_schemas::time::Timestamp;
use std::sync::{Mutex, TryLockError};

const PAGE: &str = "assessments";

/// One at a time: it takes every processor, and of a large estate minutes.
static UNDER_WAY: Mutex<()> = Mutex::new(());

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
    let _one = match UNDER_WAY.try_lock() {
        Ok(one) => one,
        Err(TryLockError::Poisoned(one)) => one.into_inner(),
        Err(TryLockError::WouldBlock) => anyhow::bail!("an assessment is being made; wait for it"),
    };
    let window =
        act.store.extent()?.context("nothing is measured yet: import samples or let an agent run")?;
    let estate = estate::load(act.store, window)?;
    let made = assessments::make(act.store, &estate, &Policy::default(), act.now)?;
    act.store.audit(act.by(), &format!("made assessment {}", made.id), act.now)?;
    outbox::enqueue_opened(act.store, &made, act.now)?;
    done(with("do.assessed", [("number", made.id.to_string())]))
}

fn sign(act: &Act<'_>, action: &str, state: ReviewState) -> anyhow::Result<Done> {
    let text = act.needed(action, "number")?;
    let number = text.parse().map_err(|_| anyhow::anyhow!("{text:?} is no number of an assessment"))?;
    assessments::sign(act.store, number, state, act.by(), false, act.now)?;
    done(with(&format!("do.{action}.done"), [("number", number.to_string()), ("name", act.by().to_owned())]))
}
