//! The register of outcomes: numbered, withdrawn and never changed, each entry with its line in the audit log.
// SPDX-License-Identifier: Apache-2.0

use super::{Result, SqliteStore, StoreError, Timestamp, Work, audit, journey};
use crate::store::outcomes::{Entered, Entries, KeptStep, Outcomes, Sealed};
use cairn_schemas::digest::{hex, sha256_hex};
use cairn_schemas::outcome::{Baseline, Delay, Outcome, Realisation, Register, SignedBaseline, Step};
use ring::signature::{ED25519, UnparsedPublicKey};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

impl Outcomes for SqliteStore {
    fn enter(&self, entries: &Entries, by: &str, now: Timestamp) -> Result<Entered> {
        let known = self.read("reading outcomes", outcome_ids)?;
        if let Some((unknown, _)) = entries.realised.iter().find(|(id, _)| !known.contains(id)) {
            return Err(StoreError::Refused(format!("there is no outcome {unknown}")));
        }
        self.write("keeping outcomes", |db| enter(db, entries, by, now))
    }

    fn withdraw_step(&self, id: u64, by: &str, now: Timestamp) -> Result<bool> {
        self.write("withdrawing a step", |db| withdraw(db, id, by, now))
    }

    fn put_baseline(&self, sealed: &Sealed, now: Timestamp) -> Result<u64> {
        self.write("keeping a baseline", |db| put_baseline(db, sealed, now))
    }

    fn steps(&self) -> Result<Vec<KeptStep>> {
        self.read("reading steps", steps)
    }

    fn outcomes(&self) -> Result<Register> {
        self.read("reading the register of outcomes", register)
    }
}

fn enter(db: &Connection, entries: &Entries, by: &str, now: Timestamp) -> Work<Entered> {
    let outcomes = entries.outcomes.iter().map(|outcome| put_outcome(db, outcome, by, now));
    let outcomes = outcomes.collect::<Work<Vec<u64>>>()?;
    for (outcome, realised) in &entries.realised {
        put_realisation(db, *outcome, realised, by, now)?;
    }
    let steps = entries.steps.iter().map(|step| put_step(db, step, by, now)).collect::<Work<Vec<u64>>>()?;
    entries.delays.iter().try_for_each(|delay| put_delay(db, delay, by, now))?;
    entries.moments.iter().try_for_each(|moment| journey::record_moment(db, moment, now))?;
    Ok(Entered { outcomes, steps })
}

fn put_outcome(db: &Connection, outcome: &Outcome, by: &str, now: Timestamp) -> Work<u64> {
    db.execute("insert into outcome (json) values ('')", [])?;
    let id = db.last_insert_rowid();
    let kept = Outcome { id: id as u64, realised: Vec::new(), ..outcome.clone() };
    db.execute("update outcome set json = ?2 where id = ?1", params![id, serde_json::to_string(&kept)?])?;
    let Outcome { owner, baseline, target, unit, due, .. } = &kept;
    let what = format!("outcome {id} of {owner}: from {baseline} to {target} {unit} by {}", due.date());
    audit::append(db, by, &what, now)?;
    outcome.realised.iter().try_for_each(|realised| put_realisation(db, kept.id, realised, by, now))?;
    Ok(kept.id)
}

fn put_realisation(
    db: &Connection,
    outcome: u64,
    realised: &Realisation,
    by: &str,
    now: Timestamp,
) -> Work<()> {
    let json = serde_json::to_string(realised)?;
    db.execute("insert into realisation (outcome, json) values (?1, ?2)", params![outcome as i64, json])?;
    let Realisation { indicator, basis, on, by: says, .. } = realised;
    let what = format!(
        "outcome {outcome} stands at {indicator} on {}, {}, says {says}",
        on.date(),
        basis.name().replace('_', " ")
    );
    audit::append(db, by, &what, now)
}

fn put_step(db: &Connection, step: &Step, by: &str, now: Timestamp) -> Work<u64> {
    db.execute("insert into step (server, json) values (?1, '')", [&step.server])?;
    let id = db.last_insert_rowid();
    let kept = Step { id: id as u64, ..step.clone() };
    db.execute("update step set json = ?2 where id = ?1", params![id, serde_json::to_string(&kept)?])?;
    let Step { server, step, on, by: says, .. } = &kept;
    let what = format!("step {id}: {server} {} on {}, says {says}", step.name().replace('_', " "), on.date());
    audit::append(db, by, &what, now)?;
    Ok(kept.id)
}

fn put_delay(db: &Connection, delay: &Delay, by: &str, now: Timestamp) -> Work<()> {
    let json = serde_json::to_string(delay)?;
    db.execute("insert into delay (server, json) values (?1, ?2)", params![delay.server, json])?;
    let what = format!("{} is late, cause {}, says {}", delay.server, delay.cause.name(), delay.by);
    audit::append(db, by, &what, now)
}

fn withdraw(db: &Connection, id: u64, by: &str, now: Timestamp) -> Work<bool> {
    let mut find = db.prepare_cached("select server from step where id = ?1 and withdrawn_at is null")?;
    let Some(server) = find.query_row([id as i64], |row| row.get::<_, String>(0)).optional()? else {
        return Ok(false);
    };
    db.execute(
        "update step set withdrawn_by = ?2, withdrawn_at = ?3 where id = ?1",
        params![id as i64, by, now.0],
    )?;
    audit::append(db, by, &format!("step {id} of {server} is withdrawn"), now)?;
    Ok(true)
}

fn put_baseline(db: &Connection, sealed: &Sealed, now: Timestamp) -> Work<u64> {
    let Sealed { baseline, json, public_key, signature } = sealed;
    db.execute(
        "insert into baseline (server, json, public_key, signature) values (?1, ?2, ?3, ?4)",
        params![baseline.server, json, public_key, signature],
    )?;
    let id = db.last_insert_rowid() as u64;
    let hash = sha256_hex(json.as_bytes());
    let what = format!("baseline {id} of {} is frozen: sha256 {hash}", baseline.server);
    audit::append(db, &baseline.by, &what, now)?;
    Ok(id)
}

fn outcome_ids(db: &Connection) -> Work<Vec<u64>> {
    let mut query = db.prepare_cached("select id from outcome order by id")?;
    let ids = query.query_map([], |row| row.get::<_, i64>(0))?;
    ids.map(|id| Ok(id? as u64)).collect()
}

pub(super) fn steps(db: &Connection) -> Work<Vec<KeptStep>> {
    let mut query = db.prepare_cached("select json, withdrawn_by, withdrawn_at from step order by id")?;
    let mut rows = query.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (by, at): (Option<String>, Option<i64>) = (row.get(1)?, row.get(2)?);
        all.push(KeptStep {
            step: serde_json::from_str(&row.get::<_, String>(0)?)?,
            withdrawn: by.zip(at.map(Timestamp)),
        });
    }
    Ok(all)
}

pub(super) fn register(db: &Connection) -> Work<Register> {
    let mut realised: BTreeMap<u64, Vec<Realisation>> = BTreeMap::new();
    let mut query = db.prepare_cached("select outcome, json from realisation order by id")?;
    let rows = query.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    for row in rows {
        let (outcome, json) = row?;
        realised.entry(outcome as u64).or_default().push(serde_json::from_str(&json)?);
    }
    let mut outcomes: Vec<Outcome> = all(db, "select json from outcome order by id")?;
    for outcome in &mut outcomes {
        outcome.realised = realised.remove(&outcome.id).unwrap_or_default();
        outcome.realised.sort_by_key(|realised| realised.on);
    }
    let steps = steps(db)?.into_iter().filter(|kept| kept.withdrawn.is_none()).map(|kept| kept.step);
    Ok(Register {
        outcomes,
        steps: steps.collect(),
        delays: all(db, "select json from delay order by id")?,
        baselines: baselines(db)?,
    })
}

fn all<T: DeserializeOwned>(db: &Connection, sql: &str) -> Work<Vec<T>> {
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map([], |row| row.get::<_, String>(0))?;
    rows.map(|json| Ok(serde_json::from_str(&json?)?)).collect()
}

fn baselines(db: &Connection) -> Work<Vec<SignedBaseline>> {
    let mut query = db.prepare_cached("select id, json, public_key, signature from baseline order by id")?;
    let mut rows = query.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (json, key, signature): (String, Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let baseline: Baseline = serde_json::from_str(&json)?;
        let verified = UnparsedPublicKey::new(&ED25519, &key).verify(json.as_bytes(), &signature);
        all.push(SignedBaseline {
            id: row.get::<_, i64>(0)? as u64,
            baseline,
            public_key: hex(&key),
            signature: hex(&signature),
            is_intact: verified.is_ok(),
        });
    }
    Ok(all)
}

#[cfg(test)]
#[path = "outcomes_tests.rs"]
mod tests;
