//! Join tokens and agents.
// SPDX-License-Identifier: Apache-2.0

use super::{Agent, AgentId, SourceKind, Timestamp, Token, Trouble, Work, facts, keys, outbox, sources};
use crate::store::{KeyEpochs, RegisteredBy};
use cairn_schemas::fact::{Fact, FactValue};
use cairn_schemas::identity::Id128;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(super) fn put_token(db: &Connection, token: &Token) -> Work<()> {
    db.execute(
        "insert into token (id, secret_sha256, expires_at, uses_left, created_at, ring)
         values (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            token.id,
            token.secret_sha256,
            token.expires_at.0,
            token.uses_left,
            token.created_at.0,
            token.ring
        ],
    )?;
    Ok(())
}

pub(super) fn token(db: &Connection, id: &str) -> Work<Option<Token>> {
    let row = |row: &Row<'_>| {
        Ok(Token {
            id: id.to_owned(),
            secret_sha256: row.get(0)?,
            expires_at: Timestamp(row.get(1)?),
            uses_left: row.get(2)?,
            created_at: Timestamp(row.get(3)?),
            ring: row.get(4)?,
        })
    };
    let sql = "select secret_sha256, expires_at, uses_left, created_at, ring from token where id = ?1";
    Ok(db.query_row(sql, [id], row).optional()?)
}

pub(super) fn enrol(db: &Connection, token_id: &str, agent: &Agent, now: Timestamp) -> Work<Option<AgentId>> {
    let known = db
        .prepare_cached(&format!("{COLUMNS} where public_key = ?1"))?
        .query_row([&agent.public_key], row)
        .optional()?;
    if keys::is_retired(db, &agent.public_key)? {
        return Err(Trouble::Refused("the key was an agent's once and was retired".into()));
    }
    if !admitted(db, token_id, known.as_ref(), now)? {
        return Ok(None);
    }
    if let Some(known) = known {
        db.execute(
            "update agent set hostname = ?2, fingerprint = ?3, version = ?4, revoked_at = null, registered_by = 0
             where id = ?1",
            params![known.id.0, agent.hostname, agent.fingerprint, agent.version],
        )?;
        return Ok(Some(known.id));
    }
    insert(db, agent, Some(token_id))?;
    let what = format!("agent {} of {} with token {token_id}", agent.id, agent.hostname);
    outbox::audit(db, "enrolment", &what, now)?;
    Ok(Some(agent.id))
}

pub(super) fn register(db: &Connection, agent: &Agent, by: &str, what: &str, now: Timestamp) -> Work<bool> {
    let mut known = db.prepare_cached("select 1 from agent where id = ?1 or public_key = ?2")?;
    if known.exists(params![agent.id.0, agent.public_key])? || keys::is_retired(db, &agent.public_key)? {
        return Ok(false);
    }
    insert(db, agent, None)?;
    outbox::audit(db, by, what, now)?;
    Ok(true)
}

/// Keeps a new agent with a source of its own, in the ring of its token.
fn insert(db: &Connection, agent: &Agent, token_id: Option<&str>) -> Work<()> {
    let server = server_name(db, agent)?;
    let source = sources::find_or_make(db, SourceKind::Agent, &agent.id.to_string(), &server)?;
    db.execute(
        "insert into agent (id, source, public_key, hostname, fingerprint, version, enrolled_at, registered_by, ring,
         moved_from)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, coalesce((select ring from token where id = ?9), ?10), ?11)",
        params![
            agent.id.0,
            source.id,
            agent.public_key,
            agent.hostname,
            agent.fingerprint,
            agent.version,
            agent.enrolled_at.0,
            number_of(agent.registered_by),
            token_id,
            agent.ring,
            moved_from(agent.registered_by)
        ],
    )?;
    Ok(())
}

/// Whether a token admits an agent; takes one use of it, but for an agent that is enrolled already: its
/// first answer may have been lost on the way.
fn admitted(db: &Connection, token_id: &str, known: Option<&Agent>, now: Timestamp) -> Work<bool> {
    if known.is_some_and(|agent| agent.revoked_at.is_none()) {
        let mut holds = db.prepare_cached("select 1 from token where id = ?1 and expires_at > ?2")?;
        return Ok(holds.exists(params![token_id, now.0])?);
    }
    let used = db.execute(
        "update token set uses_left = uses_left - 1 where id = ?1 and uses_left > 0 and expires_at > ?2",
        params![token_id, now.0],
    )?;
    Ok(used > 0)
}

/// The host name, or the host name with a part of the identity where another machine has that name.
const fn number_of(registered_by: RegisteredBy) -> i64 {
    match registered_by {
        RegisteredBy::Token => 0,
        RegisteredBy::Bundle => 1,
        RegisteredBy::Move { .. } => 2,
    }
}

const fn moved_from(registered_by: RegisteredBy) -> Option<[u8; 16]> {
    if let RegisteredBy::Move { from } = registered_by { Some(from.0) } else { None }
}

fn server_name(db: &Connection, agent: &Agent) -> Work<String> {
    let mut taken = db.prepare_cached("select 1 from agent where hostname = ?1 and fingerprint <> ?2")?;
    if !taken.exists(params![agent.hostname, agent.fingerprint])? {
        return Ok(agent.hostname.clone());
    }
    let id = agent.id.to_string();
    Ok(format!("{}~{}", agent.hostname, &id[id.len() - 8..]))
}

const COLUMNS: &str =
    "select id, source, public_key, hostname, fingerprint, version, enrolled_at, last_upload_at,
    revoked_at, registered_by, ring, moved_from, key_epoch, key_asked from agent";

fn row(row: &Row<'_>) -> rusqlite::Result<Agent> {
    let at = |i| row.get::<_, Option<i64>>(i).map(|at| at.map(Timestamp));
    Ok(Agent {
        id: Id128(row.get(0)?),
        source: row.get(1)?,
        public_key: row.get(2)?,
        key_epochs: KeyEpochs {
            current: row.get::<_, i64>(12)? as u64,
            asked: row.get::<_, i64>(13)? as u64,
        },
        hostname: row.get(3)?,
        fingerprint: row.get(4)?,
        version: row.get(5)?,
        enrolled_at: Timestamp(row.get(6)?),
        last_upload_at: at(7)?,
        revoked_at: at(8)?,
        registered_by: match (row.get::<_, i64>(9)?, row.get::<_, Option<[u8; 16]>>(11)?) {
            (1, _) => RegisteredBy::Bundle,
            (_, Some(from)) => RegisteredBy::Move { from: Id128(from) },
            _ => RegisteredBy::Token,
        },
        ring: row.get(10)?,
    })
}

pub(super) fn agent(db: &Connection, id: AgentId) -> Work<Option<Agent>> {
    Ok(db.prepare_cached(&format!("{COLUMNS} where id = ?1"))?.query_row([id.0], row).optional()?)
}

pub(super) fn all(db: &Connection) -> Work<Vec<Agent>> {
    let mut query = db.prepare_cached(&format!("{COLUMNS} order by enrolled_at, id"))?;
    let rows = query.query_map([], row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn revoke(db: &Connection, id: AgentId, by: &str, now: Timestamp) -> Work<bool> {
    let changed = db.execute(
        "update agent set revoked_at = ?2 where id = ?1 and revoked_at is null",
        params![id.0, now.0],
    )?;
    if changed > 0 {
        outbox::audit(db, by, &format!("revoked agent {id}"), now)?;
    }
    Ok(changed > 0)
}

/// The server of an agent whose identity another machine used says so.
pub(super) fn note_conflict(db: &Connection, id: AgentId, at: Timestamp) -> Work<()> {
    let sql = "select server from source join agent on agent.source = source.id where agent.id = ?1";
    let server: Option<String> = db.prepare_cached(sql)?.query_row([id.0], |row| row.get(0)).optional()?;
    let Some(server) = server else { return Ok(()) };
    let fact = Fact {
        value: FactValue::Text(at.to_string()),
        unit: String::new(),
        source: "ingest: two batches of one agent, spool and number".to_owned(),
        observed_at: at,
        valid_from: None,
        confirmed_by: None,
    };
    facts::put(db, &server, &[("identity_conflict".to_owned(), fact)])
}
