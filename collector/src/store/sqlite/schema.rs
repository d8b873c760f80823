//! The tables, as ordered migrations: `user_version` says how many of them a file has had.
// SPDX-License-Identifier: Apache-2.0

use super::{StoreError, Work, audit, engine};
use rusqlite::{Connection, TransactionBehavior};

/// Each entry takes a file one version further; entries are never changed, only added.
const MIGRATIONS: &[&str] = &["
create table source (
    id integer primary key, kind integer not null, key text not null, server text not null,
    first_seen integer, last_seen integer, unique (kind, key)) strict;
create table source_mapping (
    source integer not null references source, server text not null, since integer not null, by text not null) strict;
create table token (
    id text primary key, secret_sha256 text not null, expires_at integer not null, uses_left integer not null,
    created_at integer not null) strict;
create table agent (
    id blob primary key, source integer not null references source, public_key blob not null unique,
    hostname text not null, fingerprint text not null, version text not null, enrolled_at integer not null,
    last_upload_at integer, revoked_at integer) strict;
-- Appended by rowid: a key at this point costs 2.8 times the CPU and 2.5 times the writes.
create table inbox (
    id integer primary key, agent blob not null, sealed blob not null, received_at integer not null) strict;
create table spool (
    agent blob not null, spool blob not null, ack_through integer not null, highest integer not null,
    primary key (agent, spool)) strict, without rowid;
create table received (
    agent blob not null, spool blob not null, seq integer not null, sha256 blob not null,
    primary key (agent, spool, seq)) strict, without rowid;
create table quarantine (
    id integer primary key, agent blob not null, reason text not null, sealed blob not null, at integer not null) strict;
create table day_block (
    source integer not null, day integer not null, block blob not null, primary key (source, day)) strict;
create table week_block (
    source integer not null, start integer not null, block blob not null, primary key (source, start)) strict;
create table gap (
    source integer not null, start integer not null, end integer not null, reason integer not null,
    primary key (source, start)) strict, without rowid;
create table fact (
    server text not null, name text not null, valid_from integer not null, observed_at integer not null,
    by_person integer not null, json text not null, primary key (server, name, valid_from)) strict;
create table assessment (
    id integer primary key autoincrement, created integer not null, state integer not null, signed_by text,
    json blob not null) strict;
create table business_trigger (id integer primary key, json text not null) strict;
create table outbox (
    number integer primary key, id text not null unique, body text not null, attempts integer not null,
    due_at integer not null, claimed_until integer not null, delivered_at integer) strict;
create table audit (id integer primary key, at integer not null, by text not null, what text not null) strict;
",
"
alter table token add column ring text not null default '';
alter table agent add column ring text not null default '';
-- A version counts over all rings; no JSON: taken back.
create table directives (ring text primary key, version integer not null, json text) strict, without rowid;
",
    "
-- 0: enrolled with a token, 1: came with a bundle.
alter table agent add column registered_by integer not null default 0;
-- Whether the batch holds no slot: it stands for one its agent lost.
alter table received add column tombstone integer not null default 0;
",
    "
-- Of a copy (registered_by 2): the agent it was copied from.
alter table agent add column moved_from blob;
",
    "
-- Each line stands on the one before; see audit.rs.
alter table audit add column salt blob;
alter table audit add column said blob;
alter table audit add column hash blob;
-- 1: its minutes are past their time; what comes late no longer changes it.
alter table week_block add column closed integer not null default 0;
create table backup (
    id integer primary key, name text not null, at integer not null, sha256 text not null, bytes integer not null,
    keep_until integer, audit_head blob not null) strict;
-- When upkeep was last done.
create table upkeep (what text primary key, at integer not null) strict, without rowid;
",
    "
-- What waits in the inbox is read from there: whose it is, the stretch it may hold something of, whether gaps are
-- among it. What came before this version is opened to be sure.
alter table inbox add column source integer;
alter table inbox add column since integer not null default -9223372036854775808;
alter table inbox add column until integer not null default 9223372036854775807;
alter table inbox add column gaps integer not null default 1;
update inbox set source = (select source from agent where agent.id = inbox.agent);
create index waiting on inbox (source, since, until, gaps);
-- Asked at each enrolment: whether another machine has the name.
create index agent_hostname on agent (hostname);
-- Of people about servers; one withdrawn stays as history.
create table decision (
    id integer primary key autoincrement, server text not null, json text not null, withdrawn_by text,
    withdrawn_at integer) strict;
-- What each origin last said of a server, whichever of them is believed.
create table statement (
    server text not null, origin text not null, name text not null, observed_at integer not null, json text not null,
    primary key (server, origin, name)) strict, without rowid;
-- Which column of a file of people is which fact.
create table fact_mapping (name text primary key, text text not null) strict, without rowid;
alter table assessment add column reviewed_by text;
alter table assessment add column reviewed_at integer;
alter table assessment add column issued_by text;
alter table assessment add column issued_at integer;
update assessment set issued_by = signed_by where state = 2;
update assessment set reviewed_by = signed_by where state = 1;
-- Which of its keys an agent has, from 0, and which it is asked for.
alter table agent add column key_epoch integer not null default 0;
alter table agent add column key_asked integer not null default 0;
-- What an agent signed with before; spool and number from which on a later key did, once one has.
create table retired_key (
    public_key blob primary key, agent blob not null, epoch integer not null, retired_at integer not null, spool blob,
    before integer, unique (agent, epoch)) strict, without rowid;
-- What of it an agent has been told; what bundles have brought since it does not know of.
alter table spool add column heard integer not null default 0;
-- What happened for the first time, as people recorded it.
create table moment (id integer primary key, json text not null) strict;
-- Answers to the checklist; the latest of a point counts.
create table answer (id integer primary key, json text not null) strict;
",
    "
-- When to assess; one removed stays for its runs.
create table schedule (
    id integer primary key, name text not null, json text not null, created_at integer not null, removed_at integer)
    strict;
create table schedule_run (
    id integer primary key, schedule integer not null, due integer not null, missed integer not null,
    started_at integer not null, tries integer not null, ended_at integer, assessment integer, failure text,
    unique (schedule, due)) strict;
create index run_of_assessment on schedule_run (assessment);
-- What assessments were computed from, packed: an estate once, however many were made of it. It goes with the last of
-- them.
create table kept_estate (sha256 text primary key, packed blob not null) strict;
create table kept_input (assessment integer primary key, estate text not null, policy text not null) strict;
create index input_of_estate on kept_input (estate);
create trigger inputs_go_with_their_assessment after delete on assessment begin
    delete from kept_input where assessment = old.id;
end;
create trigger estates_go_with_the_last_input after delete on kept_input begin
    delete from kept_estate where sha256 = old.estate and not exists (select 1 from kept_input where estate = old.estate);
end;
-- The register of outcomes: what was promised and what came of it.
create table outcome (id integer primary key autoincrement, json text not null) strict;
create table realisation (
    id integer primary key autoincrement, outcome integer not null references outcome, json text not null) strict;
-- Servers on their way out; a step withdrawn stays as history.
create table step (
    id integer primary key autoincrement, server text not null, json text not null, withdrawn_by text,
    withdrawn_at integer) strict;
-- Why they are late.
create table delay (id integer primary key autoincrement, server text not null, json text not null) strict;
-- Profiles signed before a move.
create table baseline (
    id integer primary key autoincrement, server text not null, json text not null, public_key blob not null,
    signature blob not null) strict;
-- A week of wide slots that is over is one block, from its Monday on.
alter table day_block add column days integer not null default 1;
","
-- People who open the pages of this engagement, and what each may do. One without a password comes in by a link alone.
create table person (
    id integer primary key autoincrement, name text not null collate nocase unique, role integer not null,
    password text, added_at integer not null) strict;
-- Links that sign a person in once; of the secret only its hash.
create table entry_link (
    secret_sha256 blob primary key, person integer not null references person on delete cascade,
    expires_at integer not null) strict;
-- Who is signed in; of the secret only its hash.
create table session (
    secret_sha256 blob primary key, person integer not null references person on delete cascade,
    begun_at integer not null, seen_at integer not null, idle_s integer not null, expires_at integer not null) strict;
create index session_of_person on session (person);
create index link_of_person on entry_link (person);
","
-- Servers as they are packed again under other assumptions.
alter table kept_input add column prepared blob;
"];

/// Statements kept ready: those of ingest and of compaction follow one another on one connection.
const STATEMENTS_KEPT: usize = 64;
/// Pages of the log before it is taken over into the file, 32 MB: a commit of many agents writes the same pages as the
/// one before it, and each is taken over once.
const LOG_PAGES: u32 = 4_096;
/// Memory for the pages of the connection that writes: ingest comes back to those of ten thousand agents.
pub(crate) const WRITER_CACHE_BYTES: usize = 16 << 20;

/// Sets how the file is used and brings its tables up to date. A file of a newer version is left as it is.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    let tried = "preparing the store";
    let known = MIGRATIONS.len() as u32;
    let found = version(connection).map_err(|error| engine(tried, error))?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    let mut run = || -> Work<()> {
        connection.pragma_update(None, "page_size", 8_192)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        connection.pragma_update(None, "cache_size", -(WRITER_CACHE_BYTES as i64 >> 10))?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = version(&transaction)?;
        for migration in MIGRATIONS.iter().skip(found as usize) {
            transaction.execute_batch(migration)?;
        }
        if found < known {
            audit::chain(&transaction)?;
            transaction.pragma_update(None, "user_version", known)?;
        }
        Ok(transaction.commit()?)
    };
    run().map_err(|trouble| trouble.named(tried))
}

/// The version of a file; an empty one has 0.
pub(super) fn version(db: &Connection) -> rusqlite::Result<u32> {
    db.query_row("pragma user_version", [], |row| row.get(0))
}

/// The version this program writes.
pub(super) const fn known() -> u32 {
    MIGRATIONS.len() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_an_earlier_version_is_taken_further_with_what_it_holds() {
        let mut file = Connection::open_in_memory().unwrap();
        file.execute_batch(MIGRATIONS[0]).unwrap();
        file.execute_batch(
            "pragma user_version = 1; insert into source (id, kind, key, server) values (1, 0, 'k', 's');
             insert into agent (id, source, public_key, hostname, fingerprint, version, enrolled_at)
             values (x'01', 1, x'02', 'h', 'f', 'v', 9);",
        )
        .unwrap();
        prepare(&mut file).unwrap();
        let by: i64 = file.query_row("select registered_by from agent", [], |row| row.get(0)).unwrap();
        assert_eq!(by, 0, "whoever was there before had enrolled");
        let version: usize = file.query_row("pragma user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(version, MIGRATIONS.len());
        prepare(&mut file).unwrap();
    }
}
