//! Join tokens for agents: given, shown once, and revoked.
// SPDX-License-Identifier: Apache-2.0

use super::{Act, Action, Done, Field, Kind, Options, done};
use crate::http::pages::words::{say, with};
use crate::join::{self, Terms};
use crate::store::Store;
use crate::store::people::Role;
use cairn_schemas::time::{HOUR_S, Timestamp};

const PAGE: &str = "administration";
/// Hours a token may hold: a month.
const HOURS_MAX: u32 = 744;
const USES_MAX: u32 = 100_000;

pub(super) static GIVE: Action = Action {
    id: "token",
    least: Role::Admin,
    page: PAGE,
    fields: &[
        Field::new("hours", Kind::Count(24, HOURS_MAX)),
        Field::new("uses", Kind::Count(1, USES_MAX)),
        Field::optional("ring", Kind::Text),
    ],
    run: give,
};

pub(super) static REVOKE: Action = Action {
    id: "revoke-token",
    least: Role::Admin,
    page: PAGE,
    fields: &[Field::new("id", Kind::Pick(open))],
    run: revoke,
};

fn open(store: &dyn Store, now: Timestamp) -> anyhow::Result<Options> {
    let shown = |token: crate::store::Token| {
        let text = format!("{}, {} left, until {}", token.id, token.uses_left, token.expires_at);
        (token.id, text)
    };
    Ok(store.tokens(now)?.into_iter().map(shown).collect())
}

fn give(act: &Act<'_>) -> anyhow::Result<Done> {
    let count = |name: &str, most: u32| {
        let (text, label) = (act.needed("token", name)?, say(&format!("do.token.{name}")));
        let count: Option<u32> = text.parse().ok().filter(|count| (1..=most).contains(count));
        count.ok_or_else(|| {
            let args = [("field", label.as_str()), ("text", text), ("most", &most.to_string())];
            anyhow::Error::msg(with("problem.count", args))
        })
    };
    let (hours, uses) = (count("hours", HOURS_MAX)?, count("uses", USES_MAX)?);
    let ring = join::ring(act.posted.get("ring")).map_err(|_| anyhow::Error::msg(say("problem.ring")))?;
    let terms = Terms { ttl_s: i64::from(hours) * HOUR_S, uses, ring };
    let join = join::give(act.store, &act.door.place, &terms, act.by(), act.now)?;
    let said = with("do.token.done", [("uses", f64::from(uses)), ("hours", f64::from(hours))]);
    Ok(Done { said, secret: Some(join.to_string()) })
}

fn revoke(act: &Act<'_>) -> anyhow::Result<Done> {
    let id = act.needed("revoke-token", "id")?;
    let revoked = act.store.revoke_token(id, act.by(), act.now)?;
    anyhow::ensure!(revoked, with("problem.no-token", [("id", id)]));
    done(with("do.revoke-token.done", [("id", id)]))
}
