//! The whole route table: every path there is, what asks for it, and the least that whoever asks must be. The router is
//! made of this table and of nothing else, so that no route is without its line.
// SPDX-License-Identifier: Apache-2.0

use super::guard::{self, Guard, Posted, Visitor};
use super::pages::actions::{self, ACTIONS};
use super::pages::{self, Asked, PAGES, enter, files};
use super::{Peer, Shared, batches, enrolment, health, leave, moved, rotation};
use crate::store::people::Role;
use axum::extract::{Query, State};
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router, middleware};

/// The least that whoever asks must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Least {
    /// An agent, or somebody on the way to be one: what it sends is signed, or carries a join token.
    Agent,
    /// A program on this machine that looks after the collector; nothing of an estate is told.
    Monitor,
    /// Anybody: what is needed to sign in.
    Anybody,
    /// Somebody who is signed in to the engagement of the path.
    Role(Role),
}

/// A route.
pub(super) struct Line {
    pub(super) path: String,
    /// Whether it changes something: asked by POST.
    pub(super) is_change: bool,
    pub(super) least: Least,
    to: MethodRouter<Shared>,
}

fn reads(path: &str, least: Least, to: MethodRouter<Shared>) -> Line {
    Line { path: path.to_owned(), is_change: false, least, to }
}

fn changes(path: &str, least: Least, to: MethodRouter<Shared>) -> Line {
    Line { path: path.to_owned(), is_change: true, least, to }
}

/// Every route.
pub(super) fn table() -> Vec<Line> {
    use Least::{Agent, Anybody, Monitor};
    let viewer = Least::Role(Role::Viewer);
    let mut lines = vec![
        changes("/v1/enroll", Agent, post(enrolment::enrol)),
        changes("/v1/batches", Agent, post(batches::receive)),
        changes("/v1/leave", Agent, post(leave::leave)),
        changes("/v1/move", Agent, post(moved::moved)),
        changes("/v1/rotate", Agent, post(rotation::rotate)),
        reads("/livez", Monitor, get(health::live)),
        reads("/readyz", Monitor, get(health::ready)),
        reads("/metrics", Monitor, get(health::metrics)),
        reads("/", Anybody, get(pages::home)),
        reads("/static/style.css", Anybody, get(pages::style)),
        reads("/static/live.js", Anybody, get(pages::script)),
        reads("/e/{engagement}/sign-in", Anybody, get(enter::form)),
        changes("/e/{engagement}/sign-in", Anybody, post(enter::sign_in)),
        reads("/e/{engagement}/enter", Anybody, get(enter::by_link)),
        changes("/e/{engagement}/sign-out", viewer, post(enter::sign_out)),
        reads("/e/{engagement}/assessments/{id}/{file}", viewer, get(files::file)),
        reads("/api/v1/engagements/{engagement}/assessments", viewer, get(files::list)),
        reads("/api/v1/engagements/{engagement}/assessments/{id}", viewer, get(files::one)),
    ];
    // A page and an action each state their role where they are.
    lines.extend(PAGES.iter().map(|page| {
        let show =
            |State(shared): State<Shared>,
             Extension(visitor): Extension<Visitor>,
             Query(asked): Query<Asked>| { pages::show(page, shared, visitor, asked) };
        reads(&format!("/e/{{engagement}}/{}", page.id), Least::Role(page.least), get(show))
    }));
    lines.extend(ACTIONS.iter().map(|action| {
        let act = |State(shared): State<Shared>,
                   Extension(visitor): Extension<Visitor>,
                   Extension(Peer(address)): Extension<Peer>,
                   Extension(posted): Extension<Posted>| {
            actions::act(action, shared, visitor, address, posted)
        };
        changes(&format!("/e/{{engagement}}/do/{}", action.id), Least::Role(action.least), post(act))
    }));
    lines
}

/// A router of the routes that are offered, each behind its guard.
pub(super) fn router(shared: &Shared, offered: impl Fn(Least) -> bool) -> Router<Shared> {
    table().into_iter().filter(|line| offered(line.least)).fold(Router::new(), |router, line| {
        let Line { path, is_change, least, to } = line;
        let guard = Guard { shared: shared.clone(), least, is_change };
        let guarded = match least {
            Least::Agent => to,
            _ => to.route_layer(middleware::from_fn_with_state(guard, guard::pass)),
        };
        router.route(&path, guarded)
    })
}

#[cfg(test)]
#[path = "routes_tests.rs"]
mod tests;
