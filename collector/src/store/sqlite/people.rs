//! [`People`] for the embedded store.
// SPDX-License-Identifier: Apache-2.0

use super::{SqliteStore, Timestamp, Trouble, Work, outbox};
use crate::store::people::{Begun, Digest, NewPerson, People, Person, Role};
use crate::store::{Result, StoreError};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// A session counts as used to the minute: not every page writes.
const SEEN_EVERY_S: i64 = 60;
const PERSON: &str = "select id, name, role, password, added_at,
    (select count(*) from session where session.person = person.id) from person";

fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        id: row.get(0)?,
        name: row.get(1)?,
        role: role(row.get(2)?),
        password: row.get(3)?,
        added_at: Timestamp(row.get(4)?),
        sessions: row.get::<_, i64>(5)? as usize,
    })
}

/// A number nobody wrote is the least.
fn role(number: i64) -> Role {
    Role::ALL.into_iter().find(|role| *role as i64 == number).unwrap_or(Role::Viewer)
}

fn of_name(db: &Connection, name: &str) -> Work<Option<Person>> {
    let mut query = db.prepare_cached(&format!("{PERSON} where name = ?1"))?;
    Ok(query.query_row([name], person).optional()?)
}

/// An engagement without an admin could be looked after by nobody from a page.
fn not_the_last_admin(db: &Connection, person: &Person, what: &str) -> Work<()> {
    let sql = "select count(*) from person where role = ?1 and id <> ?2";
    let others: i64 = db.query_row(sql, params![Role::Admin as i64, person.id], |row| row.get(0))?;
    if person.role == Role::Admin && others == 0 {
        let name = &person.name;
        return Err(Trouble::Refused(format!(
            "{name} is the last admin and cannot be {what}; make somebody else admin first"
        )));
    }
    Ok(())
}

/// Removes what has run out.
fn tidy(db: &Connection, now: Timestamp) -> Work<()> {
    db.execute("delete from entry_link where expires_at <= ?1", [now.0])?;
    db.execute("delete from session where expires_at <= ?1 or seen_at + idle_s <= ?1", [now.0])?;
    Ok(())
}

fn begin(db: &Connection, person: &Person, session: &Begun, how: &str, now: Timestamp) -> Work<()> {
    tidy(db, now)?;
    db.execute(
        "insert into session (secret_sha256, person, begun_at, seen_at, idle_s, expires_at)
         values (?1, ?2, ?3, ?3, ?4, ?5)",
        params![session.secret_sha256, person.id, now.0, session.idle_s, session.expires_at.0],
    )?;
    outbox::audit(db, &person.name, &format!("signed in {how}"), now)
}

fn end_all(db: &Connection, person: i64) -> Work<usize> {
    db.execute("delete from entry_link where person = ?1", [person])?;
    Ok(db.execute("delete from session where person = ?1", [person])?)
}

impl SqliteStore {
    /// Does something to a person and says so in the audit; `false` when there is none of the name.
    fn with_person(
        &self,
        tried: &str,
        (name, by, now): (&str, &str, Timestamp),
        work: impl FnOnce(&Connection, &Person) -> Work<String>,
    ) -> Result<bool> {
        self.write(tried, |db| {
            let Some(person) = of_name(db, name)? else { return Ok(false) };
            let what = work(db, &person)?;
            outbox::audit(db, by, &what, now)?;
            Ok(true)
        })
    }
}

impl People for SqliteStore {
    fn people(&self) -> Result<Vec<Person>> {
        self.read("reading people", |db| {
            let mut query = db.prepare_cached(&format!("{PERSON} order by name"))?;
            let rows = query.query_map([], person)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    fn person(&self, name: &str) -> Result<Option<Person>> {
        self.read("reading a person", |db| of_name(db, name))
    }

    fn add_person(&self, new: &NewPerson<'_>, by: &str, now: Timestamp) -> Result<bool> {
        self.write("adding a person", |db| {
            let NewPerson { name, role, password } = new;
            let added = db.execute(
                "insert into person (name, role, password, added_at) values (?1, ?2, ?3, ?4)
                 on conflict do nothing",
                params![name, *role as i64, password, now.0],
            )?;
            if added > 0 {
                outbox::audit(db, by, &format!("added {name} as {}", role.name()), now)?;
            }
            Ok(added > 0)
        })
    }

    fn set_role(&self, name: &str, role: Role, by: &str, now: Timestamp) -> Result<bool> {
        self.with_person("giving a person a role", (name, by, now), |db, person| {
            if role != Role::Admin {
                not_the_last_admin(db, person, "anything less")?;
            }
            db.execute("update person set role = ?2 where id = ?1", params![person.id, role as i64])?;
            Ok(format!("made {} {}, before {}", person.name, role.name(), person.role.name()))
        })
    }

    fn set_password(&self, name: &str, password: &str, by: &str, now: Timestamp) -> Result<bool> {
        self.with_person("giving a person a password", (name, by, now), |db, person| {
            db.execute("update person set password = ?2 where id = ?1", params![person.id, password])?;
            let ended = end_all(db, person.id)?;
            Ok(format!("gave {} another password, which ends {ended} sessions", person.name))
        })
    }

    fn remove_person(&self, name: &str, by: &str, now: Timestamp) -> Result<bool> {
        self.with_person("removing a person", (name, by, now), |db, person| {
            not_the_last_admin(db, person, "removed")?;
            end_all(db, person.id)?;
            db.execute("delete from person where id = ?1", [person.id])?;
            Ok(format!("removed {}, who was {}", person.name, person.role.name()))
        })
    }

    fn put_link(
        &self,
        name: &str,
        link: &Digest,
        until: Timestamp,
        by: &str,
        now: Timestamp,
    ) -> Result<bool> {
        self.with_person("keeping a link", (name, by, now), |db, person| {
            tidy(db, now)?;
            db.execute(
                "insert into entry_link (secret_sha256, person, expires_at) values (?1, ?2, ?3)",
                params![link, person.id, until.0],
            )?;
            Ok(format!("made a link that signs {} in once, until {until}", person.name))
        })
    }

    fn begin_by_link(&self, link: &Digest, session: &Begun, now: Timestamp) -> Result<Option<Person>> {
        self.write("signing in by a link", |db| {
            let sql = "delete from entry_link where secret_sha256 = ?1 and expires_at > ?2 returning person";
            let id: Option<i64> = db.query_row(sql, params![link, now.0], |row| row.get(0)).optional()?;
            let Some(id) = id else { return Ok(None) };
            let found = db.query_row(&format!("{PERSON} where id = ?1"), [id], person)?;
            begin(db, &found, session, "by a link", now)?;
            Ok(Some(found))
        })
    }

    fn begin_session(&self, known: &Person, session: &Begun, now: Timestamp) -> Result<bool> {
        self.write("signing in", |db| {
            let found = db.query_row(&format!("{PERSON} where id = ?1"), [known.id], person).optional()?;
            let Some(found) = found.filter(|found| found.password == known.password) else {
                return Ok(false);
            };
            begin(db, &found, session, "with a password", now)?;
            Ok(true)
        })
    }

    fn session(&self, secret: &Digest, now: Timestamp) -> Result<Option<Person>> {
        let found = self.read("reading a session", |db| {
            let mut query = db.prepare_cached(
                "select person, seen_at from session
                 where secret_sha256 = ?1 and expires_at > ?2 and seen_at + idle_s > ?2",
            )?;
            let held = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
            let Some((id, seen_at)) = query.query_row(params![secret, now.0], held).optional()? else {
                return Ok(None);
            };
            let mut query = db.prepare_cached(&format!("{PERSON} where id = ?1"))?;
            Ok(query.query_row([id], person).optional()?.map(|person| (person, seen_at)))
        })?;
        let Some((person, seen_at)) = found else { return Ok(None) };
        if now.0 - seen_at >= SEEN_EVERY_S {
            let seen = self.write("keeping that a session was used", |db| {
                db.execute(
                    "update session set seen_at = ?2 where secret_sha256 = ?1",
                    params![secret, now.0],
                )?;
                Ok(())
            });
            // Pages can be looked at while the disk is full.
            seen.or_else(|error| if matches!(error, StoreError::Full(_)) { Ok(()) } else { Err(error) })?;
        }
        Ok(Some(person))
    }

    fn end_session(&self, secret: &Digest, now: Timestamp) -> Result<bool> {
        self.write("signing out", |db| {
            let sql = "delete from session where secret_sha256 = ?1 returning person";
            let id: Option<i64> = db.query_row(sql, [secret], |row| row.get(0)).optional()?;
            let Some(id) = id else { return Ok(false) };
            let name: String =
                db.query_row("select name from person where id = ?1", [id], |row| row.get(0))?;
            outbox::audit(db, &name, "signed out", now)?;
            Ok(true)
        })
    }

    fn end_sessions(&self, name: Option<&str>, by: &str, now: Timestamp) -> Result<Option<usize>> {
        self.write("ending sessions", |db| {
            let (ended, whose) = match name {
                None => {
                    db.execute("delete from entry_link", [])?;
                    (db.execute("delete from session", [])?, "everybody".to_owned())
                }
                Some(name) => {
                    let Some(person) = of_name(db, name)? else { return Ok(None) };
                    (end_all(db, person.id)?, person.name)
                }
            };
            outbox::audit(db, by, &format!("ended {ended} sessions of {whose}"), now)?;
            Ok(Some(ended))
        })
    }
}

#[cfg(test)]
#[path = "people_tests.rs"]
mod tests;
