//! [`Keep`] for the embedded store. Triggers of the schema take inputs away with their assessment, and an estate with
//! the last assessment made of it.
// SPDX-License-Identifier: Apache-2.0

use super::{SqliteStore, Trouble, Work};
use crate::store::Result;
use crate::store::kept::{Keep, KeptInputs};
use cairn_schemas::digest::HashWriter;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::io::Read;

/// Bytes unpacked at a time when an estate is searched.
const SEARCH_BYTES: usize = 1 << 20;

impl Keep for SqliteStore {
    fn keep_inputs(&self, assessment: u64, inputs: &KeptInputs) -> Result<()> {
        self.write("keeping what an assessment was computed from", |db| put(db, assessment, inputs))
    }

    fn kept_inputs(&self, assessment: u64) -> Result<Option<KeptInputs>> {
        self.read("reading what an assessment was computed from", |db| get(db, assessment))
    }

    fn kept_policy(&self, assessment: u64) -> Result<Option<String>> {
        self.read("reading the policy of an assessment", |db| {
            let mut query = db.prepare_cached("select policy from kept_input where assessment = ?1")?;
            Ok(query.query_row([assessment as i64], |row| row.get(0)).optional()?)
        })
    }

    fn keep_prepared(&self, assessment: u64, packed: &[u8]) -> Result<()> {
        self.write("keeping servers ready to be packed again", |db| {
            db.execute(
                "update kept_input set prepared = ?2 where assessment = ?1",
                params![assessment as i64, packed],
            )?;
            Ok(())
        })
    }

    fn kept_prepared(&self, assessment: u64) -> Result<Option<Vec<u8>>> {
        self.read("reading servers ready to be packed again", |db| {
            let mut query = db.prepare_cached("select prepared from kept_input where assessment = ?1")?;
            Ok(query.query_row([assessment as i64], |row| row.get(0)).optional()?.flatten())
        })
    }
}

fn put(db: &Connection, assessment: u64, inputs: &KeptInputs) -> Work<()> {
    let id = assessment as i64;
    if !db.prepare_cached("select 1 from assessment where id = ?1")?.exists([id])? {
        return Err(Trouble::Refused(format!("there is no assessment {assessment}")));
    }
    let KeptInputs { estate_sha256, estate, policy } = inputs;
    db.execute(
        "insert or ignore into kept_estate (sha256, packed) values (?1, ?2)",
        params![estate_sha256, estate],
    )?;
    db.execute(
        "insert or ignore into kept_input (assessment, estate, policy) values (?1, ?2, ?3)",
        params![id, estate_sha256, policy],
    )?;
    Ok(())
}

fn get(db: &Connection, assessment: u64) -> Work<Option<KeptInputs>> {
    let mut query = db.prepare_cached(
        "select e.sha256, e.packed, i.policy from kept_input i join kept_estate e on e.sha256 = i.estate
         where i.assessment = ?1",
    )?;
    let row = query.query_row([assessment as i64], |row| {
        Ok(KeptInputs { estate_sha256: row.get(0)?, estate: row.get(1)?, policy: row.get(2)? })
    });
    Ok(row.optional()?)
}

/// Removes inputs that have one of these words as a text; the numbers of the assessments that lose theirs.
pub(super) fn forget(db: &Connection, words: &[String]) -> Work<Vec<u64>> {
    let quoted = words.iter().map(serde_json::to_vec).collect::<std::result::Result<Vec<_>, _>>()?;
    let mut lost = Vec::new();
    for sha256 in estates(db)? {
        let packed: Vec<u8> =
            db.query_row("select packed from kept_estate where sha256 = ?1", [&sha256], |row| row.get(0))?;
        // What cannot be read may hold anything.
        if search(&packed, &quoted).unwrap_or(true) {
            let mut delete =
                db.prepare_cached("delete from kept_input where estate = ?1 returning assessment")?;
            let gone = delete.query_map([&sha256], |row| row.get::<_, i64>(0))?;
            lost.extend(gone.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().map(|id| id as u64));
        }
    }
    lost.sort_unstable();
    Ok(lost)
}

fn estates(db: &Connection) -> Work<Vec<String>> {
    let mut query = db.prepare("select sha256 from kept_estate order by sha256")?;
    Ok(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Whether what is packed holds one of these; never more than a piece of it is unpacked at a time.
fn search(packed: &[u8], wanted: &[Vec<u8>]) -> std::io::Result<bool> {
    let longest = wanted.iter().map(Vec::len).max().unwrap_or(0);
    let mut decoder = zstd::Decoder::with_buffer(packed)?;
    let mut held = Vec::with_capacity(SEARCH_BYTES + longest);
    loop {
        // The end of the piece before stays: a word may lie across.
        held.drain(..held.len().saturating_sub(longest));
        if decoder.by_ref().take(SEARCH_BYTES as u64).read_to_end(&mut held)? == 0 {
            return Ok(false);
        }
        let is_in = |word: &Vec<u8>| held.windows(word.len()).any(|bytes| bytes == word.as_slice());
        if wanted.iter().any(is_in) {
            return Ok(true);
        }
    }
}

/// How many there are, and what is wrong with which assessment's; thorough: each estate is what its hash says.
pub(super) fn faults(db: &Connection, thorough: bool) -> Work<(u64, Vec<(i64, String)>)> {
    let mut query = db.prepare(
        "select i.assessment, i.estate, e.sha256 is not null from kept_input i left join kept_estate e
         on e.sha256 = i.estate order by i.assessment",
    )?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let rows = rows.collect::<rusqlite::Result<Vec<(i64, String, bool)>>>()?;
    let mut faults = Vec::new();
    for (assessment, estate, is_there) in &rows {
        if !is_there {
            faults.push((*assessment, "the estate it was computed from is gone".to_owned()));
        } else if thorough && hash(db, estate)?.is_none_or(|hash| hash != *estate) {
            faults
                .push((*assessment, "the estate it was computed from is not what its hash says".to_owned()));
        }
    }
    Ok((rows.len() as u64, faults))
}

/// SHA-256 of an estate's JSON; `None` when it cannot be unpacked.
fn hash(db: &Connection, sha256: &str) -> Work<Option<String>> {
    let packed: Vec<u8> =
        db.query_row("select packed from kept_estate where sha256 = ?1", [sha256], |row| row.get(0))?;
    let mut writer = HashWriter::default();
    let copied =
        zstd::Decoder::with_buffer(&packed[..]).and_then(|mut json| std::io::copy(&mut json, &mut writer));
    Ok(copied.ok().map(|_| writer.finish_hex()))
}
