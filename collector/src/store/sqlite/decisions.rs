//! Decisions of people: numbered, withdrawn and never changed, each with its line in the audit log.
// SPDX-License-Identifier: Apache-2.0

use super::{Timestamp, Work, audit};
use crate::store::register::KeptDecision;
use cairn_schemas::decision::Decision;
use rusqlite::{Connection, OptionalExtension as _, params};

pub(super) fn put(db: &Connection, decision: &Decision, by: &str, now: Timestamp) -> Work<u64> {
    db.execute("insert into decision (server, json) values (?1, '')", [&decision.server])?;
    let id = db.last_insert_rowid();
    let numbered = Decision { id: id as u64, ..decision.clone() };
    db.execute(
        "update decision set json = ?2 where id = ?1",
        params![id, serde_json::to_string(&numbered)?],
    )?;
    let Decision { kind, server, by: decided, .. } = &numbered;
    let rule = numbered.rule.as_ref().map_or(String::new(), |rule| format!(" on {rule}"));
    let what = format!("decision {id}: {}{rule} for {server}, decided by {decided}", kind.name());
    audit::append(db, by, &what, now)?;
    Ok(numbered.id)
}

pub(super) fn withdraw(db: &Connection, id: u64, by: &str, now: Timestamp) -> Work<bool> {
    let mut find = db.prepare_cached("select server from decision where id = ?1 and withdrawn_at is null")?;
    let Some(server) = find.query_row([id as i64], |row| row.get::<_, String>(0)).optional()? else {
        return Ok(false);
    };
    db.execute(
        "update decision set withdrawn_by = ?2, withdrawn_at = ?3 where id = ?1",
        params![id as i64, by, now.0],
    )?;
    audit::append(db, by, &format!("decision {id} for {server} is withdrawn"), now)?;
    Ok(true)
}

pub(super) fn all(db: &Connection) -> Work<Vec<KeptDecision>> {
    let mut query = db.prepare_cached("select json, withdrawn_by, withdrawn_at from decision order by id")?;
    let mut rows = query.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (by, at): (Option<String>, Option<i64>) = (row.get(1)?, row.get(2)?);
        all.push(KeptDecision {
            decision: serde_json::from_str(&row.get::<_, String>(0)?)?,
            withdrawn: by.zip(at.map(Timestamp)),
        });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::super::{SqliteStore, Store as _};
    use super::*;
    use crate::store::care::Care as _;
    use crate::store::register::Register as _;
    use cairn_schemas::decision::DecisionKind;
    use std::collections::BTreeMap;

    fn veto() -> Decision {
        Decision {
            id: 0,
            kind: DecisionKind::Veto,
            server: "web1".into(),
            rule: None,
            by: "Ada".into(),
            on: Timestamp(5),
            expires: None,
            ticket: None,
            words: "it is the till".into(),
            source: "cairn decide".into(),
            despite_proof: false,
        }
    }

    #[test]
    fn a_decision_is_kept_withdrawn_and_never_lost() {
        let store = SqliteStore::in_memory(&"default".parse().unwrap()).unwrap();
        let ids = store.decide(&[veto(), veto()], &BTreeMap::new(), "Bob", Timestamp(9)).unwrap();
        assert_eq!(ids, [1, 2]);
        assert!(store.withdraw_decision(1, "Cleo", Timestamp(10)).unwrap());
        assert!(!store.withdraw_decision(1, "Cleo", Timestamp(11)).unwrap(), "once is enough");
        assert!(!store.withdraw_decision(3, "Cleo", Timestamp(11)).unwrap());
        let kept = store.decisions().unwrap();
        assert_eq!(kept[0].withdrawn, Some(("Cleo".into(), Timestamp(10))));
        assert_eq!((&kept[1].decision, &kept[1].withdrawn), (&Decision { id: 2, ..veto() }, &None));
        let log: Vec<_> = store.audit_log().unwrap().into_iter().map(|(_, by, what)| (by, what)).collect();
        assert_eq!(log.len(), 3);
        assert_eq!(log[0].0, "Bob");
        assert_eq!(log[0].1, "decision 1: veto for web1, decided by Ada");
        assert_eq!(log[2].1, "decision 1 for web1 is withdrawn");
    }

    #[test]
    fn an_erased_server_takes_its_decisions_with_it() {
        let store = SqliteStore::in_memory(&"default".parse().unwrap()).unwrap();
        let other = Decision { server: "web2".into(), words: "runs beside web1".into(), ..veto() };
        store.decide(&[veto(), other], &BTreeMap::new(), "Bob", Timestamp(9)).unwrap();
        let done = store.erasable("web1", false).unwrap().unwrap();
        assert_eq!(done.removed.get("decision"), Some(&1));
        assert_eq!(done.mentioned_by, ["decision 2 of web2"]);
    }
}
