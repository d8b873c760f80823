//! What an administrator looks after: people, join tokens, every agent, what they are asked to do, backups, and who did
//! what.
// SPDX-License-Identifier: Apache-2.0

use super::parts::{section, steps};
use super::words::{columns, say, with};
use super::{Page, Refused, Role, Visit, internal};
use crate::clock::now;
use crate::number;
use crate::report::{Block, Cell, Row, Table, Tone};
use crate::store::Token;
use crate::store::people::Person;
use cairn_schemas::time::Timestamp;

pub(super) static PAGE: Page =
    Page { id: "administration", least: Role::Admin, in_navigation: true, live: false, build };

/// Rows of the lists; all of them are printed by `cairn`.
const ROWS: usize = 200;

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    let tables = [
        people(visit)?,
        tokens(visit)?,
        agents(visit)?,
        directives(visit)?,
        outbox(visit)?,
        backups(visit)?,
        audit(visit)?,
    ];
    let blocks: Vec<Block> = tables.into_iter().flatten().map(Block::Table).collect();
    let look_after = ["token", "rotate", "revoke", "backup", "erase"];
    Ok(vec![section("administration", blocks)?, steps(visit, "admin", &look_after)?])
}

fn listed(id: &str, names: &[&str], rows: Vec<Row>, all: usize) -> Option<Table> {
    let left = all.saturating_sub(rows.len());
    let foot = (left > 0).then(|| with("admin.left", [("left", left as f64)]));
    (!rows.is_empty()).then(|| Table {
        caption: say(&format!("{id}.title")),
        columns: columns(id, names),
        rows,
        foot,
    })
}

fn people(visit: &Visit) -> Result<Option<Table>, Refused> {
    let people = visit.store.people().map_err(internal)?;
    Ok(listed("people", &PERSON, people.iter().take(ROWS).map(person).collect(), people.len()))
}

/// Columns of [`person`].
pub(super) const PERSON: [&str; 5] = ["name", "role", "how", "since", "#sessions"];

/// Somebody who may open the pages, as a row.
pub(super) fn person(person: &Person) -> Row {
    let how = if person.password.is_some() { "people.password" } else { "people.links" };
    let texts = [
        person.name.clone(),
        person.role.name().to_owned(),
        say(how),
        number::date(person.added_at),
        number::count(person.sessions),
    ];
    Row::new(texts.map(Cell::new))
}

/// Join tokens that still let somebody in.
fn tokens(visit: &Visit) -> Result<Option<Table>, Refused> {
    let tokens = visit.store.tokens(now()).map_err(internal)?;
    let row = |token: &Token| {
        let ring = if token.ring.is_empty() { say("enrolled.no-ring") } else { token.ring.clone() };
        let left = number::count(token.uses_left as usize);
        Row::new([token.id.clone(), left, token.expires_at.to_string(), ring].map(Cell::new))
    };
    let rows = tokens.iter().take(ROWS).map(row).collect();
    Ok(listed("tokens", &["id", "#left", "until", "ring"], rows, tokens.len()))
}

fn agents(visit: &Visit) -> Result<Option<Table>, Refused> {
    let agents = visit.store.agents().map_err(internal)?;
    let row = |agent: &crate::store::Agent| {
        let (state, tone) = if agent.revoked_at.is_some() {
            ("agents.revoked", Tone::Unknown)
        } else {
            ("agents.active", Tone::Good)
        };
        let keys = if agent.key_epochs.asked > agent.key_epochs.current {
            "enrolled.key-asked"
        } else {
            "enrolled.key-current"
        };
        let ring = if agent.ring.is_empty() { say("enrolled.no-ring") } else { agent.ring.clone() };
        let key = Cell::new(say(keys));
        Row::new([
            Cell::new(&agent.hostname),
            Cell::new(agent.id.to_string()),
            Cell::new(say(state)).tone(tone),
            Cell::new(ring),
            Cell::new(number::date(agent.enrolled_at)),
            key,
        ])
    };
    let rows = agents.iter().take(ROWS).map(row).collect();
    Ok(listed("enrolled", &["host", "id", "state", "ring", "since", "key"], rows, agents.len()))
}

fn directives(visit: &Visit) -> Result<Option<Table>, Refused> {
    let held = visit.store.directives().map_err(internal)?;
    let moment = |at: Option<Timestamp>| at.map_or_else(|| say("asked.no-bound"), number::moment);
    let rows: Vec<Row> = held
        .iter()
        .map(|(ring, asked)| {
            let ring = if ring.is_empty() { say("asked.everybody") } else { ring.clone() };
            let state = say(if asked.paused { "asked.paused" } else { "asked.measure" });
            let texts = [
                ring,
                state,
                moment(asked.measure_from),
                moment(asked.measure_until),
                number::int(asked.version as f64),
            ];
            Row::new(texts.map(Cell::new))
        })
        .collect();
    let all = rows.len();
    Ok(listed("asked", &["ring", "state", "from", "until", "#version"], rows, all))
}

fn outbox(visit: &Visit) -> Result<Option<Table>, Refused> {
    let messages = visit.store.outbox().map_err(internal)?;
    let row = |message: &crate::store::OutboxRow| {
        let (state, tone) = match message.delivered_at {
            Some(at) => (with("events.delivered", [("at", number::moment(at))]), Tone::Good),
            None => (with("events.waits", [("tries", f64::from(message.attempts))]), Tone::Attention),
        };
        Row::new([Cell::new(&message.id), Cell::new(state).tone(tone)])
    };
    let rows = messages.iter().rev().take(ROWS).map(row).collect();
    Ok(listed("events", &["id", "state"], rows, messages.len()))
}

fn backups(visit: &Visit) -> Result<Option<Table>, Refused> {
    let made = visit.store.backups().map_err(internal)?;
    let row = |backup: &crate::store::care::Backup| {
        let texts = [
            backup.name.clone(),
            number::moment(backup.at),
            number::bytes(backup.bytes as f64),
            backup.sha256.chars().take(16).collect(),
        ];
        Row::new(texts.map(Cell::new))
    };
    let rows = made.iter().rev().take(ROWS).map(row).collect();
    Ok(listed("backups", &["name", "at", "#bytes", "sha"], rows, made.len()))
}

fn audit(visit: &Visit) -> Result<Option<Table>, Refused> {
    let log = visit.store.audit_log().map_err(internal)?;
    let row = |(at, by, what): &(Timestamp, String, String)| {
        Row::new([Cell::new(number::moment(*at)), Cell::new(by), Cell::new(what)])
    };
    let rows = log.iter().rev().take(ROWS).map(row).collect();
    Ok(listed("audit", &["at", "by", "what"], rows, log.len()))
}
