//! Asking an agent for another key, and ending one.
// SPDX-License-Identifier: Apache-2.0

use super::{Act, Action, Done, Field, Kind, Options, done};
use crate::http::pages::words::with;
use crate::store::Store;
use crate::store::people::Role;
use anyhow::Context as _;
use cairn_schemas::identity::{AgentId, Id128};
use cairn_schemas::time::Timestamp;

const PAGE: &str = "administration";
const AGENT: Field = Field::new("agent", Kind::Pick(active));

pub(super) static ROTATE: Action =
    Action { id: "rotate", least: Role::Admin, page: PAGE, fields: &[AGENT], run: rotate };

pub(super) static REVOKE: Action =
    Action { id: "revoke", least: Role::Admin, page: PAGE, fields: &[AGENT], run: revoke };

fn active(store: &dyn Store, _: Timestamp) -> anyhow::Result<Options> {
    let agents = store.agents()?.into_iter().filter(|agent| agent.revoked_at.is_none());
    Ok(agents.map(|agent| (agent.id.to_string(), format!("{}, {}", agent.hostname, agent.id))).collect())
}

fn agent(act: &Act<'_>, action: &str) -> anyhow::Result<AgentId> {
    let text = act.needed(action, "agent")?;
    Id128::parse(text).with_context(|| with("problem.agent-id", [("text", text)]))
}

fn rotate(act: &Act<'_>) -> anyhow::Result<Done> {
    let id = agent(act, "rotate")?;
    let asked = act.store.ask_rotation(id, act.by(), act.now)?;
    anyhow::ensure!(asked, with("problem.no-agent", [("agent", id.to_string())]));
    done(with("do.rotate.done", [("agent", id.to_string())]))
}

fn revoke(act: &Act<'_>) -> anyhow::Result<Done> {
    let id = agent(act, "revoke")?;
    let revoked = act.store.revoke(id, act.by(), act.now)?;
    anyhow::ensure!(revoked, with("problem.no-agent", [("agent", id.to_string())]));
    done(with("do.revoke.done", [("agent", id.to_string())]))
}
