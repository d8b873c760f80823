//! The audit log: lines are only ever appended, and each stands on the one before, so that a line changed,
//! inserted or taken out later shows. What a line says can be erased alone: the chain runs over a salted hash of
//! it, and without salt and text the hash tells nothing.
// SPDX-License-Identifier: Apache-2.0

use super::{Timestamp, Work};
use cairn_schemas::digest::sha256;
use rusqlite::{Connection, OptionalExtension as _, params};

/// What stands where a text was erased.
const ERASED: &str = "(erased)";
/// What the first line stands on.
pub(super) const BEGINNING: [u8; 32] = [0; 32];

pub(super) fn append(db: &Connection, by: &str, what: &str, now: Timestamp) -> Work<()> {
    let head = head(db)?;
    db.prepare_cached("insert into audit (at, by, what) values (?1, ?2, ?3)")?
        .execute(params![now.0, by, what])?;
    seal(db, db.last_insert_rowid(), &head, now.0, by, what).map(|_| ())
}

/// The hash of the last line.
pub(super) fn head(db: &Connection) -> Work<[u8; 32]> {
    let mut last = db.prepare_cached("select hash from audit order by id desc limit 1")?;
    Ok(last.query_row([], |row| row.get(0)).optional()?.unwrap_or(BEGINNING))
}

/// Gives a line its salt and hashes; its hash.
fn seal(db: &Connection, id: i64, head: &[u8; 32], at: i64, by: &str, what: &str) -> Work<[u8; 32]> {
    let salt: [u8; 16] = db.prepare_cached("select randomblob(16)")?.query_row([], |row| row.get(0))?;
    let said = commitment(&salt, what);
    let hash = link(head, at, by, &said);
    db.prepare_cached("update audit set salt = ?2, said = ?3, hash = ?4 where id = ?1")?
        .execute(params![id, salt, said, hash])?;
    Ok(hash)
}

fn commitment(salt: &[u8], what: &str) -> [u8; 32] {
    sha256(&[salt, what.as_bytes()].concat())
}

fn link(head: &[u8; 32], at: i64, by: &str, said: &[u8]) -> [u8; 32] {
    sha256(&[&head[..], &at.to_le_bytes(), &(by.len() as u64).to_le_bytes(), by.as_bytes(), said].concat())
}

/// Chains the lines of a file that had no chain yet.
pub(super) fn chain(db: &Connection) -> Work<()> {
    let mut head = BEGINNING;
    for line in lines(db)? {
        head = match line.hash {
            Some(hash) => hash,
            None => seal(db, line.id, &head, line.at, &line.by, &line.what)?,
        };
    }
    Ok(())
}

struct Line {
    id: i64,
    at: i64,
    by: String,
    what: String,
    salt: Option<[u8; 16]>,
    said: Option<[u8; 32]>,
    hash: Option<[u8; 32]>,
}

fn lines(db: &Connection) -> Work<Vec<Line>> {
    let mut query = db.prepare("select id, at, by, what, salt, said, hash from audit order by id")?;
    let rows = query.query_map([], |row| {
        Ok(Line {
            id: row.get(0)?,
            at: row.get(1)?,
            by: row.get(2)?,
            what: row.get(3)?,
            salt: row.get(4)?,
            said: row.get(5)?,
            hash: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What following the chain found.
pub(super) struct Followed {
    pub(super) lines: u64,
    /// Lines whose text was erased, for which the chain holds all the same.
    pub(super) erased: u64,
    /// Number of each line that is not what it was, and why.
    pub(super) faults: Vec<(i64, &'static str)>,
    /// Hash after each line.
    pub(super) hashes: Vec<[u8; 32]>,
}

pub(super) fn follow(db: &Connection) -> Work<Followed> {
    let (mut found, mut head) =
        (Followed { lines: 0, erased: 0, faults: Vec::new(), hashes: Vec::new() }, BEGINNING);
    for line in lines(db)? {
        found.lines += 1;
        let (Some(said), Some(hash)) = (line.said, line.hash) else {
            found.faults.push((line.id, "it is not in the chain"));
            continue;
        };
        match line.salt {
            None if line.what == ERASED => found.erased += 1,
            Some(salt) if commitment(&salt, &line.what) == said => {}
            _ => found.faults.push((line.id, "its text is not what was written")),
        }
        if link(&head, line.at, &line.by, &said) != hash {
            found.faults.push((line.id, "it does not stand on the line before"));
        }
        head = hash;
        found.hashes.push(hash);
    }
    Ok(found)
}

/// Erases the texts that hold one of some words, or are older than a moment. How many.
pub(super) fn erase(db: &Connection, words: &[String], before: Option<Timestamp>) -> Work<u64> {
    let past = |at: i64| before.is_some_and(|before| at < before.0);
    let mut erased = 0;
    for line in lines(db)?.iter().filter(|line| line.salt.is_some()) {
        if past(line.at) || words.iter().any(|word| names(&line.what, word)) {
            db.prepare_cached("update audit set what = ?2, salt = null where id = ?1")?
                .execute(params![line.id, ERASED])?;
            erased += 1;
        }
    }
    Ok(erased)
}

/// Whether a text names something as a whole word; what may stand within a host name parts no words.
pub(super) fn names(text: &str, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            !text[..at].ends_with(joins) && !text[at + word.len()..].trim_end_matches('.').starts_with(joins)
        })
}

pub(super) fn log(db: &Connection) -> Work<Vec<(Timestamp, String, String)>> {
    let mut query = db.prepare_cached("select at, by, what from audit order by id")?;
    let rows = query.query_map([], |row| Ok((Timestamp(row.get(0)?), row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_three() -> Connection {
        let mut db = Connection::open_in_memory().unwrap();
        super::super::schema::prepare(&mut db).unwrap();
        for (at, what) in [(1, "agent a of web1 with token t"), (2, "web10 moved"), (3, "a third")] {
            append(&db, "A. Person", what, Timestamp(at)).unwrap();
        }
        db
    }

    fn faults(db: &Connection) -> Vec<i64> {
        follow(db).unwrap().faults.iter().map(|(id, _)| *id).collect()
    }

    #[test]
    fn whatever_is_changed_shows_where() {
        let check = |change: &str, expected: &[i64]| {
            let db = of_three();
            db.execute_batch(change).unwrap();
            assert_eq!(faults(&db), expected, "{change}");
        };
        check("", &[]);
        check("update audit set what = 'nothing' where id = 2", &[2]);
        check("update audit set what = '(erased)' where id = 2", &[2]);
        check("update audit set by = 'B' where id = 2", &[2]);
        check("update audit set at = 9 where id = 1", &[1]);
        check("delete from audit where id = 2", &[3]);
        check("insert into audit (at, by, what) values (4, 'x', 'y')", &[4]);
    }

    #[test]
    fn a_text_can_be_erased_and_the_chain_holds() {
        let db = of_three();
        assert_eq!(erase(&db, &["web1".into()], None).unwrap(), 1, "web10 is another");
        assert_eq!(erase(&db, &[], Some(Timestamp(3))).unwrap(), 1);
        let found = follow(&db).unwrap();
        assert_eq!((found.lines, found.erased, found.faults.len()), (3, 2, 0));
        assert_eq!(log(&db).unwrap()[0].2, ERASED);
    }

    #[test]
    fn names_are_whole() {
        let check = |text: &str, expected: bool| assert_eq!(names(text, "web1"), expected, "{text}");
        check("web1", true);
        check("agent x of web1, gone", true);
        check("moved to web1.", true);
        check("web10", false);
        check("my-web1", false);
        check("web1.example.org", false);
    }
}
