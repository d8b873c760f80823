//! Who may open the pages, and what each may do, as `cairn people` sets it.
// SPDX-License-Identifier: Apache-2.0

use super::{Act, Action, Done, Field, Kind, Options, done};
use crate::http::pages::words::{say, with};
use crate::people::{self, NameError, PASSWORD_CHARS_MIN, PasswordError};
use crate::store::Store;
use crate::store::people::{NewPerson, Role};
use anyhow::Context as _;
use cairn_schemas::time::Timestamp;

const PAGE: &str = "administration";
const NAME: Field = Field::new("name", Kind::Pick(everybody));
const AS: Field = Field::new("role", Kind::Pick(roles));
const SECRET: Field = Field::new("password", Kind::Password);

pub(super) static ADD: Action = Action {
    id: "add-person",
    least: Role::Admin,
    page: PAGE,
    fields: &[Field::new("name", Kind::Text), AS, SECRET],
    run: add,
};

pub(super) static ROLE: Action =
    Action { id: "role", least: Role::Admin, page: PAGE, fields: &[NAME, AS], run: set_role };

/// The name is written: browsers and what keeps passwords look for it beside one.
pub(super) static PASSWORD: Action = Action {
    id: "password",
    least: Role::Admin,
    page: PAGE,
    fields: &[Field::new("name", Kind::Text), SECRET],
    run: set_password,
};

pub(super) static SESSIONS: Action =
    Action { id: "sessions", least: Role::Admin, page: PAGE, fields: &[NAME], run: end_sessions };

pub(super) static REMOVE: Action =
    Action { id: "remove-person", least: Role::Admin, page: PAGE, fields: &[NAME], run: remove };

fn everybody(store: &dyn Store, _: Timestamp) -> anyhow::Result<Options> {
    let shown = |person: crate::store::people::Person| {
        let text = format!("{}, {}", person.name, person.role.name());
        (person.name, text)
    };
    Ok(store.people()?.into_iter().map(shown).collect())
}

fn roles(_: &dyn Store, _: Timestamp) -> anyhow::Result<Options> {
    Ok(Role::ALL.map(|role| (role.name().to_owned(), role.name().to_owned())).into())
}

fn role(act: &Act<'_>, action: &str) -> anyhow::Result<Role> {
    let text = act.needed(action, "role")?;
    let roles = Role::ALL.map(Role::name).join(", ");
    Role::of(text).with_context(|| with("problem.role", [("text", text), ("roles", &roles)]))
}

/// The password as it was typed: spaces are part of it.
pub(super) fn hash(act: &Act<'_>) -> anyhow::Result<String> {
    let hashed = people::hash(act.posted.0.get("password").map_or("", String::as_str));
    hashed.map_err(|error| match error {
        PasswordError::Short => {
            anyhow::Error::msg(with("problem.password-short", [("least", PASSWORD_CHARS_MIN as f64)]))
        }
        PasswordError::Long => anyhow::Error::msg(say("problem.password-long")),
        error @ PasswordError::Failed(_) => error.into(),
    })
}

fn known(there_is: bool, name: &str) -> anyhow::Result<()> {
    anyhow::ensure!(there_is, with("problem.no-person", [("name", name)]));
    Ok(())
}

fn add(act: &Act<'_>) -> anyhow::Result<Done> {
    let name = people::name(act.posted.get("name")).map_err(|error| {
        anyhow::Error::msg(match error {
            NameError::Empty => say("problem.name-empty"),
            NameError::Long => say("problem.name-long"),
            NameError::Unprintable => say("problem.name-unprintable"),
        })
    })?;
    let (role, hash) = (role(act, "add-person")?, hash(act)?);
    let new = NewPerson { name, role, password: Some(&hash) };
    anyhow::ensure!(
        act.store.add_person(&new, act.by(), act.now)?,
        with("problem.person-known", [("name", name)])
    );
    done(with("do.add-person.done", [("name", name), ("role", role.name())]))
}

fn set_role(act: &Act<'_>) -> anyhow::Result<Done> {
    let (name, role) = (act.needed("role", "name")?, role(act, "role")?);
    known(act.store.set_role(name, role, act.by(), act.now)?, name)?;
    done(with("do.role.done", [("name", name), ("role", role.name())]))
}

fn set_password(act: &Act<'_>) -> anyhow::Result<Done> {
    let name = act.needed("password", "name")?;
    known(act.store.set_password(name, &hash(act)?, act.by(), act.now)?, name)?;
    done(with("do.password.done", [("name", name)]))
}

fn end_sessions(act: &Act<'_>) -> anyhow::Result<Done> {
    let name = act.needed("sessions", "name")?;
    let ended = act.store.end_sessions(Some(name), act.by(), act.now)?;
    known(ended.is_some(), name)?;
    done(with("do.sessions.done", [("name", name)]))
}

fn remove(act: &Act<'_>) -> anyhow::Result<Done> {
    let name = act.needed("remove-person", "name")?;
    known(act.store.remove_person(name, act.by(), act.now)?, name)?;
    done(with("do.remove-person.done", [("name", name)]))
}
