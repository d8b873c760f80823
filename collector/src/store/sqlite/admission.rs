//! [`Admission`] for the embedded store.
// SPDX-License-Identifier: Apache-2.0

use super::{SqliteStore, Timestamp, Token, agents, outbox};
use crate::store::Result;
use crate::store::admission::Admission;
use rusqlite::{Row, params};

impl Admission for SqliteStore {
    fn tokens(&self, now: Timestamp) -> Result<Vec<Token>> {
        let row = |row: &Row<'_>| {
            Ok(Token {
                id: row.get(0)?,
                secret_sha256: row.get(1)?,
                expires_at: Timestamp(row.get(2)?),
                uses_left: row.get(3)?,
                created_at: Timestamp(row.get(4)?),
                ring: row.get(5)?,
            })
        };
        self.read("reading join tokens", |db| {
            let mut query = db.prepare_cached(
                "select id, secret_sha256, expires_at, uses_left, created_at, ring from token
                 where uses_left > 0 and expires_at > ?1 order by created_at desc, id",
            )?;
            let rows = query.query_map([now.0], row)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    fn grant_token(&self, token: &Token, by: &str, now: Timestamp) -> Result<()> {
        self.write("keeping a token", |db| {
            agents::put_token(db, token)?;
            let Token { id, uses_left, expires_at, .. } = token;
            let what = format!("gave join token {id} for {uses_left} agents until {expires_at}");
            outbox::audit(db, by, &what, now)
        })
    }

    fn revoke_token(&self, id: &str, by: &str, now: Timestamp) -> Result<bool> {
        self.write("revoking a token", |db| {
            let sql = "update token set uses_left = 0 where id = ?1 and uses_left > 0 and expires_at > ?2";
            let ended = db.execute(sql, params![id, now.0])? > 0;
            if ended {
                outbox::audit(db, by, &format!("revoked join token {id}"), now)?;
            }
            Ok(ended)
        })
    }
}
