//! [`Timetable`] for the embedded store.
// SPDX-License-Identifier: Apache-2.0

use super::{SqliteStore, Timestamp, Trouble, Work, assessments, audit, outbox};
use crate::store::Result;
use crate::store::timetable::{End, KeptSchedule, Message, Run, Schedule, Timetable};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

impl Timetable for SqliteStore {
    fn put_schedule(&self, schedule: &Schedule, now: Timestamp) -> Result<bool> {
        self.write("keeping a schedule", |db| put(db, schedule, now))
    }

    fn remove_schedule(&self, name: &str, by: &str, now: Timestamp) -> Result<bool> {
        self.write("removing a schedule", |db| remove(db, name, by, now))
    }

    fn schedules(&self) -> Result<Vec<KeptSchedule>> {
        self.read("reading schedules", schedules)
    }

    fn begin_run(&self, schedule: u64, due: Timestamp, missed: u32, now: Timestamp) -> Result<Run> {
        self.write("beginning a run", |db| begin(db, schedule, due, missed, now))
    }

    fn end_run(
        &self,
        run: u64,
        end: End<'_>,
        messages: &dyn Fn(Option<u64>) -> Vec<Message>,
        now: Timestamp,
    ) -> Result<Option<u64>> {
        self.write("ending a run", |db| end_run(db, run, &end, messages, now))
    }

    fn runs(&self) -> Result<Vec<Run>> {
        self.read("reading runs", runs)
    }
}

fn put(db: &Connection, schedule: &Schedule, now: Timestamp) -> Work<bool> {
    let json = serde_json::to_string(schedule)?;
    let added = db.execute(
        "insert into schedule (name, json, created_at) select ?1, ?2, ?3
         where not exists (select 1 from schedule where name = ?1 and removed_at is null)",
        params![schedule.name, json, now.0],
    )?;
    if added > 0 {
        let Schedule { name, cron, zone, by, .. } = schedule;
        audit::append(db, by, &format!("schedule {name}: {cron} in {zone}"), now)?;
    }
    Ok(added > 0)
}

fn remove(db: &Connection, name: &str, by: &str, now: Timestamp) -> Work<bool> {
    let removed = db.execute(
        "update schedule set removed_at = ?2 where name = ?1 and removed_at is null",
        params![name, now.0],
    )?;
    if removed > 0 {
        audit::append(db, by, &format!("schedule {name} removed"), now)?;
    }
    Ok(removed > 0)
}

fn schedules(db: &Connection) -> Work<Vec<KeptSchedule>> {
    let mut query = db
        .prepare_cached("select id, json, created_at from schedule where removed_at is null order by name")?;
    let rows =
        query.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get(2)?)))?;
    rows.map(|row| {
        let (id, json, created_at) = row?;
        let schedule = serde_json::from_str(&json)?;
        Ok(KeptSchedule { id: id as u64, schedule, created_at: Timestamp(created_at) })
    })
    .collect()
}

const RUN: &str = "select r.id, r.schedule, s.name, r.due, r.missed, r.started_at, r.tries, r.ended_at, r.assessment, r.failure,
    a.id is not null from schedule_run r join schedule s on s.id = r.schedule
    left join assessment a on a.id = r.assessment";

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: row.get::<_, i64>(0)? as u64,
        schedule: row.get::<_, i64>(1)? as u64,
        name: row.get(2)?,
        due: Timestamp(row.get(3)?),
        missed: row.get(4)?,
        started_at: Timestamp(row.get(5)?),
        tries: row.get(6)?,
        ended_at: row.get::<_, Option<i64>>(7)?.map(Timestamp),
        assessment: row.get::<_, Option<i64>>(8)?.map(|id| id as u64),
        failure: row.get(9)?,
        kept: row.get(10)?,
    })
}

fn runs(db: &Connection) -> Work<Vec<Run>> {
    let mut query = db.prepare_cached(&format!("{RUN} order by r.id"))?;
    let rows = query.query_map([], run)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn one(db: &Connection, id: i64) -> Work<Option<Run>> {
    let mut query = db.prepare_cached(&format!("{RUN} where r.id = ?1"))?;
    Ok(query.query_row([id], run).optional()?)
}

fn begin(db: &Connection, schedule: u64, due: Timestamp, missed: u32, now: Timestamp) -> Work<Run> {
    let id: i64 = db.query_row(
        "insert into schedule_run (schedule, due, missed, started_at, tries) values (?1, ?2, ?3, ?4, 1)
         on conflict (schedule, due) do update set started_at = ?4, tries = tries + 1 where ended_at is null
         returning id",
        params![schedule as i64, due.0, missed, now.0],
        |row| row.get(0),
    )?;
    one(db, id)?.ok_or_else(|| Trouble::Damaged(format!("run {id} of no schedule")))
}

fn end_run(
    db: &Connection,
    id: u64,
    end: &End<'_>,
    messages: &dyn Fn(Option<u64>) -> Vec<Message>,
    now: Timestamp,
) -> Work<Option<u64>> {
    let number = match end {
        End::Assessed(assessment) => Some(assessments::put(db, assessment)?),
        End::Failed(_) => None,
    };
    let failure = match end {
        End::Assessed(_) => None,
        End::Failed(why) => Some(*why),
    };
    let ended = db.execute(
        "update schedule_run set ended_at = ?2, assessment = ?3, failure = ?4 where id = ?1 and ended_at is null",
        params![id as i64, now.0, number.map(|number| number as i64), failure],
    )?;
    if ended == 0 {
        return Err(Trouble::Refused(format!("run {id} has ended before, or there is none")));
    }
    for message in messages(number) {
        if outbox::enqueue(db, &message.id, &message.body, now)? {
            audit::append(db, "cairn", &message.audit, now)?;
        }
    }
    trim(db, id, now)?;
    Ok(number)
}

/// Removes drafts of a schedule beyond those it keeps, the one of this run never.
fn trim(db: &Connection, run: u64, now: Timestamp) -> Work<()> {
    let removed = db.execute(
        "delete from assessment where state = 0 and id in (
            select r.assessment from schedule_run r join schedule s on s.id = r.schedule
            where r.schedule = (select schedule from schedule_run where id = ?1) and r.assessment is not null
            and r.id < ?1
            and json_extract(s.json, '$.keep') <= (select count(*) from schedule_run l join assessment a
                on a.id = l.assessment where l.schedule = r.schedule and l.id > r.id))",
        [run as i64],
    )?;
    if removed > 0 {
        audit::append(
            db,
            "cairn",
            &format!("{removed} drafts of a schedule removed: later ones stand in their place"),
            now,
        )?;
    }
    Ok(())
}
