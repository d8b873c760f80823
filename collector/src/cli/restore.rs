//! `cairn restore`: an engagement as it was when a backup was made.
// SPDX-License-Identifier: Apache-2.0

use super::backup::{beside, digest, keep, private, sync_folder_of};
use super::{Exit, Place, check, now, progress};
use crate::engagements::Engagements;
use crate::store::care::Care as _;
use crate::store::people::People as _;
use crate::store::sqlite::SqliteStore;
use crate::store::{EngagementName, Store as _};
use anyhow::{Context as _, bail, ensure};
use clap::Args;
use serde_json::json;
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

/// First bytes of what zstd compressed.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Brings an engagement back from a backup, into a new or empty one.
///
/// Agents that have delivered since go on by themselves: what they were told is safe and is not any more
/// becomes a gap, and they resend what they still hold. Whatever else was done since the backup is gone:
/// enrolments, revocations, directives, facts, assessments.
#[derive(Debug, Args)]
pub(super) struct Restore {
    #[command(flatten)]
    place: Place,
    /// The backup, compressed or not.
    file: PathBuf,
    /// Replace what is there; the file it was is kept beside.
    #[arg(long)]
    replace: bool,
    /// Take the backup although the check finds damage in it; ends with 5.
    #[arg(long)]
    damaged: bool,
    /// Who restores it; goes into the audit.
    #[arg(long, value_name = "WHO", default_value = "restore")]
    by: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Restore, out: &mut impl Write) -> anyhow::Result<Exit> {
    if !args.file.exists() {
        bail!(super::NotFound(format!("there is no file {}", args.file.display())));
    }
    let (name, target) = (args.place.name()?, args.place.file()?);
    let folder = target.parent().context("the engagement has no folder")?;
    // Makes the folder as a store does, closed to others.
    if !folder.exists() {
        drop(args.place.open()?);
    }
    let part = beside(&target, "part");
    let restored = bring_back(args, &name, &target, &part);
    let _ = std::fs::remove_file(&part);
    let (aside, is_sound) = restored?;
    let store = SqliteStore::open(&args.place.data_dir()?, &name)?;
    let (sha256, _) = digest(&args.file)?;
    let what = format!("restored from {} with sha256 {sha256}", args.file.display());
    store.audit(&args.by, &what, now()?)?;
    // Whoever was signed in when it was made need not be allowed to be any more.
    store.end_sessions(None, &args.by, now()?)?;
    tell(args, &store, aside.as_deref(), &sha256, out)?;
    Ok(if is_sound { Exit::Done } else { Exit::Partial })
}

/// The file that was there before, where one was put aside, and whether the backup is sound.
fn bring_back(
    args: &Restore,
    name: &EngagementName,
    target: &Path,
    part: &Path,
) -> anyhow::Result<(Option<PathBuf>, bool)> {
    progress::during("unpacking", || unpack(&args.file, part))
        .with_context(|| format!("reading {}", args.file.display()))?;
    let backup = SqliteStore::read_only(part, name)
        .with_context(|| format!("{} is no backup this program can read", args.file.display()))?;
    let found = progress::during("checking it", || backup.check(false))?;
    let is_sound = found.faults.is_empty();
    ensure!(
        is_sound || args.damaged,
        "{} is damaged; --damaged takes it all the same\n{}",
        args.file.display(),
        check::said(&found)
    );
    not_elsewhere(args, name, &backup)?;
    drop(backup);
    let aside = make_room(args, name, target)?;
    keep(part, target).with_context(|| format!("writing {}", target.display()))?;
    Ok((aside, is_sound))
}

fn unpack(from: &Path, to: &Path) -> io::Result<()> {
    let (mut input, mut output) = (File::open(from)?, private(to)?);
    let mut head = Vec::new();
    io::Read::by_ref(&mut input).take(4).read_to_end(&mut head)?;
    let mut whole = head.as_slice().chain(input);
    if head == ZSTD_MAGIC {
        zstd::stream::copy_decode(whole, output)
    } else {
        io::copy(&mut whole, &mut output).map(|_| ())
    }
}

/// An agent keeps its engagement: were it in two, what it sends would go into either.
fn not_elsewhere(args: &Restore, name: &EngagementName, backup: &SqliteStore) -> anyhow::Result<()> {
    let others = Engagements::new(&args.place.data_dir()?).all()?;
    for other in others.iter().filter(|other| other.engagement() != name) {
        for agent in backup.agents()? {
            ensure!(
                other.agent(agent.id)?.is_none(),
                "agent {} of this backup delivers into engagement {} here; restore the backup under that name, or \
                 into another --data directory",
                agent.id,
                other.engagement().as_str()
            );
        }
    }
    Ok(())
}

/// Puts aside what is there, once nobody uses it; something that holds anything only where that was asked for.
fn make_room(args: &Restore, name: &EngagementName, target: &Path) -> anyhow::Result<Option<PathBuf>> {
    if !target.exists() {
        return Ok(None);
    }
    let held = SqliteStore::open(&args.place.data_dir()?, name);
    let is_empty = match &held {
        Ok(store) => {
            store.servers()?.is_empty() && store.agents()?.is_empty() && store.assessments()?.is_empty()
        }
        // What is damaged beyond opening is what a backup is for.
        Err(_) => false,
    };
    ensure!(
        is_empty || args.replace,
        "engagement {} is there and not empty; --replace puts {} aside and restores over it",
        name.as_str(),
        target.display()
    );
    if let Ok(store) = &held {
        store.hold_alone()?;
    }
    let stamp = now()?.to_string().replace([':', '-'], "");
    let aside = target.with_file_name(format!("{}.sqlite.before-{stamp}", name.as_str()));
    ensure!(!aside.exists(), "{} exists already", aside.display());
    std::fs::rename(target, &aside).with_context(|| format!("putting {} aside", target.display()))?;
    for ending in ["-wal", "-shm"] {
        // Of a file that could not be opened: its log must not be taken for the new one's.
        let _ = std::fs::rename(with_ending(target, ending), with_ending(&aside, ending));
    }
    sync_folder_of(target)?;
    Ok(Some(aside))
}

/// A path with some characters behind it.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn tell(
    args: &Restore,
    store: &SqliteStore,
    aside: Option<&Path>,
    sha256: &str,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let (servers, agents, until) = (store.servers()?.len(), store.agents()?.len(), store.extent()?);
    let until = until.map(|extent| extent.to);
    if args.json {
        let report = json!({
            "engagement": store.engagement().as_str(), "file": args.file, "sha256": sha256, "servers": servers,
            "agents": agents, "measured_through": until, "put_aside": aside,
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
        return Ok(());
    }
    let until = until.map_or("nothing measured".into(), |until| format!("measured through {until}"));
    writeln!(out, "engagement {}: {servers} servers, {agents} agents, {until}", store.engagement().as_str())?;
    if let Some(aside) = aside {
        writeln!(out, "what was there is kept as {}", aside.display())?;
    }
    writeln!(
        out,
        "What was done since the backup is gone: repeat revocations, erasures, directives, and what was changed of people \
         (cairn people); nobody is signed in. An agent that came since is known again once a bundle of it is imported \
         (cairn-agent collect, cairn import bundle)."
    )?;
    Ok(())
}
