//! What people change from pages: each action is a form on a page, a role, and what it does. A form works without a
//! script: it is sent, done, and the page that follows says what became of it.
// SPDX-License-Identifier: Apache-2.0

use super::visit::Visit;
use super::words::{say, with};
use super::{Refused, internal};
use crate::clock::now;
use crate::http::Shared;
use crate::http::door::{Door, Said};
use crate::http::guard::{Posted, Visitor};
use crate::store::Store;
use crate::store::people::Role;
use askama::Template;
use axum::response::{IntoResponse as _, Redirect, Response};
use cairn_schemas::time::Timestamp;
use std::net::IpAddr;
use std::sync::Arc;

mod agents;
mod assess;
mod decide;
mod later;
mod own;
mod people;
mod tokens;

/// An action.
pub(in crate::http) struct Action {
    /// Last part of its address, and of the ids of its wording.
    pub(in crate::http) id: &'static str,
    /// The least that whoever does it must be.
    pub(in crate::http) least: Role,
    /// The page its form is on, by id.
    page: &'static str,
    /// What is to be filled in.
    fields: &'static [Field],
    /// Does it; what was done, or what is wrong, for people to read.
    run: fn(&Act<'_>) -> anyhow::Result<Done>,
}

/// Every action, in the order of the forms of a page.
pub(in crate::http) static ACTIONS: &[&Action] = &[
    &decide::CONFIRM,
    &decide::EXCEPTION,
    &decide::VETO,
    &decide::WITHDRAW,
    &assess::ASSESS,
    &assess::REVIEW,
    &assess::ISSUE,
    &tokens::GIVE,
    &tokens::REVOKE,
    &agents::ROTATE,
    &agents::REVOKE,
    &own::PASSWORD,
    &people::ADD,
    &people::ROLE,
    &people::PASSWORD,
    &people::SESSIONS,
    &people::REMOVE,
];

/// A field of a form; its label is `page.do.<action>.<name>`.
struct Field {
    name: &'static str,
    kind: Kind,
    /// Whether it may be left empty.
    optional: bool,
}

/// What is filled in.
enum Kind {
    Text,
    /// Several lines.
    Words,
    /// A day.
    Date,
    /// A whole number from 1 to a most, and where it begins.
    Count(u32, u32),
    /// Who does it, unless somebody else is named.
    Me,
    /// Never filled in again, and never shown.
    Password,
    /// Yes or no.
    Check,
    /// One of what there is.
    Pick(fn(&dyn Store, Timestamp) -> anyhow::Result<Options>),
}

impl Field {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, optional: false }
    }

    const fn optional(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, optional: true }
    }
}

/// What there is to pick from: a value, and how it is shown.
type Options = Vec<(String, String)>;

/// More than so many are no list anybody picks from: then they are written.
const PICKED_FROM_MAX: usize = 500;

/// An action as it is done.
struct Act<'a> {
    store: &'a dyn Store,
    visitor: &'a Visitor,
    /// Where it was asked from.
    address: IpAddr,
    posted: &'a Posted,
    door: &'a Arc<Door>,
    now: Timestamp,
}

impl Act<'_> {
    /// What was filled in; what has to be and is not, is said.
    fn needed(&self, action: &str, name: &str) -> anyhow::Result<&str> {
        let text = self.posted.get(name);
        let field = say(&format!("do.{action}.{name}"));
        anyhow::ensure!(!text.is_empty(), with("problem.empty", [("field", field)]));
        Ok(text)
    }

    fn by(&self) -> &str {
        &self.visitor.person.name
    }
}

/// What was done.
struct Done {
    said: String,
    /// To be copied now; it is shown at no other time.
    secret: Option<String>,
}

fn done(said: String) -> anyhow::Result<Done> {
    Ok(Done { said, secret: None })
}

/// Does an action and leads back to its page, which says what became of it.
pub(in crate::http) async fn act(
    action: &'static Action,
    shared: Shared,
    visitor: Visitor,
    address: IpAddr,
    posted: Posted,
) -> Result<Response, Refused> {
    let engagement = visitor.store.engagement().as_str().to_owned();
    let door = Arc::clone(&shared.door);
    let hashes = action.fields.iter().any(|field| matches!(field.kind, Kind::Password));
    let hashing = if hashes { shared.door.hashing().await } else { None };
    let answer = super::blocking(move || {
        let (store, now) = (visitor.store.as_ref(), now());
        let act = Act { store, visitor: &visitor, address, posted: &posted, door: &door, now };
        let mut said = said(action, (action.run)(&act));
        let place = if said.problem.is_some() { format!("#do-{}", action.id) } else { String::new() };
        if said.problem.is_some() {
            said.filled = filled(action, &posted);
        }
        door.say(visitor.session, said);
        Ok(Redirect::to(&format!("/e/{engagement}/{}{place}", action.page)).into_response())
    });
    let answer = answer.await;
    drop(hashing);
    answer
}

/// What is told of an action.
fn said(action: &Action, done: anyhow::Result<Done>) -> Said {
    let said = match done {
        Ok(Done { said, secret }) => Said { done: said, secret, ..Said::default() },
        Err(error) => Said { problem: Some(format!("{error:#}")), ..Said::default() },
    };
    Said { action: action.id.to_owned(), ..said }
}

/// What is filled in again where something was wrong: all but passwords.
fn filled(action: &Action, posted: &Posted) -> std::collections::BTreeMap<String, String> {
    let shown = action.fields.iter().filter(|field| !matches!(field.kind, Kind::Password));
    shown.map(|field| (field.name.to_owned(), posted.get(field.name).to_owned())).collect()
}

#[derive(Template)]
#[template(path = "forms.html")]
struct Forms {
    title: String,
    forms: Vec<Form>,
}

struct Form {
    id: &'static str,
    action: String,
    token: String,
    title: String,
    lead: Option<String>,
    problem: Option<String>,
    fields: Vec<Input>,
    go: String,
}

struct Input {
    id: String,
    name: &'static str,
    label: String,
    kind: &'static str,
    value: String,
    needed: bool,
    most: u32,
    options: Options,
}

/// The forms of a page that whoever looks may use; nothing where there is none.
pub(super) fn forms(visit: &Visit, page: &str) -> Result<Option<String>, Refused> {
    let offered = ACTIONS.iter().filter(|action| action.page == page && visit.may(action.least));
    let forms: Vec<Form> =
        offered.filter_map(|action| form(visit, action).transpose()).collect::<Result<_, _>>()?;
    if forms.is_empty() {
        return Ok(None);
    }
    Forms { title: say("do.title"), forms }.render().map(Some).map_err(internal)
}

/// A form; `None` where there is nothing to pick from.
fn form(visit: &Visit, action: &Action) -> Result<Option<Form>, Refused> {
    let said = visit.said.as_ref().filter(|said| said.action == action.id && said.problem.is_some());
    let mut fields = Vec::new();
    for field in action.fields {
        let Some(input) = input(visit, action, field, said)? else { return Ok(None) };
        fields.push(input);
    }
    let word = |part: &str| say(&format!("do.{}.{part}", action.id));
    Ok(Some(Form {
        id: action.id,
        action: format!("/e/{}/do/{}", visit.engagement(), action.id),
        token: visit.visitor.form_token.clone(),
        title: word("title"),
        lead: Some(word("lead")),
        problem: said.and_then(|said| said.problem.clone()),
        fields,
        go: word("go"),
    }))
}

fn input(
    visit: &Visit,
    action: &Action,
    field: &Field,
    said: Option<&Said>,
) -> Result<Option<Input>, Refused> {
    let Field { name, ref kind, optional } = *field;
    let mut options = Vec::new();
    let (kind, begins, most) = match kind {
        Kind::Text => ("text", String::new(), 0),
        Kind::Words => ("words", String::new(), 0),
        Kind::Date => ("date", String::new(), 0),
        Kind::Count(begins, most) => ("number", begins.to_string(), *most),
        Kind::Me => ("text", visit.visitor.person.name.clone(), 0),
        Kind::Password => ("password", String::new(), 0),
        Kind::Check => ("checkbox", String::new(), 0),
        Kind::Pick(from) => {
            options = from(visit.store.as_ref(), now()).map_err(internal)?;
            if options.is_empty() && !optional {
                return Ok(None);
            }
            (if options.len() > PICKED_FROM_MAX { "text" } else { "pick" }, String::new(), 0)
        }
    };
    let value = said.and_then(|said| said.filled.get(name).cloned()).unwrap_or(begins);
    let label = say(&format!("do.{}.{name}", action.id));
    let id = format!("{}-{name}", action.id);
    Ok(Some(Input { id, name, label, kind, value, needed: !optional, most, options }))
}

#[derive(Template)]
#[template(path = "said.html")]
struct Told<'a> {
    said: &'a Said,
}

/// What became of the last action, for the top of the page: what was done, and what is wrong with a form that is not
/// there any more.
pub(super) fn told(visit: &Visit, forms: Option<&String>) -> Result<Option<String>, Refused> {
    let beside =
        |said: &Said| forms.is_some_and(|forms| forms.contains(&format!("id=\"do-{}\"", said.action)));
    let said = visit.said.as_ref().filter(|said| said.problem.is_none() || !beside(said));
    said.map(|said| Told { said }.render().map_err(internal)).transpose()
}

#[cfg(test)]
#[path = "actions_tests.rs"]
mod tests;
