//! Facts of servers, the later and the person's before the earlier and the machine's.
// SPDX-License-Identifier: Apache-2.0

use super::{Fact, Facts, Work};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// Stands for "always" in the key, before every date.
const ALWAYS: i64 = i64::MIN;

pub(super) fn put(db: &Connection, server: &str, facts: &[(String, Fact)]) -> Work<()> {
    let mut insert = db.prepare_cached(
        "insert into fact (server, name, valid_from, observed_at, by_person, json) values (?1, ?2, ?3, ?4, ?5, ?6)
         on conflict do update set observed_at = excluded.observed_at, by_person = excluded.by_person,
         json = excluded.json
         where excluded.by_person >= by_person and excluded.observed_at >= observed_at",
    )?;
    for (name, fact) in facts {
        let valid_from = fact.valid_from.map_or(ALWAYS, |from| from.0);
        let json = serde_json::to_string(fact)?;
        insert.execute(params![server, name, valid_from, fact.observed_at.0, by_person(fact), json])?;
    }
    Ok(())
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
