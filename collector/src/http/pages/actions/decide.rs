//! Decisions about servers, as `cairn decide` takes them: read and checked by the same function.
// SPDX-License-Identifier: Apache-2.0

use super::{Act, Action, Done, Field, Kind, Options, done};
use crate::decisions::{self, Words};
use crate::http::pages::words::with;
use crate::store::Store;
use crate::store::people::Role;
use cairn_assess::readiness::RULES;
use cairn_schemas::time::Timestamp;
use std::collections::BTreeMap;

const PAGE: &str = "journey";
const SERVER: Field = Field::new("server", Kind::Pick(servers));
const RULE: Field = Field::new("rule", Kind::Pick(rules));
const WORDS: Field = Field::new("words", Kind::Words);
const BY: Field = Field::new("by", Kind::Me);
const EXPIRES: Field = Field::optional("expires", Kind::Date);
const TICKET: Field = Field::optional("ticket", Kind::Text);

pub(super) static CONFIRM: Action = Action {
    id: "confirm",
    least: Role::Assessor,
    page: PAGE,
    fields: &[SERVER, RULE, WORDS, BY, EXPIRES, TICKET],
    run: |act| decide(act, &CONFIRM, "confirmation"),
};

pub(super) static EXCEPTION: Action = Action {
    id: "exception",
    least: Role::Assessor,
    page: PAGE,
    fields: &[SERVER, RULE, Field::optional("despite_proof", Kind::Check), WORDS, BY, EXPIRES, TICKET],
    run: |act| decide(act, &EXCEPTION, "exception"),
};

pub(super) static VETO: Action = Action {
    id: "veto",
    least: Role::Assessor,
    page: PAGE,
    fields: &[SERVER, Field::optional("rule", Kind::Pick(rules)), WORDS, BY, EXPIRES, TICKET],
    run: |act| decide(act, &VETO, "veto"),
};

pub(super) static WITHDRAW: Action = Action {
    id: "withdraw",
    least: Role::Assessor,
    page: PAGE,
    fields: &[Field::new("decision", Kind::Pick(standing))],
    run: withdraw,
};

fn servers(store: &dyn Store, _: Timestamp) -> anyhow::Result<Options> {
    Ok(store.servers()?.into_iter().map(|name| (name.clone(), name)).collect())
}

fn rules(_: &dyn Store, _: Timestamp) -> anyhow::Result<Options> {
    Ok(RULES.iter().map(|rule| (rule.id.to_owned(), rule.id.to_owned())).collect())
}

fn standing(store: &dyn Store, now: Timestamp) -> anyhow::Result<Options> {
    let kept = store.decisions()?.into_iter().filter(|kept| kept.withdrawn.is_none());
    let counts = kept.map(|kept| kept.decision).filter(|decision| !decision.has_expired(now));
    let shown = counts.map(|decision| {
        let rule = decision.rule.map(|rule| format!(", {rule}")).unwrap_or_default();
        let text = format!("{}: {}, {}{rule}", decision.id, decision.kind.name(), decision.server);
        (decision.id.to_string(), text)
    });
    Ok(shown.collect())
}

fn decide(act: &Act<'_>, action: &Action, kind: &str) -> anyhow::Result<Done> {
    for field in action.fields.iter().filter(|field| !field.optional) {
        act.needed(action.id, field.name)?;
    }
    let names = ["server", "rule", "words", "by", "expires", "ticket", "despite_proof"];
    let mut words: Words<'_> = names.into_iter().map(|name| (name, act.posted.get(name))).collect();
    words.insert("kind", kind);
    let decision = decisions::read(&words, &act.store.servers()?, "a page", act.now)?;
    let server = decision.server.clone();
    let numbers = act.store.decide(&[decision], &BTreeMap::new(), act.by(), act.now)?;
    let number = numbers.first().map_or_else(String::new, u64::to_string);
    done(with("do.decided", [("number", number), ("server", server)]))
}

fn withdraw(act: &Act<'_>) -> anyhow::Result<Done> {
    let text = act.needed("withdraw", "decision")?;
    let number: u64 =
        text.parse().map_err(|_| anyhow::Error::msg(with("problem.decision-number", [("text", text)])))?;
    let withdrawn = act.store.withdraw_decision(number, act.by(), act.now)?;
    anyhow::ensure!(withdrawn, with("problem.no-decision", [("number", number.to_string())]));
    done(with("do.withdrawn", [("number", number.to_string())]))
}
