//! `cairn backup`: a copy of an engagement while it is in use, checked before it counts as one.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place, check, now, progress};
use crate::number::terminal_safe;
use crate::store::care::{self, Care as _};
use crate::store::sqlite::SqliteStore;
use anyhow::{Context as _, ensure};
use cairn_schemas::digest::HashWriter;
use cairn_schemas::time::{DAY_S, Timestamp};
use clap::Args;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const ZSTD_LEVEL: i32 = 3;

/// Writes a copy of an engagement into a file, while the collector goes on.
///
/// The copy is on disk and has passed `cairn check` when this ends. A name ending in .zst is compressed.
#[derive(Debug, Args)]
pub(super) struct Backup {
    #[command(flatten)]
    place: Place,
    /// The file to write; it must not exist.
    #[arg(long, value_name = "FILE", required_unless_present = "list")]
    out: Option<PathBuf>,
    /// How long you mean to keep the file; statements of erasure say so.
    #[arg(long, value_name = "DAYS")]
    keep_days: Option<u32>,
    /// Keep the copy although the check found damage; ends with 5.
    #[arg(long)]
    damaged: bool,
    /// Who makes it; goes into the audit.
    #[arg(long, value_name = "WHO", default_value = "backup")]
    by: String,
    /// Lists the backups made so far instead.
    #[arg(long, conflicts_with_all = ["out", "keep_days"])]
    list: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Backup, out: &mut impl Write) -> anyhow::Result<Exit> {
    args.place.existing_file()?;
    let store = args.place.open()?;
    let Some(target) = args.out.as_deref().filter(|_| !args.list) else {
        return list(&store.backups()?, args.json, out);
    };
    let at = now()?;
    let (sha256, bytes, is_sound) =
        progress::during("writing a copy and checking it", || write(&store, target, args.damaged))?;
    let name = std::path::absolute(target).unwrap_or_else(|_| target.to_owned()).display().to_string();
    let keep_until = args.keep_days.map(|days| Timestamp(at.0 + i64::from(days) * DAY_S));
    let made = care::Backup { name, at, sha256, bytes, keep_until };
    store.register_backup(&made, &args.by)?;
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&made)?)?;
    } else {
        let checked = if is_sound { "checked" } else { "DAMAGED: see cairn check" };
        writeln!(out, "{}: {} bytes, {checked}, sha256 {}", target.display(), made.bytes, made.sha256)?;
        writeln!(out, "to bring it back: cairn restore {}", target.display())?;
    }
    Ok(if is_sound { Exit::Done } else { Exit::Partial })
}

fn list(made: &[care::Backup], json: bool, out: &mut impl Write) -> anyhow::Result<Exit> {
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(made)?)?;
    } else if made.is_empty() {
        writeln!(out, "no backup was made yet: cairn backup --out FILE")?;
    }
    for backup in made.iter().filter(|_| !json) {
        writeln!(out, "{}", line(backup))?;
    }
    Ok(Exit::Done)
}

/// A backup in one line.
pub(super) fn line(backup: &care::Backup) -> String {
    let until = backup.keep_until.map_or("nobody said until when".into(), |until| format!("until {until}"));
    format!(
        "{} of {}, {} bytes, sha256 {}, {until}",
        terminal_safe(&backup.name),
        backup.at,
        backup.bytes,
        backup.sha256
    )
}

/// Copies, checks, and only then gives the file its name. Its SHA-256, its size, and whether it is sound.
fn write(store: &SqliteStore, target: &Path, damaged: bool) -> anyhow::Result<(String, u64, bool)> {
    ensure!(!target.exists(), "{} exists; give another name", target.display());
    let part = beside(target, "part");
    let made = copied(store, target, &part, damaged);
    let _ = std::fs::remove_file(&part);
    made
}

fn copied(
    store: &SqliteStore,
    target: &Path,
    part: &Path,
    damaged: bool,
) -> anyhow::Result<(String, u64, bool)> {
    let named = |path: &Path| format!("writing {}", path.display());
    private(part).with_context(|| named(part))?;
    store.copy_to(part)?;
    let found = SqliteStore::read_only(part, crate::store::Store::engagement(store))?.check(false)?;
    let is_sound = found.faults.is_empty();
    ensure!(
        is_sound || damaged,
        "what would be backed up is not sound, so this is no backup; --damaged keeps it all the same\n{}",
        check::said(&found)
    );
    if target.extension().is_some_and(|ending| ending == "zst") {
        let packed = beside(target, "zst-part");
        let kept = pack(part, &packed).and_then(|()| keep(&packed, target));
        let _ = std::fs::remove_file(&packed);
        kept.with_context(|| named(target))?;
    } else {
        keep(part, target).with_context(|| named(target))?;
    }
    let (sha256, bytes) = digest(target).with_context(|| format!("reading {}", target.display()))?;
    Ok((sha256, bytes, is_sound))
}

fn pack(from: &Path, to: &Path) -> io::Result<()> {
    zstd::stream::copy_encode(File::open(from)?, private(to)?, ZSTD_LEVEL)
}

/// A new file only its owner can read: it is a map of the customer's estate.
pub(super) fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create_new(true).open(path)
}

/// Makes a file durable under its final name.
pub(super) fn keep(from: &Path, to: &Path) -> io::Result<()> {
    File::open(from)?.sync_all()?;
    std::fs::rename(from, to)?;
    sync_folder_of(to)
}

/// Makes what happened to names in a file's folder durable.
pub(super) fn sync_folder_of(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// SHA-256 and size of a file.
pub(super) fn digest(file: &Path) -> io::Result<(String, u64)> {
    let mut hash = HashWriter::default();
    let bytes = io::copy(&mut File::open(file)?, &mut hash)?;
    Ok((hash.finish_hex(), bytes))
}

/// A name beside a file, for what it will be made from.
pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!(".{name}.{}.{ending}", std::process::id()))
}
