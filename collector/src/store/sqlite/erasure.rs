//! Erasing a server: every row about it, every other text that names it, and then the bytes themselves from the
//! file and its log. What an issued assessment says of it stays unless it is to go with it.
// SPDX-License-Identifier: Apache-2.0

use super::{
    SourceId, SqliteStore, Timestamp, Trouble, Work, assessments, audit, decisions, engine, journey, kept,
    outcomes, statements,
};
use crate::store::care::Erasure;
use crate::store::{Result, ReviewState};
use cairn_schemas::digest::sha256_hex;
use cairn_schemas::fact::{Fact, FactValue, TAG_PREFIX};
use cairn_schemas::identity::Id128;
use rusqlite::{Connection, Row, params};

/// Tables with a column `source`, and what a row of it is.
const BY_SOURCE: [(&str, &str); 5] = [
    ("day_block", "day block"),
    ("week_block", "weekly summary"),
    ("gap", "gap"),
    ("agent", "agent"),
    ("source_mapping", MAPPING),
];
/// Tables with a column `agent`, likewise.
const BY_AGENT: [(&str, &str); 5] = [
    ("inbox", "batch of the inbox"),
    ("received", "hash of a batch"),
    ("spool", "spool"),
    ("quarantine", "batch in quarantine"),
    ("retired_key", "retired key"),
];
const MAPPING: &str = "source once mapped";
/// What stands for the name in a message that has not left yet.
const ERASED: &str = "(erased)";

/// What is about a server.
struct Subject {
    name: String,
    sources: Vec<SourceId>,
    agents: Vec<Id128>,
    /// Its name, and what else names it: host names, identities, keys.
    words: Vec<String>,
}

/// Erases the rows about a server; `None` when there is nothing about it. Of one that was erased before there may
/// still be issued assessments.
pub(super) fn erase(db: &Connection, server: &str, with_issued: bool) -> Work<Option<Erasure>> {
    let mut done = Erasure::default();
    match subject(db, server)? {
        Some(subject) => {
            done.agents = subject.agents.iter().map(ToString::to_string).collect();
            rows(db, &subject, &mut done)?;
            mentions(db, &subject, &mut done)?;
            assessments_of(db, server, with_issued, &mut done)?;
            done.inputs_removed = kept::forget(db, &subject.words)?;
            done.removed.insert("input of an assessment", done.inputs_removed.len() as u64);
        }
        None if with_issued => assessments_of(db, server, true, &mut done)?,
        None => {}
    }
    done.removed.retain(|_, count| *count > 0);
    Ok((!done.removed.is_empty()).then_some(done))
}

fn subject(db: &Connection, server: &str) -> Work<Option<Subject>> {
    let name = server.to_owned();
    let mut subject = Subject { words: vec![name.clone()], name, sources: Vec::new(), agents: Vec::new() };
    let mut query = db.prepare("select id, key from source where server = ?1")?;
    let sources = query.query_map([server], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    for source in sources {
        let (id, key) = source?;
        let mut query = db.prepare("select id, hostname from agent where source = ?1")?;
        let agents = query.query_map([id], |row| Ok((Id128(row.get(0)?), row.get::<_, String>(1)?)))?;
        for agent in agents {
            let (agent, hostname) = agent?;
            subject.words.extend([agent.to_string(), hostname]);
            subject.agents.push(agent);
        }
        subject.sources.push(id);
        subject.words.push(key);
    }
    subject.words.sort();
    subject.words.dedup();
    let known = "select 1 from fact where server = ?1 union all select 1 from decision where server = ?1
                 union all select 1 from step where server = ?1";
    let has_facts = db.prepare(known)?.exists([server])?;
    Ok((has_facts || !subject.sources.is_empty()).then_some(subject))
}

fn rows(db: &Connection, subject: &Subject, done: &mut Erasure) -> Work<()> {
    for (table, what) in BY_AGENT {
        let mut delete = db.prepare(&format!("delete from {table} where agent = ?1"))?;
        for agent in &subject.agents {
            *done.removed.entry(what).or_default() += delete.execute([agent.0])? as u64;
        }
    }
    let mut forget = db.prepare("update agent set moved_from = null where moved_from = ?1")?;
    for agent in &subject.agents {
        *done.removed.entry("origin of a copy").or_default() += forget.execute([agent.0])? as u64;
    }
    for (table, what) in BY_SOURCE {
        let mut delete = db.prepare(&format!("delete from {table} where source = ?1"))?;
        for source in &subject.sources {
            *done.removed.entry(what).or_default() += delete.execute([source])? as u64;
        }
    }
    let mut count = |what, sql: &str| -> Work<()> {
        *done.removed.entry(what).or_default() += db.execute(sql, [&subject.name])? as u64;
        Ok(())
    };
    // Of sources that were about it once and are about another server now.
    count(MAPPING, "delete from source_mapping where server = ?1")?;
    count("source", "delete from source where server = ?1")?;
    count("decision", "delete from decision where server = ?1")?;
    count("statement", "delete from statement where server = ?1")?;
    count("step", "delete from step where server = ?1")?;
    count("reason for a delay", "delete from delay where server = ?1")?;
    count("baseline", "delete from baseline where server = ?1")?;
    count("fact", "delete from fact where server = ?1")
}

/// What names it elsewhere: facts of other servers, messages, the audit log.
fn mentions(db: &Connection, subject: &Subject, done: &mut Erasure) -> Work<()> {
    facts_elsewhere(db, subject, done)?;
    let said = statements::forget(db, |name, text| points(name) && subject.words.iter().any(|w| w == text))?;
    done.removed.insert("statement about another server", said);
    decisions_elsewhere(db, subject, done)?;
    let mut query = db.prepare("select number, body from outbox")?;
    let messages = query.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    for message in messages.collect::<rusqlite::Result<Vec<_>>>()? {
        let quoted = |word: &String| serde_json::to_string(word);
        let mut body = message.1.clone();
        for word in &subject.words {
            body = body.replace(&quoted(word)?, &format!("\"{ERASED}\""));
        }
        if body != message.1 {
            db.execute("update outbox set body = ?2 where number = ?1", params![message.0, body])?;
            *done.removed.entry("name in a message").or_default() += 1;
        }
    }
    let told = journey::moments(db)?;
    let names = |text: &str| subject.words.iter().any(|word| audit::names(text, word));
    let told = told.iter().filter(|told| names(&told.words) || names(&told.evidence));
    done.mentioned_by.extend(told.map(|told| format!("words of the moment {}", told.moment)));
    outcomes_elsewhere(db, subject, done)?;
    let texts = audit::erase(db, &subject.words, None)?;
    done.removed.insert("text of the audit log", texts);
    Ok(())
}

/// What people wrote of other servers stays theirs; that it names the one erased is said.
fn decisions_elsewhere(db: &Connection, subject: &Subject, done: &mut Erasure) -> Work<()> {
    for kept in decisions::all(db)? {
        if subject.words.iter().any(|word| audit::names(&kept.decision.words, word)) {
            done.mentioned_by.push(format!("decision {} of {}", kept.decision.id, kept.decision.server));
        }
    }
    Ok(())
}

/// The same of the register of outcomes.
fn outcomes_elsewhere(db: &Connection, subject: &Subject, done: &mut Erasure) -> Work<()> {
    let names = |text: &str| subject.words.iter().any(|word| audit::names(text, word));
    let steps = outcomes::steps(db)?.into_iter().map(|kept| kept.step);
    let steps = steps.filter(|step| names(&step.words));
    done.mentioned_by.extend(steps.map(|step| format!("step {} of {}", step.id, step.server)));
    let outcomes = outcomes::register(db)?.outcomes.into_iter().filter(|outcome| {
        names(&outcome.outcome) || outcome.realised.iter().any(|realised| names(&realised.words))
    });
    done.mentioned_by.extend(outcomes.map(|outcome| format!("outcome {}", outcome.id)));
    Ok(())
}

/// A fact that is nothing but the name goes; a free text that holds it among other words is another server's, and
/// is said.
fn facts_elsewhere(db: &Connection, subject: &Subject, done: &mut Erasure) -> Work<()> {
    let mut query = db.prepare("select rowid, server, name, json from fact")?;
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let facts =
        query.query_map([], row)?.collect::<rusqlite::Result<Vec<(i64, String, String, String)>>>()?;
    for (row, server, name, json) in facts {
        let FactValue::Text(text) = serde_json::from_str::<Fact>(&json)?.value else { continue };
        if points(&name) && subject.words.contains(&text) {
            db.execute("delete from fact where rowid = ?1", [row])?;
            *done.removed.entry("fact of another server").or_default() += 1;
        } else if subject.words.iter().any(|word| audit::names(&text, word)) {
            done.mentioned_by.push(format!("{name} of {server}"));
        }
    }
    Ok(())
}

/// Whether the text of a fact may be another server's name and nothing else.
fn points(name: &str) -> bool {
    name == "dr_pair" || name.starts_with(TAG_PREFIX)
}

fn assessments_of(db: &Connection, server: &str, with_issued: bool, done: &mut Erasure) -> Work<()> {
    let name = serde_json::to_vec(server)?;
    for row in assessments::all(db)? {
        let json = assessments::json(db, row.id)?.unwrap_or_default();
        if !json.windows(name.len()).any(|bytes| bytes == name) {
            continue;
        }
        match (row.state, with_issued) {
            (ReviewState::Issued, false) => {
                done.issued_kept.push(row.id);
                continue;
            }
            (ReviewState::Issued, true) => done.issued_removed.push(row.id),
            _ => done.drafts.push(row.id),
        }
        db.execute("delete from assessment where id = ?1", [row.id as i64])?;
        *done.removed.entry("assessment").or_default() += 1;
    }
    Ok(())
}

impl SqliteStore {
    /// What [`erase`] would take: done, and taken back.
    pub(super) fn rehearse_erasure(&self, server: &str, with_issued: bool) -> Result<Option<Erasure>> {
        self.rehearse("looking for what is about a server", |db| erase(db, server, with_issued))
    }

    pub(super) fn erase_for_good(
        &self,
        server: &str,
        with_issued: bool,
        by: &str,
        now: Timestamp,
        statement: &dyn Fn(&Erasure) -> String,
    ) -> Result<Option<(Erasure, String)>> {
        let tried = "erasing a server";
        self.connection().pragma_update(None, "secure_delete", true).map_err(|error| engine(tried, error))?;
        let erased = self.write(tried, |db| {
            let Some(done) = erase(db, server, with_issued)? else { return Ok(None) };
            let text = statement(&done);
            let rows: u64 = done.removed.values().sum();
            let hash = sha256_hex(text.as_bytes());
            let what = format!("erased a server: {rows} rows and texts; the statement has sha256 {hash}");
            audit::append(db, by, &what, now)?;
            Ok(Some((done, text)))
        })?;
        let Some((done, text)) = erased else { return Ok(None) };
        let overwritten =
            overwrite(&self.connection()).map_err(|trouble| trouble.named("overwriting what was erased"))?;
        Ok(Some((Erasure { overwritten, ..done }, text)))
    }
}

/// Writes the file anew without what was erased, and empties its log. `false` while somebody reads the log.
fn overwrite(db: &Connection) -> Work<bool> {
    db.execute_batch("vacuum")?;
    let busy: bool = db.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
    if !busy {
        db.pragma_update(None, "secure_delete", false).map_err(Trouble::from)?;
    }
    Ok(!busy)
}
