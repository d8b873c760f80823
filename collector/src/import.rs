//! Foreign history into the store. A format is one file and one line in [`FORMATS`]; every format counts its
//! rows the same way and says what it did not take, with file, line and field.
// SPDX-License-Identifier: Apache-2.0

use crate::engagements::Engagements;
use crate::store::{Store, StoreError};
use cairn_schemas::time::Timestamp;
use std::path::{Path, PathBuf};

mod problem;
mod report;
pub(crate) use problem::Fault;
pub use problem::{Kind, Problem};
pub use report::{FileReport, ImportReport, RowCounts};

pub mod bundle;
pub mod csv;

mod server_texts;
pub use server_texts::takes_server_name;

pub mod dmidecode;
pub mod lscpu;

/// A format that can be imported.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Word of the command line.
    pub name: &'static str,
    /// What it reads, in one line.
    pub reads: &'static str,
    /// Reads the paths into the store.
    pub import: fn(&[PathBuf], &mut Context<'_>) -> Result<ImportReport, ImportError>,
}

/// Every format, in the order they are listed.
pub const FORMATS: &[Format] = &[csv::FORMAT, bundle::FORMAT, lscpu::FORMAT, dmidecode::FORMAT];

/// The format of a name.
#[must_use]
pub fn format_of(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// What an import works with.
pub struct Context<'a> {
    /// Where everything goes.
    pub store: &'a dyn Store,
    /// All engagements, of which the store is one: an agent belongs to no other.
    pub engagements: &'a Engagements,
    /// Keys a bundle may be signed with, as [`bundle::expected_key`] gives them; none: any.
    pub expect_keys: &'a [String],
    /// The moment facts are observed at.
    pub now: Timestamp,
    /// The server a text is about, where the command line names it.
    pub server: Option<&'a str>,
    /// Told how far a file is read.
    pub progress: &'a mut dyn FnMut(&Path, Progress),
}

/// How far a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read.
    pub done_bytes: u64,
    /// Bytes of the file, 0 when it does not say.
    pub total_bytes: u64,
}

/// An import ended early. Rows stored before stay, and count as repeated when it is run again.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A path could not be read.
    #[error("reading {path}: {source}")]
    Read {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A directory holds nothing of the format.
    #[error("{path} holds no {what}; name the files, or the directory they are in")]
    Nothing {
        /// Which directory.
        path: String,
        /// What was looked for.
        what: &'static str,
    },
    /// The store refused.
    #[error("{0}; rows stored so far stay: run the same import again, they will count as repeated")]
    Store(#[from] StoreError),
}
