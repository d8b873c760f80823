//! What people record of the journey: reasons to go, what happened for the first time, answers to the checklist.
// SPDX-License-Identifier: Apache-2.0

use super::{Result, SqliteStore, Timestamp, Work, outbox};
use crate::store::diary::Diary;
use cairn_assess::estate::{Answer, Moment, RecordedTrigger};
use rusqlite::Connection;
use serde::de::DeserializeOwned;

impl Diary for SqliteStore {
    fn record_trigger(&self, trigger: &RecordedTrigger, now: Timestamp) -> Result<()> {
        self.write("recording a trigger", |db| record_trigger(db, trigger, now))
    }

    fn triggers(&self) -> Result<Vec<RecordedTrigger>> {
        self.read("reading triggers", triggers)
    }

    fn record_moment(&self, moment: &Moment, now: Timestamp) -> Result<()> {
        self.write("recording a moment", |db| record_moment(db, moment, now))
    }

    fn moments(&self) -> Result<Vec<Moment>> {
        self.read("reading moments", moments)
    }

    fn put_answers(&self, answers: &[Answer], by: &str, now: Timestamp) -> Result<()> {
        self.write("keeping answers", |db| put_answers(db, answers, by, now))
    }

    fn answers(&self) -> Result<Vec<Answer>> {
        self.read("reading answers", answers)
    }
}

fn record_trigger(db: &Connection, trigger: &RecordedTrigger, now: Timestamp) -> Work<()> {
    db.execute("insert into business_trigger (json) values (?1)", [serde_json::to_string(trigger)?])?;
    let RecordedTrigger { phase, trigger: what, by, on } = trigger;
    outbox::audit(db, by, &format!("recorded trigger {what} of phase {phase}, as of {}", on.date()), now)
}

fn triggers(db: &Connection) -> Work<Vec<RecordedTrigger>> {
    all(db, "select json from business_trigger order by id", |trigger: &RecordedTrigger| trigger.on)
}

pub(super) fn record_moment(db: &Connection, moment: &Moment, now: Timestamp) -> Work<()> {
    db.execute("insert into moment (json) values (?1)", [serde_json::to_string(moment)?])?;
    let Moment { moment: what, by, on, .. } = moment;
    outbox::audit(db, by, &format!("recorded moment {what} of {}", on.date()), now)
}

pub(super) fn moments(db: &Connection) -> Work<Vec<Moment>> {
    all(db, "select json from moment order by id", |moment: &Moment| moment.on)
}

fn put_answers(db: &Connection, answers: &[Answer], by: &str, now: Timestamp) -> Work<()> {
    for answer in answers {
        db.prepare_cached("insert into answer (json) values (?1)")?
            .execute([serde_json::to_string(answer)?])?;
    }
    outbox::audit(db, by, &format!("answered {} points of the checklist", answers.len()), now)
}

fn answers(db: &Connection) -> Work<Vec<Answer>> {
    all(db, "select json from answer order by id", |answer: &Answer| answer.on)
}

fn all<T: DeserializeOwned>(db: &Connection, sql: &str, on: impl Fn(&T) -> Timestamp) -> Work<Vec<T>> {
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map([], |row| row.get::<_, String>(0))?;
    let mut all: Vec<T> = rows.map(|json| Ok(serde_json::from_str(&json?)?)).collect::<Work<_>>()?;
    all.sort_by_key(on);
    Ok(all)
}
