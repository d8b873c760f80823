//! Join tokens as people look after them: given, listed, revoked. Part of every store.
// SPDX-License-Identifier: Apache-2.0

use super::{Result, Token};
use cairn_schemas::time::Timestamp;

/// Who lets agents in.
pub trait Admission {
    /// Tokens that still let somebody in, the latest first.
    fn tokens(&self, now: Timestamp) -> Result<Vec<Token>>;
    /// Keeps a new token; `by` goes into the audit.
    fn grant_token(&self, token: &Token, by: &str, now: Timestamp) -> Result<()>;
    /// Ends a token: it lets nobody in any more. `false` when there is none that did.
    fn revoke_token(&self, id: &str, by: &str, now: Timestamp) -> Result<bool>;
}
