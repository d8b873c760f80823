//! `cairn import`: foreign history into the store.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place, now};
use crate::engagements::Engagements;
use crate::import::bundle::{self, expected_key};
use crate::import::{Context, FORMATS, ImportReport, Progress, format_of, takes_server_name};
use anyhow::Context as _;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Reads foreign history into the store.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// Lists the formats.
    #[arg(long)]
    list: bool,
    /// Format of the files.
    #[arg(required_unless_present = "list")]
    format: Option<String>,
    /// Files, or directories of files.
    #[arg(required_unless_present = "list", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Key a bundle must be signed with, as `cairn-agent collect` printed it; for each key once.
    #[arg(long = "expect-key", value_name = "KEY", value_parser = expected_key)]
    expect_keys: Vec<String>,
    /// The server a text is about [default: the name of the file].
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    /// Prints what was done as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Import, out: &mut impl Write) -> anyhow::Result<Exit> {
    let Some(name) = args.format.as_deref().filter(|_| !args.list) else {
        for format in FORMATS {
            writeln!(out, "{:<10} {}", format.name, format.reads)?;
        }
        return Ok(Exit::Done);
    };
    let known = || FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().join(", ");
    let format =
        format_of(name).with_context(|| format!("there is no format {name:?}; known: {}", known()))?;
    let server = args.server.as_deref();
    anyhow::ensure!(
        server.is_none() || takes_server_name(format),
        "--server is for texts of one server; files of {name} name their servers"
    );
    anyhow::ensure!(
        args.expect_keys.is_empty() || format.name == bundle::FORMAT.name,
        "--expect-key is for bundles; files of {name} are not signed"
    );
    let store = args.place.open()?;
    let report = with_progress(|progress| {
        let mut context = Context {
            store: &store,
            engagements: &Engagements::new(&args.place.data_dir()?),
            expect_keys: &args.expect_keys,
            server,
            now: now()?,
            progress,
        };
        (format.import)(&args.paths, &mut context).map_err(anyhow::Error::from)
    })?;
    print(&report, args.json, out)
}

/// Prints a report and says how it ended.
pub(super) fn print(report: &ImportReport, json: bool, out: &mut impl Write) -> anyhow::Result<Exit> {
    if json {
        serde_json::to_writer_pretty(&mut *out, report)?;
        writeln!(out)?;
    } else {
        report.write(out)?;
    }
    Ok(if report.is_failure() {
        Exit::Failed
    } else if report.is_partial() {
        Exit::Partial
    } else {
        Exit::Done
    })
}

/// Shows a bar while something reads files; only on a terminal.
pub(super) fn with_progress<T>(work: impl FnOnce(&mut dyn FnMut(&Path, Progress)) -> T) -> T {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {eta}") {
        bar.set_style(style);
    }
    let done = work(&mut |path, progress| {
        bar.set_length(progress.total_bytes);
        bar.set_position(progress.done_bytes);
        bar.set_message(path.display().to_string().escape_debug().to_string());
    });
    bar.finish_and_clear();
    done
}
