//! `cairn agents`: who is enrolled, when each was last heard of; revoking one, and asking for another key.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place, now, tell};
use crate::number::terminal_safe;
use crate::store::sqlite::SqliteStore;
use crate::store::{Agent, RegisteredBy, Source, Store as _};
use anyhow::Context as _;
use cairn_schemas::bundle::key_fingerprint;
use cairn_schemas::identity::Id128;
use clap::{Args, Subcommand};
use std::collections::BTreeMap;
use std::io::Write;

/// Arguments of `cairn agents`.
#[derive(Debug, Args)]
pub struct AgentsArgs {
    #[command(flatten)]
    place: Place,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Option<AgentsVerb>,
}

#[derive(Debug, Subcommand)]
enum AgentsVerb {
    /// Revokes an agent: it stops uploading and keeps its data. The row stays.
    Revoke {
        /// Its id.
        id: String,
        /// Who revokes it; goes into the audit.
        #[arg(long)]
        by: String,
    },
    /// Asks an agent, or all, to sign with another key. Each makes one when it hears of it with its next upload; what it
    /// sealed before is taken all the same. Where somebody else may have the key, revoke the agent instead.
    #[command(group = clap::ArgGroup::new("whom").required(true))]
    Rotate {
        /// Its id.
        #[arg(group = "whom")]
        id: Option<String>,
        /// Every agent that is not revoked.
        #[arg(long, group = "whom")]
        all: bool,
        /// Who asks; goes into the audit.
        #[arg(long)]
        by: String,
    },
    /// Puts an agent into a ring, for directives.
    Ring {
        /// Its id.
        id: String,
        /// The ring; "" for none.
        #[arg(value_parser = super::directives::ring)]
        ring: String,
        /// Who decides; goes into the audit.
        #[arg(long)]
        by: String,
    },
}

/// Lists or revokes.
///
/// # Errors
/// The store cannot be read, or the id is none.
pub fn run(args: &AgentsArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    let store = args.place.open()?;
    let parsed = |id: &str| Id128::parse(id).with_context(|| format!("{id:?} is not an agent id"));
    match &args.verb {
        Some(AgentsVerb::Revoke { id, by }) => {
            let id = parsed(id)?;
            if !store.revoke(id, by, now()?)? {
                writeln!(out, "there is no agent {id} to revoke")?;
                return Ok(Exit::NotFound);
            }
            let words = format!("agent {id} is revoked; it keeps its data until it is enrolled again");
            tell(out, args.json, &words, &serde_json::json!({ "agent_id": id, "revoked_by": by }))?;
            return Ok(Exit::Done);
        }
        Some(AgentsVerb::Rotate { id, all: _, by }) => {
            let id = id.as_deref().map(parsed).transpose()?;
            return rotate(&store, id, by, args.json, out);
        }
        Some(AgentsVerb::Ring { id, ring, by }) => {
            let id = parsed(id)?;
            if !store.set_ring(id, ring, by, now()?)? {
                writeln!(out, "there is no agent {id}")?;
                return Ok(Exit::NotFound);
            }
            let words = format!("agent {id} is in ring {ring:?}; it hears of it with its next upload");
            tell(out, args.json, &words, &serde_json::json!({ "agent_id": id, "ring": ring }))?;
            return Ok(Exit::Done);
        }
        None => {}
    }
    let agents = store.agents()?;
    let sources: BTreeMap<i64, Source> =
        store.sources()?.into_iter().map(|source| (source.id, source)).collect();
    if args.json {
        let rows: Vec<_> = agents.iter().map(|agent| json(agent, sources.get(&agent.source))).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
    } else if agents.is_empty() {
        writeln!(out, "no agent is enrolled yet: cairn token create, then cairn-agent enroll --join-file F")?;
    } else {
        table(&agents, &sources, out)?;
    }
    Ok(Exit::Done)
}

/// Asks one agent for another key, or all that are not revoked.
fn rotate(
    store: &SqliteStore,
    id: Option<Id128>,
    by: &str,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let of_all = || Ok::<_, anyhow::Error>(store.agents()?.into_iter().map(|agent| agent.id).collect());
    let ids: Vec<Id128> = id.map_or_else(of_all, |id| Ok(vec![id]))?;
    let mut asked = Vec::new();
    for agent in ids {
        if store.ask_rotation(agent, by, now()?)? {
            asked.push(agent);
        }
    }
    let words = match (id, asked.len()) {
        (Some(id), 0) => {
            writeln!(out, "there is no agent {id} to ask, or it is revoked")?;
            return Ok(Exit::NotFound);
        }
        (Some(id), _) => format!("agent {id} is asked for another key; it hears of it with its next upload"),
        (None, n) => format!("{n} agents are asked for another key, each with its next upload"),
    };
    tell(out, json, &words, &serde_json::json!({ "asked": asked }))?;
    Ok(Exit::Done)
}

fn json(agent: &Agent, source: Option<&Source>) -> serde_json::Value {
    serde_json::json!({
        "agent_id": agent.id, "server": source.map(|source| &source.server), "hostname": agent.hostname,
        "version": agent.version, "registered_by": registered_by(agent), "enrolled_at": agent.enrolled_at,
        "last_upload_at": agent.last_upload_at,
        "measured_through": source.and_then(|source| source.last_seen), "revoked_at": agent.revoked_at,
        "ring": agent.ring, "moved_from": moved_from(agent), "key": key_fingerprint(&agent.public_key),
        "key_epoch": agent.key_epochs.current, "key_epoch_asked": agent.key_epochs.asked,
    })
}

const fn moved_from(agent: &Agent) -> Option<Id128> {
    if let RegisteredBy::Move { from } = agent.registered_by { Some(from) } else { None }
}

/// Whether somebody vouched for its key with a token, or it came with a bundle.
const fn registered_by(agent: &Agent) -> &'static str {
    match agent.registered_by {
        RegisteredBy::Token => "token",
        RegisteredBy::Bundle => "bundle",
        RegisteredBy::Move { .. } => "move",
    }
}

fn table(agents: &[Agent], sources: &BTreeMap<i64, Source>, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(
        out,
        "{:36}  {:24}  {:8}  {:6}  {:20}  {:20}",
        "AGENT", "SERVER", "VERSION", "BY", "LAST UPLOAD", "MEASURED THROUGH"
    )?;
    for agent in agents {
        let source = sources.get(&agent.source);
        let server = source.map_or(agent.hostname.as_str(), |source| source.server.as_str());
        let at = |moment: Option<cairn_schemas::time::Timestamp>| {
            moment.map_or("never".into(), |at| at.to_string())
        };
        let upload = if agent.revoked_at.is_some() { "revoked".into() } else { at(agent.last_upload_at) };
        writeln!(
            out,
            "{:36}  {:24}  {:8}  {:6}  {:20}  {:20}",
            agent.id.to_string(),
            terminal_safe(server),
            terminal_safe(&agent.version),
            registered_by(agent),
            upload,
            at(source.and_then(|source| source.last_seen))
        )?;
    }
    Ok(())
}
