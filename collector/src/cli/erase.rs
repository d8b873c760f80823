//! `cairn erase`: a server, or a whole engagement, for good, with a statement to keep.
// SPDX-License-Identifier: Apache-2.0

use super::restore::with_ending;
use super::{Exit, Place, backup, now, progress};
use crate::number::terminal_safe;
use crate::store::care::{Backup, Care as _, Erasure};
use crate::store::sqlite::SqliteStore;
use crate::store::{EngagementName, Store as _};
use anyhow::Context as _;
use cairn_schemas::digest::sha256_hex;
use cairn_schemas::time::Timestamp;
use clap::{Args, Subcommand};
use serde_json::json;
use std::fmt::Write as _;
use std::io::Write;

/// Erases a server, or a whole engagement, for good, and prints a statement of it to keep.
#[derive(Debug, Args)]
pub(super) struct Erase {
    #[command(flatten)]
    place: Place,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Erases all that is about a server: samples, facts, agents, batches, drafts that name it.
    Server {
        /// Its name.
        name: String,
        /// Issued assessments that name it too; without this they stay, being immutable.
        #[arg(long)]
        with_issued: bool,
        #[command(flatten)]
        word: Word,
    },
    /// Erases a whole engagement: its file, and the statement stays beside.
    Engagement {
        /// Its name.
        name: String,
        #[command(flatten)]
        word: Word,
    },
}

#[derive(Debug, Args)]
struct Word {
    /// Who decides; stands in the statement and the audit.
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Do it; without this it is only said what would go.
    #[arg(long)]
    yes: bool,
}

/// Who erases where, and when.
struct Order<'a> {
    engagement: &'a str,
    by: &'a str,
    at: Timestamp,
    backups: Vec<Backup>,
}

pub(super) fn run(args: &Erase, out: &mut impl Write) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Server { name, with_issued, word } => server(args, name, *with_issued, word, out),
        Verb::Engagement { name, word } => engagement(args, name, word, out),
    }
}

fn server(
    args: &Erase,
    name: &str,
    with_issued: bool,
    word: &Word,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    args.place.existing_file()?;
    let store = args.place.open()?;
    let engagement = store.engagement().as_str();
    let order = Order { engagement, by: &word.by, at: now()?, backups: store.backups()? };
    let unknown = || super::NotFound(format!("there is no server {name:?}"));
    if !word.yes {
        let would = store.erasable(name, with_issued)?.ok_or_else(unknown)?;
        if args.json {
            writeln!(
                out,
                "{}",
                serde_json::to_string_pretty(&json!({ "erased": false, "would_erase": would }))?
            )?;
        } else {
            write!(out, "{}", contents(&would, &order))?;
            writeln!(out, "Nothing was erased: add --yes to do it.")?;
        }
        return Ok(Exit::Done);
    }
    let statement = |done: &Erasure| {
        format!("{}\n{}", heading(&format!("server {}", terminal_safe(name)), &order), contents(done, &order))
    };
    let erased = progress::during("erasing", || {
        store.erase_server(name, with_issued, order.by, order.at, &statement)
    })?;
    let (done, text) = erased.ok_or_else(unknown)?;
    print(&text, args.json.then(|| json!(done)), out)?;
    if done.overwritten {
        return Ok(Exit::Done);
    }
    let _ = writeln!(
        std::io::stderr(),
        "cairn: somebody reads the store, so its log could not be emptied and may still hold what was erased until \
         `cairn serve` ends"
    );
    Ok(Exit::Partial)
}

fn heading(what: &str, order: &Order<'_>) -> String {
    let by = terminal_safe(order.by);
    format!("Statement of erasure\n{what}, engagement {}\nerased at {} by {by}", order.engagement, order.at)
}

fn contents(done: &Erasure, order: &Order<'_>) -> String {
    let mut text = String::new();
    // Writing to memory cannot fail.
    for (what, count) in &done.removed {
        let _ = writeln!(text, "  {what}: {count}");
    }
    let mut list = |what: &str, which: Vec<String>| {
        if !which.is_empty() {
            let _ = writeln!(text, "{what}: {}", which.join(", "));
        }
    };
    let numbers = |ids: &[u64]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    list("agents, which the collector no longer knows (uninstall them on the host)", done.agents.clone());
    list("assessments removed that nobody issued", numbers(&done.drafts));
    list("issued assessments removed", numbers(&done.issued_removed));
    list(
        "issued assessments that name it and stay, being immutable (--with-issued takes them too)",
        numbers(&done.issued_kept),
    );
    list(
        "assessments that stay and cannot be computed again from here, because what they were computed from named it \
         and is removed (evidence written before can)",
        numbers(&done.inputs_removed),
    );
    let mentions = done.mentioned_by.iter().map(|fact| terminal_safe(fact).into_owned());
    list("free texts of other servers that mention it and stay", mentions.collect());
    backups(&mut text, &order.backups);
    text
}

fn backups(text: &mut String, made: &[Backup]) {
    let _ = writeln!(text, "backups made before, which hold it until they are deleted: {}", made.len());
    for made in made {
        let _ = writeln!(text, "  {}", backup::line(made));
    }
    let _ = writeln!(
        text,
        "not within reach: reports and exports that left this store, and blocks of the disk its file system has freed"
    );
}

/// The statement and its hash; as JSON with what was done.
fn print(text: &str, done: Option<serde_json::Value>, out: &mut impl Write) -> anyhow::Result<()> {
    let hash = sha256_hex(text.as_bytes());
    match done {
        Some(done) => {
            let report = json!({ "erased": true, "did": done, "statement": text, "sha256": hash });
            writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
        }
        None => writeln!(out, "{text}sha256 of the lines above: {hash}")?,
    }
    Ok(())
}

fn engagement(args: &Erase, name: &str, word: &Word, out: &mut impl Write) -> anyhow::Result<Exit> {
    let place = Place { engagement: name.to_owned(), ..args.place.clone() };
    let (file, name) = (place.existing_file()?, place.name()?);
    let order = Order {
        engagement: name.as_str(),
        by: &word.by,
        at: now()?,
        // A file that cannot be opened can be erased all the same.
        backups: place.open().and_then(|store| Ok(store.backups()?)).unwrap_or_default(),
    };
    let (bytes, mut text) = (std::fs::metadata(&file)?.len(), String::new());
    let _ = writeln!(text, "{}\n  {} of {bytes} bytes", heading("everything", &order), file.display());
    backups(&mut text, &order.backups);
    if !word.yes {
        write!(out, "{text}")?;
        writeln!(out, "Nothing was erased: add --yes to do it.")?;
        return Ok(Exit::Done);
    }
    remove(&place, &name)?;
    let hash = sha256_hex(text.as_bytes());
    let stamp = order.at.to_string().replace([':', '-'], "");
    let beside = file.with_file_name(format!("{}.erased-{stamp}.txt", name.as_str()));
    std::fs::write(&beside, format!("{text}sha256 of the lines above: {hash}\n"))
        .with_context(|| format!("the engagement is erased; writing {}", beside.display()))?;
    print(&text, args.json.then(|| json!({ "engagement": name.as_str(), "beside": beside })), out)?;
    Ok(Exit::Done)
}

/// Removes the file and its log, once nobody uses them.
fn remove(place: &Place, name: &EngagementName) -> anyhow::Result<()> {
    let file = place.file()?;
    let held = SqliteStore::open(&place.data_dir()?, name);
    if let Ok(store) = &held {
        store.hold_alone()?;
    }
    std::fs::remove_file(&file).with_context(|| format!("removing {}", file.display()))?;
    for ending in ["-wal", "-shm", "-journal"] {
        let _ = std::fs::remove_file(with_ending(&file, ending));
    }
    backup::sync_folder_of(&file).with_context(|| format!("removing {}", file.display()))
}
