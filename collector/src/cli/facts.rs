//! `cairn facts`: what people and inventories know of servers.
// SPDX-License-Identifier: Apache-2.0

use super::import::{print, with_progress};
use super::{Exit, Place, now};
use crate::engagements::Engagements;
use crate::facts;
use crate::import::Context;
use crate::store::Store as _;
use clap::{Args, Subcommand};
use std::io::Write;
use std::path::PathBuf;

/// What people and inventories know of servers.
#[derive(Debug, Args)]
pub(super) struct Facts {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Imports a CSV file: a column `server`, then any facts; unknown columns become tags.
    Import {
        /// The file.
        file: PathBuf,
        /// Who stands for the rows that name nobody in `confirmed_by`.
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
        /// Prints what was done as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows the facts of a server with their provenance.
    Show {
        /// The server.
        server: String,
        /// Prints them as JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(args: &Facts, out: &mut impl Write) -> anyhow::Result<Exit> {
    let store = args.place.open()?;
    match &args.verb {
        Verb::Import { file, by, json } => {
            let report = with_progress(|progress| {
                let engagements = &Engagements::new(&args.place.data_dir()?);
                let mut context = Context {
                    store: &store,
                    engagements,
                    expect_keys: &[],
                    server: None,
                    now: now()?,
                    progress,
                };
                facts::import(file, by.as_deref(), &mut context).map_err(anyhow::Error::from)
            })?;
            print(&report, *json, out)
        }
        Verb::Show { server, json } => {
            let known = store.facts(server)?;
            if known.is_empty() && store.servers()?.binary_search(server).is_err() {
                anyhow::bail!(super::NotFound(format!("there is no server {server:?}")));
            }
            if *json {
                serde_json::to_writer_pretty(&mut *out, &known)?;
                writeln!(out)?;
            } else if known.is_empty() {
                writeln!(out, "{}: nothing is known besides its samples", server.escape_debug())?;
            } else {
                facts::write(&known, out)?;
            }
            Ok(Exit::Done)
        }
    }
}
