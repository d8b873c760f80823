//! Assessments with their state.
// SPDX-License-Identifier: Apache-2.0

use super::{
    Assessment, AssessmentRow, Review, ReviewState, Signature, Timestamp, Trouble, Window, Work, outbox,
};
use rusqlite::{Connection, OptionalExtension as _, params};

const STATES: [ReviewState; 3] = [ReviewState::Draft, ReviewState::Reviewed, ReviewState::Issued];
const STATE_NAMES: [&str; 3] = ["draft", "reviewed", "issued"];
const ZSTD_LEVEL: i32 = 3;
/// Most bytes of an assessment read back; a limit for damaged files, far above any estate.
const JSON_BYTES_MAX: usize = 1 << 30;

pub(super) fn put(db: &Connection, assessment: &Assessment) -> Work<u64> {
    db.execute("insert into assessment (created, state, json) values (?1, 0, x'')", [assessment.created.0])?;
    let id = db.last_insert_rowid();
    let mut numbered = assessment.clone();
    numbered.id = id as u64;
    let json = serde_json::to_vec(&numbered)?;
    let packed = zstd::bulk::compress(&json, ZSTD_LEVEL).map_err(|e| Trouble::Damaged(e.to_string()))?;
    db.execute("update assessment set json = ?2 where id = ?1", params![id, packed])?;
    Ok(numbered.id)
}

pub(super) fn get(db: &Connection, id: u64) -> Work<Option<Assessment>> {
    let Some(kept) = kept(db, id)? else { return Ok(None) };
    Ok(Some(Assessment { review: review(db, id)?, ..kept }))
}

/// An assessment as it was kept, without the names under it; of files of earlier versions too.
pub(super) fn kept(db: &Connection, id: u64) -> Work<Option<Assessment>> {
    Ok(json(db, id)?.map(|json| serde_json::from_slice(&json)).transpose()?)
}

/// Who has read and signed it.
fn review(db: &Connection, id: u64) -> Work<Option<Review>> {
    let mut query = db.prepare_cached(
        "select reviewed_by, reviewed_at, issued_by, issued_at from assessment where id = ?1",
    )?;
    let row = query.query_row([id as i64], |row| {
        Ok(Review { reviewed: signed(row.get(0)?, row.get(1)?), issued: signed(row.get(2)?, row.get(3)?) })
    })?;
    Ok((row != Review::default()).then_some(row))
}

/// The window an assessment is of.
pub(super) fn window(db: &Connection, id: u64) -> Work<Option<Window>> {
    #[derive(serde::Deserialize)]
    struct Of {
        window: Window,
    }
    let of = json(db, id)?.map(|json| serde_json::from_slice::<Of>(&json)).transpose()?;
    Ok(of.map(|of| of.window))
}

/// An assessment's JSON as it was kept.
pub(super) fn json(db: &Connection, id: u64) -> Work<Option<Vec<u8>>> {
    let packed: Option<Vec<u8>> = db
        .query_row("select json from assessment where id = ?1", [id as i64], |row| row.get(0))
        .optional()?;
    let Some(packed) = packed else { return Ok(None) };
    let bytes = zstd::zstd_safe::get_frame_content_size(&packed).ok().flatten().unwrap_or(0);
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX).min(JSON_BYTES_MAX);
    let json = zstd::bulk::decompress(&packed, bytes).map_err(|e| Trouble::Damaged(e.to_string()))?;
    Ok(Some(json))
}

fn state(number: usize) -> Work<ReviewState> {
    STATES.get(number).copied().ok_or_else(|| Trouble::Damaged(format!("state {number}")))
}

/// Every assessment with the names under it.
pub(super) fn listed(db: &Connection) -> Work<Vec<AssessmentRow>> {
    let mut all = all(db)?;
    for row in &mut all {
        let Review { reviewed, issued } = review(db, row.id)?.unwrap_or_default();
        (row.reviewed, row.issued) = (reviewed, issued);
    }
    Ok(all)
}

/// Every assessment without those names; of files of earlier versions too.
pub(super) fn all(db: &Connection) -> Work<Vec<AssessmentRow>> {
    let mut query = db.prepare_cached("select id, created, state, signed_by from assessment order by id")?;
    let mut rows = query.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(AssessmentRow {
            id: row.get::<_, i64>(0)? as u64,
            created: Timestamp(row.get(1)?),
            state: state(row.get(2)?)?,
            signed_by: row.get(3)?,
            reviewed: None,
            issued: None,
        });
    }
    Ok(all)
}

fn signed(by: Option<String>, at: Option<i64>) -> Option<Signature> {
    by.map(|by| Signature { by, at: at.map(Timestamp) })
}

pub(super) fn set_state(db: &Connection, id: u64, to: ReviewState, by: &str, now: Timestamp) -> Work<()> {
    let from: Option<usize> = db
        .query_row("select state from assessment where id = ?1", [id as i64], |row| row.get(0))
        .optional()?;
    let Some(from) = from else { return Err(Trouble::Refused(format!("there is no assessment {id}"))) };
    let number = to as usize;
    if number != from + 1 {
        return Err(Trouble::Refused(format!(
            "assessment {id} is {}, so it cannot become {}: a draft is reviewed, a reviewed one issued, and nothing goes back",
            STATE_NAMES[from.min(2)],
            STATE_NAMES[number]
        )));
    }
    let state = STATE_NAMES[number];
    db.execute(
        &format!(
            "update assessment set state = ?2, signed_by = ?3, {state}_by = ?3, {state}_at = ?4 where id = ?1"
        ),
        params![id as i64, number, by, now.0],
    )?;
    outbox::audit(db, by, &format!("assessment {id} is {}", STATE_NAMES[number]), now)
}
