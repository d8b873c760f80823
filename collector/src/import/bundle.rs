//! Bundles of hosts without a network. What is in them goes through the same ingest as an upload, so that a
//! bundle imported twice, or uploaded as well, counts once; damage costs no more than the batch it hit.
// SPDX-License-Identifier: Apache-2.0

use super::problem::{Fault, Kind, Problem};
use super::report::BATCHES;
use super::{Context, FileReport, Format, ImportError, ImportReport, Progress};
use crate::ingest::{self, Rejection, Verified};
use crate::store::{HASHES_KEPT, StoreError};
use admission::{Admission, admit};
use cairn_schemas::bundle::{
    BUNDLE_BYTES_MAX, BundleError, Ending, Entry, Piece, Reader, Verdict, key_fingerprint, short,
};
use ring::signature::{ED25519, UnparsedPublicKey};
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod admission;
pub use admission::expected_key;

/// Bundles.
pub const FORMAT: Format = Format {
    name: "bundle",
    reads: "bundles of `cairn-agent collect`, or directories of *.cairn files",
    import,
};

/// Batches and bytes of one commit.
const GROUP_BATCHES: usize = 64;
const GROUP_BYTES: usize = 16 << 20;
/// Numbers of missing batches that are named.
const MISSING_SHOWN: usize = 8;

fn import(paths: &[PathBuf], context: &mut Context<'_>) -> Result<ImportReport, ImportError> {
    let mut report = ImportReport::default();
    let mut servers = BTreeSet::new();
    for path in files_of(paths)? {
        let mut file =
            FileReport { file: path.display().to_string(), holds: BATCHES, ..FileReport::default() };
        match open(&path) {
            Err(fault) => report.refuse(&file.file, fault),
            Ok(reader) => match admit(reader.header(), reader.key(), &file.file, context)? {
                Err(fault) => {
                    let refused = fault.at(&file.file, None);
                    context.store.audit("import", &format!("refused bundle {refused}"), context.now)?;
                    report.problem(refused);
                }
                Ok(admission) => {
                    servers.insert(admission.server.clone());
                    Carried::new(&path, reader, admission, &mut report, &mut file)?.take(context)?;
                }
            },
        }
        report.finish(file);
    }
    report.servers = servers.len();
    Ok(report)
}

/// Files as named; of a directory those that end in `.cairn`, by name.
fn files_of(paths: &[PathBuf]) -> Result<Vec<PathBuf>, ImportError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let named = || path.display().to_string();
        let inside = std::fs::read_dir(path).and_then(|entries| entries.map(|e| Ok(e?.path())).collect());
        let mut inside: Vec<PathBuf> =
            inside.map_err(|source| ImportError::Read { path: named(), source })?;
        inside.retain(|file| file.is_file() && file.extension().is_some_and(|ending| ending == "cairn"));
        if inside.is_empty() {
            return Err(ImportError::Nothing { path: named(), what: "*.cairn file" });
        }
        inside.sort();
        files.append(&mut inside);
    }
    Ok(files)
}

fn open(path: &Path) -> Result<Reader<File>, Fault> {
    let fault = |why: String| Fault::new(Kind::File, why);
    let file = File::open(path).map_err(|error| fault(format!("cannot be read: {error}")))?;
    let bytes = file.metadata().map_err(|error| fault(format!("cannot be read: {error}")))?.len();
    if bytes > BUNDLE_BYTES_MAX {
        return Err(fault(format!("{bytes} bytes are more than the {BUNDLE_BYTES_MAX} of a bundle")));
    }
    let verify = |key: &[u8; 32], signed: &[u8], signature: &[u8]| {
        UnparsedPublicKey::new(&ED25519, key).verify(signed, signature).is_ok()
    };
    let again = file.try_clone().map_err(|error| fault(format!("cannot be read: {error}")))?;
    let opened = Reader::open(file, verify);
    opened.or_else(|damaged| Reader::salvage(again, verify).map_err(|_| damaged)).map_err(|damaged| {
        match damaged {
            BundleError::Header(_) => fault(format!(
                "{damaged}; copy it again, or run `cairn-agent collect` on its host with another --out"
            )),
            BundleError::Magic | BundleError::Read(_) => fault(damaged.to_string()),
        }
    })
}

/// A bundle on its way into the store.
struct Carried<'a> {
    path: &'a Path,
    bytes: u64,
    reader: Reader<File>,
    admission: Admission,
    report: &'a mut ImportReport,
    file: &'a mut FileReport,
    /// Verified and not committed yet, with their positions.
    group: Vec<(u64, Verified)>,
    group_bytes: usize,
    /// Up to here everything is in the store, and so long that hashes are no longer kept.
    remembered_after: u64,
    seqs: BTreeSet<u64>,
}

impl<'a> Carried<'a> {
    fn new(
        path: &'a Path,
        reader: Reader<File>,
        admission: Admission,
        report: &'a mut ImportReport,
        file: &'a mut FileReport,
    ) -> Result<Self, ImportError> {
        let header = reader.header();
        let through = admission.store.ack_state(header.agent_id, header.spool_id)?.ack_through;
        let bytes = path.metadata().map_or(0, |metadata| metadata.len());
        let (group, seqs, remembered_after) =
            (Vec::new(), BTreeSet::new(), through.saturating_sub(HASHES_KEPT));
        Ok(Self {
            path,
            bytes,
            reader,
            admission,
            report,
            file,
            group,
            group_bytes: 0,
            remembered_after,
            seqs,
        })
    }

    fn take(mut self, context: &mut Context<'_>) -> Result<(), ImportError> {
        let header = self.reader.header();
        self.file.notes.push(format!(
            "server {}, agent {}, collected from {}",
            self.admission.server.escape_debug(),
            header.agent_id,
            header.started_at
        ));
        if self.admission.is_shared {
            let note = "the server has other sources; where they measured the same minute, the one known longer counts";
            self.file.notes.push(note.to_owned());
        }
        self.file.notes.push(format!("key {}: {}", key_fingerprint(self.reader.key()), self.admission.trust));
        loop {
            let entry = match self.reader.next_entry() {
                Ok(Some(entry)) => entry,
                Ok(None) => break,
                Err(error) => {
                    self.say_unreadable(&error);
                    break;
                }
            };
            self.entry(entry, context)?;
            let done_bytes = self.reader.position();
            (context.progress)(self.path, Progress { done_bytes, total_bytes: self.bytes });
        }
        self.commit()?;
        self.judge();
        let FileReport { file, rows, .. } = &*self.file;
        let counts = format!("{} kept, {} repeated, {} rejected", rows.kept, rows.repeated, rows.rejected);
        let seal = short(&self.reader.chain().digits());
        let file = file.escape_debug();
        let (agent, key) = (self.reader.header().agent_id, key_fingerprint(self.reader.key()));
        let trust = self.admission.trust;
        let what = format!("bundle {file} of agent {agent}, seal {seal}: {counts}; key {key}, {trust}");
        Ok(context.store.audit("import", &what, context.now)?)
    }

    fn entry(&mut self, Entry { at, piece }: Entry, context: &Context<'_>) -> Result<(), ImportError> {
        self.file.rows.read += 1;
        let (key, sealed) = match piece {
            Piece::Damaged { bytes, why } => {
                self.reject(at, Kind::Damaged, format!("{bytes} bytes are not taken: {why}"));
                return Ok(());
            }
            Piece::Batch { key, sealed } => (key, sealed),
        };
        self.seqs.insert(key.seq);
        if key.seq <= self.remembered_after {
            self.file.rows.repeated += 1;
            return Ok(());
        }
        match ingest::verify(context.engagements, &sealed, context.now) {
            Ok(verified) => self.group.push((at, verified.carried())),
            Err(rejection) => self.refuse(at, rejection)?,
        }
        self.group_bytes += sealed.len();
        if self.group.len() >= GROUP_BATCHES || self.group_bytes >= GROUP_BYTES {
            self.commit()?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), ImportError> {
        let (positions, group): (Vec<u64>, Vec<Verified>) =
            std::mem::take(&mut self.group).into_iter().unzip();
        self.group_bytes = 0;
        for (at, told) in positions.into_iter().zip(ingest::commit(&group)?) {
            match told {
                Ok(ack) if ack.duplicate => self.file.rows.repeated += 1,
                Ok(_) => self.file.rows.kept += 1,
                Err(rejection) => self.refuse(at, rejection)?,
            }
        }
        Ok(())
    }

    /// What the ingest does not take is rejected; a store that fails ends the import.
    fn refuse(&mut self, at: u64, rejection: Rejection) -> Result<(), ImportError> {
        let kind = match rejection {
            Rejection::Store(error) => {
                let error =
                    Arc::try_unwrap(error).unwrap_or_else(|error| StoreError::Refused(error.to_string()));
                return Err(error.into());
            }
            Rejection::ClockInvalid(_) => Kind::Time,
            Rejection::Forked | Rejection::KeyRetired => Kind::Conflict,
            _ => Kind::Damaged,
        };
        self.reject(at, kind, rejection.to_string());
        Ok(())
    }

    fn reject(&mut self, at: u64, kind: Kind, why: String) {
        self.file.rows.rejected += 1;
        let problem = Fault::of(&format!("byte {at}"), kind, why).at(&self.file.file, None);
        self.report.problem(problem);
    }

    fn say_unreadable(&mut self, error: &io::Error) {
        let why = format!("cannot be read beyond byte {}: {error}", self.reader.position());
        self.report.refuse(&self.file.file, Fault::new(Kind::File, why));
    }

    /// Says whether all that was signed is here.
    fn judge(&mut self) {
        let (found, seal) = (self.reader.chain().batches(), short(&self.reader.chain().digits()));
        let why = match self.reader.verdict() {
            Verdict::Whole(end) => {
                let how = match end.ending {
                    Ending::Finished => "finished",
                    Ending::Stopped => "stopped before its time; it may be continued and imported again",
                };
                self.file.notes.push(format!("seal {seal}: whole, signed {}, {how}", end.ended_at));
                return;
            }
            Verdict::Unended => format!(
                "incomplete: no signed end, it was cut off or is still being written; {found} whole batches were read"
            ),
            Verdict::Altered(end) => format!(
                "not what its host signed: {} batches, seal {}; here are {found}, seal {seal}{}",
                end.batches,
                short(&end.chain),
                self.missing()
            ),
        };
        let problem: Problem = Fault::new(Kind::Incomplete, why).at(&self.file.file, None);
        self.report.problem(problem);
    }

    /// Numbers between the first and the last that are not there.
    fn missing(&self) -> String {
        let (Some(first), Some(last)) = (self.seqs.first(), self.seqs.last()) else { return String::new() };
        let absent = (*first..*last).filter(|seq| !self.seqs.contains(seq)).take(MISSING_SHOWN);
        let absent: Vec<String> = absent.map(|seq| seq.to_string()).collect();
        if absent.is_empty() { String::new() } else { format!("; batch {} is missing", absent.join(", ")) }
    }
}

#[cfg(test)]
#[path = "bundle/bundle_tests.rs"]
mod tests;
