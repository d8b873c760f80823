//! `cairn facts`: what people, inventories and CMDBs know of servers, and where they differ.
// SPDX-License-Identifier: Apache-2.0

use super::import::{print, with_progress};
use super::{Exit, NotFound, Place, now, tell};
use crate::engagements::Engagements;
use crate::import::{Context, ImportReport};
use crate::nearest::meant;
use crate::store::register::Register as _;
use crate::store::{Store as _, sqlite::SqliteStore};
use crate::{cmdb, facts};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};

mod reconcile;

/// What people, inventories and CMDBs know of servers.
#[derive(Debug, Args)]
pub(super) struct Facts {
    #[command(subcommand)]
    verb: Verb,
    /// Prints JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Imports a CSV file: a column `server`, then any facts; unknown columns become tags.
    Import {
        /// The file.
        file: PathBuf,
        /// A saved mapping: the file is a CMDB's export, taken whole or not at all.
        #[arg(long, value_name = "NAME")]
        mapping: Option<String>,
        /// Who stands for the rows that name nobody in `confirmed_by`; with --mapping: who imports.
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
    },
    /// Shows the facts of a server with their provenance.
    Show {
        /// The server.
        server: String,
    },
    /// Saves a mapping of a CMDB's columns to facts, or shows those there are.
    #[command(long_about = MAPPING_HELP)]
    Mapping {
        /// Name of the mapping; without it they are listed.
        name: Option<String>,
        /// File to save under the name; without it the mapping is shown.
        #[arg(requires = "name")]
        file: Option<PathBuf>,
        /// Who saves it.
        #[arg(long, value_name = "WHO", default_value = "")]
        by: String,
    },
    /// Compares what the CMDB, agents and imports say; each difference with its reason.
    Reconcile,
}

const MAPPING_HELP: &str = "Saves a mapping of a CMDB's columns to facts, or shows those there are.

A mapping is a TOML file:
  server = \"CI Name\"                 # column with the server's name
  updated = \"Last Updated\"           # optional: when a record was last changed
  ignore = [\"Sys ID\"]                # optional: columns left out on purpose
  [columns.\"RAM (GB)\"]
  fact = \"memory_bytes\"              # a fact, or tag.NAME
  times = 1073741824                 # to the fact's unit
  [columns.Status]
  fact = \"retire\"
  words = { \"In use\" = \"no\", \"Retiring\" = \"yes\" }
  skip = [\"n/a\"]                     # words that say nothing";

pub(super) fn run(args: &Facts, out: &mut impl Write) -> anyhow::Result<Exit> {
    let store = args.place.open()?;
    match &args.verb {
        Verb::Import { file, mapping, by } => {
            let report = match mapping {
                Some(name) => import_mapped(args, &store, file, name, by.as_deref())?,
                None => with_context(args, &store, |context| {
                    facts::import(file, by.as_deref(), context).map_err(anyhow::Error::from)
                })?,
            };
            print(&report, args.json, out)
        }
        Verb::Show { server } => show(&store, server, args.json, out),
        Verb::Mapping { name: None, .. } => {
            let mappings = store.mappings()?;
            let names: Vec<&str> = mappings.keys().map(String::as_str).collect();
            if args.json || !names.is_empty() {
                tell(out, args.json, &names.join("\n"), &json!(names))?;
            }
            Ok(Exit::Done)
        }
        Verb::Mapping { name: Some(name), file: None, .. } => {
            let text = mapping_of(&store, name)?;
            tell(out, args.json, text.trim_end_matches('\n'), &json!({ "name": name, "text": text }))?;
            Ok(Exit::Done)
        }
        Verb::Mapping { name: Some(name), file: Some(file), by } => {
            let name = cmdb::checked_name(name).map_err(anyhow::Error::msg)?;
            let text =
                std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
            cmdb::parse(&file.display().to_string(), &text)?;
            store.put_mapping(name, &text, by, now()?)?;
            tell(out, args.json, &format!("mapping {name} is saved"), &json!({ "saved": name }))?;
            Ok(Exit::Done)
        }
        Verb::Reconcile => reconcile::run(&store, args.json, out),
    }
}

fn with_context<T>(
    args: &Facts,
    store: &SqliteStore,
    work: impl FnOnce(&mut Context<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let engagements = &Engagements::new(&args.place.data_dir()?);
    let now = now()?;
    with_progress(|progress| {
        work(&mut Context { store, engagements, expect_keys: &[], server: None, now, progress })
    })
}

fn import_mapped(
    args: &Facts,
    store: &SqliteStore,
    file: &Path,
    name: &str,
    by: Option<&str>,
) -> anyhow::Result<ImportReport> {
    let by = by.context("--mapping needs --by WHO: the audit names who imported what a CMDB says")?;
    let mapping = cmdb::parse(&format!("mapping {name}"), &mapping_of(store, name)?)?;
    with_context(args, store, |context| {
        cmdb::import(file, (name, &mapping), by, context).map_err(anyhow::Error::from)
    })
}

fn mapping_of(store: &SqliteStore, name: &str) -> anyhow::Result<String> {
    let mut all = store.mappings()?;
    all.remove(name).ok_or_else(|| {
        let near = meant(name, all.keys().map(String::as_str));
        NotFound(format!("there is no mapping {name:?} (`cairn facts mapping` saves one){near}")).into()
    })
}

fn show(store: &SqliteStore, server: &str, json: bool, out: &mut impl Write) -> anyhow::Result<Exit> {
    let known = store.facts(server)?;
    if known.is_empty() && store.servers()?.binary_search_by(|name| name.as_str().cmp(server)).is_err() {
        anyhow::bail!(NotFound(format!("there is no server {server:?}")));
    }
    if json {
        serde_json::to_writer_pretty(&mut *out, &known)?;
        writeln!(out)?;
    } else if known.is_empty() {
        writeln!(out, "{}: nothing is known besides its samples", server.escape_debug())?;
    } else {
        facts::write(&known, out)?;
    }
    Ok(Exit::Done)
}
