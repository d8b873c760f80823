//! Facts of servers, the later and the person's before the earlier and the machine's.
// SPDX-License-Identifier: Apache-2.0

use super::{Fact, Facts, Timestamp, Work, statements};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::BTreeMap;

/// Stands for "always" in the key, before every date.
const ALWAYS: i64 = i64::MIN;
/// How the source of a fact begins which an agent saw.
pub(super) const AGENT: &str = "agent";

pub(super) fn put(db: &Connection, server: &str, facts: &[(String, Fact)]) -> Work<()> {
    let mut insert = db.prepare_cached(
        "insert into fact (server, name, valid_from, observed_at, by_person, json) values (?1, ?2, ?3, ?4, ?5, ?6)
         on conflict do update set observed_at = excluded.observed_at, by_person = excluded.by_person,
         json = excluded.json
         where excluded.by_person >= by_person and excluded.observed_at >= observed_at",
    )?;
    let mut overrule = db.prepare_cached(
        "delete from fact where server = ?1 and name = ?2 and by_person = 0 and observed_at <= ?3",
    )?;
    for (name, fact) in facts {
        let valid_from = fact.valid_from.map_or(ALWAYS, |from| from.0);
        if by_person(fact) && valid_from == ALWAYS {
            overrule.execute(params![server, name, fact.observed_at.0])?;
        }
        let json = serde_json::to_string(fact)?;
        insert.execute(params![server, name, valid_from, fact.observed_at.0, by_person(fact), json])?;
        statements::put(db, server, name, fact, &json)?;
    }
    Ok(())
}

/// What samples are put in proportion to, or says what kind of machine was measured: a change of it must not alter
/// what was measured before it.
const DATED: [&str; 9] = [
    "cpu_model",
    "cpu_cores",
    "cpu_threads",
    "cpu_mhz",
    "memory_bytes",
    "disk_bytes",
    "disk_bytes_per_s",
    "network_bytes_per_s",
    "virtualization",
];

/// Adds what an agent sees of its own machine. Where that differs from what agents saw before, it holds from then on,
/// and the time before keeps what was true of it. What others said is corrected, not followed.
pub(super) fn observe(db: &Connection, server: &str, facts: Vec<(String, Fact)>) -> Work<()> {
    let mut latest = db.prepare_cached(
        "select valid_from, observed_at, json from fact where server = ?1 and name = ?2
         order by valid_from desc limit 1",
    )?;
    let mut observed = facts;
    for (name, fact) in observed.iter_mut().filter(|(name, _)| DATED.contains(&name.as_str())) {
        let row =
            |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?));
        let row = latest.query_row(params![server, &*name], row).optional()?;
        let Some((valid_from, observed_at, json)) = row else { continue };
        let known: Fact = serde_json::from_str(&json)?;
        let differs = known.value != fact.value && is_observed(&known);
        fact.valid_from = match differs {
            true if observed_at < fact.observed_at.0 => Some(fact.observed_at),
            _ => Some(Timestamp(valid_from)).filter(|_| valid_from != ALWAYS),
        };
    }
    put(db, server, &observed)
}

fn is_observed(fact: &Fact) -> bool {
    fact.source == AGENT || fact.source.starts_with(&format!("{AGENT}:"))
}

fn by_person(fact: &Fact) -> bool {
    fact.confirmed_by.is_some() || fact.source.starts_with("person")
}

pub(super) fn of(db: &Connection, server: &str) -> Work<Facts> {
    let mut query =
        db.prepare_cached("select name, json from fact where server = ?1 order by name, valid_from")?;
    let rows = query.query_map([server], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut facts = Facts::new();
    for row in rows {
        let (name, json) = row?;
        facts.entry(name).or_default().push(serde_json::from_str(&json)?);
    }
    Ok(facts)
}

pub(super) fn all(db: &Connection) -> Work<BTreeMap<String, Facts>> {
    let mut query =
        db.prepare_cached("select server, name, json from fact order by server, name, valid_from")?;
    let mut rows = query.query([])?;
    let mut all: BTreeMap<String, Facts> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (server, name, json): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        all.entry(server).or_default().entry(name).or_default().push(serde_json::from_str(&json)?);
    }
    Ok(all)
}
