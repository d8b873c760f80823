//! A whole file of samples into the store: rows gather by server and leave as slot tables, at the end of the
//! file or when too many are held.
// SPDX-License-Identifier: Apache-2.0

use super::buffer::{Buffer, FALLBACK_WIDTH_S};
use super::samples::Columns;
use super::{FileRows, Met, quoted, some_of, tell, total_bytes, unreadable};
use crate::import::problem::{Fault, Kind};
use crate::import::{Context, FileReport, ImportError, ImportReport};
use crate::store::SourceKind;
use cairn_schemas::metric::Metric;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Rows held before they are written, about 30 to 100 bytes each: what bounds the memory of an import.
const ROWS_HELD_MAX: usize = 4_000_000;
/// Rows between two notices of progress.
const ROWS_A_NOTICE: u64 = 1 << 15;

/// What a file has gathered.
struct Gathered {
    file: String,
    metrics: Vec<&'static Metric>,
    names: HashMap<Box<str>, usize>,
    buffers: Vec<(Box<str>, Buffer)>,
    held: usize,
    counts: FileReport,
    /// Inferred widths, and how many servers got each.
    widths: BTreeMap<u32, usize>,
}

/// Reads a file of samples.
pub(super) fn read_samples(
    path: &Path,
    mut rows: FileRows,
    context: &mut Context<'_>,
    met: &mut Met,
    report: &mut ImportReport,
) -> Result<(), ImportError> {
    let file = path.display().to_string();
    let mut columns = match Columns::of(rows.header()) {
        Ok(columns) => columns,
        Err(fault) => {
            report.refuse(&file, fault);
            report.finish(FileReport { file, holds: "samples", ..FileReport::default() });
            return Ok(());
        }
    };
    let mut gathered = Gathered::new(&file, columns.metrics());
    let total = total_bytes(path);
    let mut codes = Vec::new();
    loop {
        let read_bytes = rows.read_bytes();
        let Some((place, record)) = rows.next().map_err(|e| unreadable(path, e))? else { break };
        gathered.counts.rows.read += 1;
        codes.clear();
        let row = record.and_then(|record| {
            if place.unterminated {
                return Err(Fault::new(Kind::Truncated, CUT));
            }
            columns.read(record, &mut codes)
        });
        match row {
            Ok(row) => {
                let buffer = gathered.buffer_of(row.server);
                buffer.codes.extend_from_slice(&codes);
                buffer.push(&row, place.line);
                gathered.held += 1;
            }
            Err(fault) => {
                gathered.counts.rows.rejected += 1;
                report.problem(fault.at(&file, Some(place.line)));
            }
        }
        if gathered.counts.rows.read.is_multiple_of(ROWS_A_NOTICE) {
            tell(context, path, read_bytes, total);
        }
        if gathered.held >= ROWS_HELD_MAX {
            gathered.flush(context, report)?;
        }
    }
    gathered.flush(context, report)?;
    tell(context, path, total, total);
    met.with_samples.extend(gathered.buffers.iter().map(|(name, _)| name.to_string()));
    report.finish(gathered.finish(&columns));
    Ok(())
}

const CUT: &str =
    "the file ends inside this row, so its last value may be cut; end it with a line break if it is whole";

impl Gathered {
    fn new(file: &str, metrics: Vec<&'static Metric>) -> Self {
        Self {
            file: file.to_owned(),
            metrics,
            names: HashMap::new(),
            buffers: Vec::new(),
            held: 0,
            counts: FileReport { file: file.to_owned(), holds: "samples", ..FileReport::default() },
            widths: BTreeMap::new(),
        }
    }

    fn buffer_of(&mut self, server: &str) -> &mut Buffer {
        let index = match self.names.get(server) {
            Some(index) => *index,
            None => {
                self.names.insert(server.into(), self.buffers.len());
                self.buffers.push((server.into(), Buffer::default()));
                self.buffers.len() - 1
            }
        };
        &mut self.buffers[index].1
    }

    /// Writes what is held, server by server.
    fn flush(&mut self, context: &Context<'_>, report: &mut ImportReport) -> Result<(), ImportError> {
        for (name, buffer) in &mut self.buffers {
            if buffer.len() == 0 {
                continue;
            }
            let sorted = buffer.take_sorted(&self.metrics);
            let rows = &mut self.counts.rows;
            rows.repeated += sorted.repeated;
            rows.rejected += sorted.conflicts.len() as u64;
            for (line, first, at) in sorted.conflicts {
                let text = format!("{at} of {} has other values on line {first}, which stays", quoted(name));
                let fault = Fault::of("timestamp", Kind::Conflict, text);
                report.problem(fault.at(&self.file, Some(line)));
            }
            if let Some(width_s) = sorted.inferred_width_s {
                *self.widths.entry(width_s).or_default() += 1;
            }
            let source = context.store.source(SourceKind::Import, name, name)?;
            let merged = context.store.merge(source.id, &sorted.table, &[])?;
            rows.kept += merged.kept;
            rows.repeated += merged.repeated;
            rows.rejected += merged.conflicting;
            for _ in 0..merged.conflicting {
                let text =
                    format!("{} has other values stored for the time of a row; they stay", quoted(name));
                report.problem(Fault::of("timestamp", Kind::Conflict, text).at(&self.file, None));
            }
        }
        self.held = 0;
        Ok(())
    }

    /// Says what was guessed, left out or odd.
    fn finish(mut self, columns: &Columns) -> FileReport {
        let mut notes = Vec::new();
        if let Some(unit) = columns.moments.guessed() {
            notes.push(format!("timestamps are numbers: read as {unit} since 1970, by their size"));
        }
        for (name, near) in &columns.ignored {
            let meant = near.map_or(String::new(), |near| format!("; was {near} meant?"));
            notes.push(format!("column {} is no metric and was left out{meant}", quoted(name)));
        }
        if columns.above_one > 0 {
            notes.push(format!("{} ratios above 1 were kept", columns.above_one));
        }
        let backwards: u64 = self.buffers.iter().map(|(_, buffer)| buffer.backwards).sum();
        if backwards > 0 {
            let names: Vec<&str> =
                self.buffers.iter().filter(|(_, b)| b.backwards > 0).map(|(name, _)| &**name).collect();
            let names = some_of(&names);
            notes.push(format!("{backwards} rows go back in time and were put in order: {names}"));
        }
        for (width_s, servers) in &self.widths {
            let missing =
                if columns.has_width() { "some rows have no width_s" } else { "there is no width_s" };
            let how = if *width_s == FALLBACK_WIDTH_S { "usual step, or the default" } else { "usual step" };
            notes.push(format!(
                "{missing}: slots of {servers} servers taken to be {width_s} s long, their {how}"
            ));
        }
        if self.counts.rows.read == 0 {
            notes.push("there is no row below the header".into());
        }
        self.counts.notes = notes;
        self.counts
    }
}
