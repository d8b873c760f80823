//! The command line: one verb, one file. This file knows the verbs, the options they share, the exit codes,
//! and where errors are printed, once.
// SPDX-License-Identifier: Apache-2.0

use crate::store::{EngagementName, sqlite::SqliteStore};
use anyhow::Context as _;
use cairn_schemas::time::Timestamp;
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

pub mod report;

/// What every verb ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// The command line was wrong.
    Usage = 2,
    /// There is no such thing.
    NotFound = 3,
    /// Something could not be reached.
    Unreachable = 4,
    /// Done in part; what was not is said.
    Partial = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Measures a physical estate and says on how few hosts it can run, with proof and risk.
#[derive(Debug, Parser)]
#[command(
    name = "cairn",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

/// Options every verb shares.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// Where engagements are kept [default: the user's data directory].
    #[arg(long, value_name = "DIR", global = true)]
    pub data: Option<PathBuf>,
    /// Which engagement.
    #[arg(long, value_name = "NAME", default_value = "default", global = true)]
    pub engagement: String,
}

#[derive(Debug, Subcommand)]
enum Verb {}

/// Runs a command line and gives its exit code.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match Cli::try_parse_from(args) {
        Ok(cli) => match run(cli.verb) {
            Ok(exit) => exit.into(),
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "cairn: {error:#}");
                Exit::Failed.into()
            }
        },
        Err(error) => {
            let _ = error.print();
            if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
        }
    }
}

/// The moment a verb works with: the clock, or `CAIRN_NOW` (RFC 3339), with which a run is repeated exactly.
///
/// # Errors
/// `CAIRN_NOW` is set and is not a time.
pub fn now() -> anyhow::Result<Timestamp> {
    if let Ok(text) = std::env::var("CAIRN_NOW") {
        return Timestamp::parse_rfc3339(&text).map_err(|error| anyhow::anyhow!("CAIRN_NOW: {error}"));
    }
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .context("the clock is before 1970")?;
    Ok(Timestamp(i64::try_from(since.as_secs())?))
}

fn run(verb: Verb) -> anyhow::Result<Exit> {
    match verb {}
}

impl Place {
    /// The directory of all engagements.
    ///
    /// # Errors
    /// No `--data` was given and the user has no home.
    pub fn data_dir(&self) -> anyhow::Result<PathBuf> {
        if let Some(dir) = &self.data {
            return Ok(dir.clone());
        }
        let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        from("XDG_DATA_HOME")
            .or_else(|| from("HOME").map(|home| home.join(".local/share")))
            .map(|base| base.join("cairn"))
            .context("no data directory: set HOME or give --data DIR")
    }

    /// Opens the engagement's store, making it when it is new.
    ///
    /// # Errors
    /// The name is not allowed, or the file cannot be opened.
    pub fn open(&self) -> anyhow::Result<SqliteStore> {
        let name: EngagementName = self.engagement.parse()?;
        SqliteStore::open(&self.data_dir()?, &name).map_err(Into::into)
    }
}
