//! `cairn pseudonyms`: makes the key `cairn report --pseudonyms` uses, and puts names back into what was written
//! with it.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place};
use crate::pseudonyms::{Pseudonyms, key_file, restore};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A file larger than this is no report.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Pseudonyms in reports: who keeps the key can read the names again.
#[derive(Clone, Debug, Args)]
pub(super) struct PseudonymsArgs {
    #[command(subcommand)]
    verb: Verb,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Which data and engagement.
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Debug, Subcommand)]
enum Verb {
    /// Makes a key. Keep it: without it no name comes back, and with it everybody's does.
    Key {
        /// Where to write it; a file that is there stays as it is.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Puts the names of this engagement back into a file: HTML, CSV, JSON or text. A PDF or a workbook is written
    /// anew with `cairn report`.
    Restore {
        /// The file with pseudonyms.
        file: PathBuf,
        /// The key it was written with.
        #[arg(long, value_name = "KEYFILE")]
        key: PathBuf,
        /// Where to write; `-` is standard output.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// Runs the verb.
///
/// # Errors
/// A file cannot be read or written, or the store fails.
pub(super) fn run(args: &PseudonymsArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Key { out: path } => {
            make_key(path)?;
            let shown = path.display();
            match args.json {
                true => writeln!(out, "{}", json!({ "key": shown.to_string() }))?,
                false => writeln!(out, "made {shown}: keep it where reports do not go")?,
            }
            Ok(Exit::Done)
        }
        Verb::Restore { file, key, out: to } => put_back(args, file, key, to, out),
    }
}

fn make_key(path: &Path) -> anyhow::Result<()> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).ok().context("no random numbers here")?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let shown = || format!("make the key {}", path.display());
    let mut file = options.open(path).with_context(shown)?;
    file.write_all(key_file(bytes).as_bytes()).and_then(|()| file.sync_all()).with_context(shown)
}

fn put_back(
    args: &PseudonymsArgs,
    file: &Path,
    key: &Path,
    to: &Path,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let shown = file.display().to_string();
    let bytes = std::fs::metadata(file).with_context(|| format!("read {shown}"))?.len();
    anyhow::ensure!(bytes <= FILE_BYTES_MAX, "{shown} is larger than {} MiB", FILE_BYTES_MAX >> 20);
    let text = std::fs::read_to_string(file).with_context(|| {
        format!("read {shown} as text; a PDF or a workbook is written anew, without --pseudonyms, by `cairn report`")
    })?;
    let mut pseudonyms = Pseudonyms::read(key)?;
    let store = args.place.open()?;
    for row in crate::store::Store::assessments(&store)? {
        if let Some(assessment) = crate::store::Store::assessment(&store, row.id)? {
            pseudonyms.replace(&assessment)?;
        }
    }
    let (restored, put, left) = restore(&text, &shown, &pseudonyms);
    if to.as_os_str() == "-" {
        out.write_all(restored.as_bytes()).context("write to standard output")?;
    } else {
        super::report::replace(to, restored.as_bytes())?;
        match args.json {
            true => writeln!(out, "{}", json!({ "put_back": put, "left": left }))?,
            false => {
                writeln!(out, "{put} names put back; {left} pseudonyms are of another key or engagement")?
            }
        }
    }
    Ok(if left == 0 { Exit::Done } else { Exit::Partial })
}
