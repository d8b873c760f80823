//! What each origin last said of a server, beside the fact that is believed: what a reconciliation compares.
// SPDX-License-Identifier: Apache-2.0

use super::{Fact, Work, facts};
use crate::store::register::{Statement, origin_of};
use cairn_schemas::fact::latest;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

pub(super) fn put(db: &Connection, server: &str, name: &str, fact: &Fact, json: &str) -> Work<()> {
    let mut insert = db.prepare_cached(
        "insert into statement (server, origin, name, observed_at, json) values (?1, ?2, ?3, ?4, ?5)
         on conflict do update set observed_at = excluded.observed_at, json = excluded.json
         where excluded.observed_at >= observed_at",
    )?;
    insert.execute(params![server, origin_of(&fact.source), name, fact.observed_at.0, json])?;
    Ok(())
}

/// Puts all an origin says in place of what it said. A fact that an agent saw or a person confirmed stays; how often
/// one did.
pub(super) fn replace(
    db: &Connection,
    origin: &str,
    all: &BTreeMap<String, Vec<(String, Fact)>>,
) -> Work<u64> {
    db.execute("delete from statement where origin = ?1", [origin])?;
    let mut beside = 0;
    for (server, facts) in all {
        let known = facts::of(db, server)?;
        for (name, fact) in facts {
            let stays = latest(&known, name).is_some_and(|known| {
                known.confirmed_by.is_some() || origin_of(&known.source) == facts::AGENT
            });
            if stays {
                beside += 1;
                put(db, server, name, fact, &serde_json::to_string(fact)?)?;
            } else {
                facts::put(db, server, &[(name.clone(), fact.clone())])?;
            }
        }
    }
    Ok(beside)
}

/// Deletes statements by name and text; how many.
pub(super) fn forget(db: &Connection, is_meant: impl Fn(&str, &str) -> bool) -> Work<u64> {
    let mut query = db.prepare("select server, origin, name, json from statement")?;
    let mut rows = query.query([])?;
    let mut forgotten = 0;
    while let Some(row) = rows.next()? {
        let (server, origin, name, json): (String, String, String, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let fact: Fact = serde_json::from_str(&json)?;
        if fact.value.as_text().is_some_and(|text| is_meant(&name, text)) {
            let delete = "delete from statement where server = ?1 and origin = ?2 and name = ?3";
            forgotten += db.execute(delete, params![server, origin, name])? as u64;
        }
    }
    Ok(forgotten)
}

/// By server, then origin and name. Facts kept before statements were are their origin's statement.
pub(super) fn all(db: &Connection) -> Work<BTreeMap<String, Vec<Statement>>> {
    let mut all: BTreeMap<String, BTreeMap<(String, String), Fact>> = BTreeMap::new();
    for (server, facts) in facts::all(db)? {
        let of_server = all.entry(server).or_default();
        for (name, dated) in facts {
            for fact in dated {
                of_server.insert((origin_of(&fact.source).to_owned(), name.clone()), fact);
            }
        }
    }
    let mut query = db.prepare_cached("select server, origin, name, json from statement")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (server, origin, name, json): (String, String, String, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        all.entry(server).or_default().insert((origin, name), serde_json::from_str(&json)?);
    }
    let statement = |((origin, name), fact)| Statement { origin, name, fact };
    Ok(all.into_iter().map(|(server, said)| (server, said.into_iter().map(statement).collect())).collect())
}
