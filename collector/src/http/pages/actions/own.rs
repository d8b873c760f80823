//! What people change about themselves.
// SPDX-License-Identifier: Apache-2.0

use super::people::hash;
use super::{Act, Action, Done, Field, Kind, done};
use crate::http::pages::words::{say, with};
use crate::people::is_right;
use crate::store::people::Role;

/// Whoever found a session open does not take the name with it: the password of before is asked for, where there is
/// one, and guessing it waits as at the door.
pub(super) static PASSWORD: Action = Action {
    id: "own-password",
    least: Role::Viewer,
    page: "account",
    fields: &[Field::optional("current", Kind::Password), Field::new("password", Kind::Password)],
    run: set_password,
};

fn set_password(act: &Act<'_>) -> anyhow::Result<Done> {
    let (engagement, name) = (act.store.engagement().as_str(), act.by());
    if let Some(kept) = &act.visitor.person.password {
        let attempts = &act.door.attempts;
        if let Err(wait_s) = attempts.begin(engagement, name, act.address, act.now) {
            anyhow::bail!(with("sign-in.early", [("wait", wait_s as f64)]));
        }
        let current = act.posted.0.get("current").map_or("", String::as_str);
        anyhow::ensure!(is_right(current, Some(kept)), say("problem.password-wrong"));
        attempts.succeeded(engagement, name, act.address);
    }
    act.store.set_password(name, &hash(act)?, name, act.now)?;
    done(with("do.password.done", [("name", name)]))
}
