//! A simulated disk: it keeps apart what a process sees and what would survive a power cut, and refuses, tears,
//! fails to sync, fills up and stops at any operation it is told to.
// SPDX-License-Identifier: Apache-2.0

use super::random::Random;
use cairn_agent::spool::Disk;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is to go wrong with an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskFault {
    /// Nothing is done.
    Refuse,
    /// A part is done.
    Tear,
    /// The bytes are there to see, and are not on the medium.
    FailSync,
}

/// How a process ends in the middle of its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// The process alone: what it wrote stays.
    Kill,
    /// The machine: what was not synced may go.
    PowerCut,
}

#[derive(Clone, Debug, Default)]
struct File {
    bytes: Vec<u8>,
    /// How much of it would survive a power cut.
    synced: usize,
}

#[derive(Clone, Debug)]
struct Renaming {
    from: Option<PathBuf>,
    /// The new name and the file that bears it; none: the name goes.
    to: Option<(PathBuf, u64)>,
}

#[derive(Clone, Debug, Default)]
struct Medium {
    files: BTreeMap<u64, File>,
    names: BTreeMap<PathBuf, u64>,
    /// Names as a power cut would leave them, and what has been done to them since, in order.
    durable_names: BTreeMap<PathBuf, u64>,
    journal: Vec<Renaming>,
    files_made: u64,
    is_full: bool,
    /// What the next operations meet.
    faults: Vec<DiskFault>,
    /// Operations until the process dies, and how.
    dies: Option<(u32, Death)>,
    dead: Option<Death>,
    /// A planted bug: syncing does nothing.
    lies: bool,
    random: u64,
}

/// A disk; clones are the same one, as it is for the next process of a machine.
#[derive(Clone, Debug, Default)]
pub struct SimulatedDisk(Arc<Mutex<Medium>>);

impl SimulatedDisk {
    /// An empty disk.
    #[must_use]
    pub fn new(seed: u64, lies: bool) -> Self {
        Self(Arc::new(Mutex::new(Medium { random: seed, lies, ..Medium::default() })))
    }

    fn medium(&self) -> MutexGuard<'_, Medium> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another disk with the same content, as it is now.
    #[must_use]
    pub fn copy(&self) -> Self {
        let mut medium = self.medium().clone();
        medium.sync_names();
        medium.files.values_mut().for_each(|file| file.synced = file.bytes.len());
        (medium.faults, medium.dies, medium.dead, medium.is_full) = (Vec::new(), None, None, false);
        Self(Arc::new(Mutex::new(medium)))
    }

    /// Takes the content of another disk.
    pub fn restore(&self, other: &Self) {
        let medium = other.copy().medium().clone();
        *self.medium() = medium;
    }

    /// What the next operation meets.
    pub fn plan(&self, fault: DiskFault) {
        self.medium().faults.push(fault);
    }

    /// Whether there is room.
    pub fn set_full(&self, is_full: bool) {
        self.medium().is_full = is_full;
    }

    /// Lets the process die at the operation after so many.
    pub fn die_after(&self, operations: u32, how: Death) {
        self.medium().dies = Some((operations, how));
    }

    /// Whether the process has died.
    #[must_use]
    pub fn dead(&self) -> Option<Death> {
        self.medium().dead
    }

    /// A new process begins; before it, after a power cut, what was not synced is gone or torn.
    pub fn revive(&self, power_was_cut: bool, random: &mut Random) {
        let mut medium = self.medium();
        (medium.dead, medium.dies, medium.random) = (None, None, random.next());
        if power_was_cut {
            medium.faults.clear();
            medium.cut(random);
        }
    }

    /// Everything works again.
    pub fn heal(&self) {
        let mut medium = self.medium();
        (medium.is_full, medium.dies) = (false, None);
        medium.faults.clear();
    }

    /// Flips one bit of a file. Says whether there was one.
    pub fn flip_bit(&self, path: &Path, at: u64) -> bool {
        let mut medium = self.medium();
        let Some(inode) = medium.names.get(path).copied() else { return false };
        let Some(file) = medium.files.get_mut(&inode).filter(|file| !file.bytes.is_empty()) else {
            return false;
        };
        let at = (at % (8 * file.bytes.len() as u64)) as usize;
        file.bytes[at / 8] ^= 1 << (at % 8);
        true
    }

    /// Puts a file on the medium, past all faults.
    pub fn put(&self, path: &Path, bytes: &[u8]) {
        let mut medium = self.medium();
        medium.write(path, bytes.to_vec());
        medium.sync_names();
        if let Some(inode) = medium.names.get(path).copied()
            && let Some(file) = medium.files.get_mut(&inode)
        {
            file.synced = file.bytes.len();
        }
    }

    /// A file as a process would read it, dead or alive.
    #[must_use]
    pub fn look(&self, path: &Path) -> Option<Vec<u8>> {
        self.medium().bytes(path).cloned()
    }

    /// Paths of the files whose names end so, ascending.
    #[must_use]
    pub fn ending(&self, ending: &str) -> Vec<PathBuf> {
        let medium = self.medium();
        let ends = |path: &&PathBuf| path.to_string_lossy().ends_with(ending);
        medium.names.keys().filter(ends).cloned().collect()
    }
}

impl Medium {
    fn bytes(&self, path: &Path) -> Option<&Vec<u8>> {
        Some(&self.files.get(self.names.get(path)?)?.bytes)
    }

    fn write(&mut self, path: &Path, bytes: Vec<u8>) {
        if let Some(file) = self.names.get(path).and_then(|inode| self.files.get_mut(inode)) {
            *file = File { bytes, synced: 0 };
            return;
        }
        self.files_made += 1;
        self.files.insert(self.files_made, File { bytes, synced: 0 });
        self.names.insert(path.to_owned(), self.files_made);
        self.journal.push(Renaming { from: None, to: Some((path.to_owned(), self.files_made)) });
    }

    fn sync_names(&mut self) {
        self.journal.clear();
        self.durable_names.clone_from(&self.names);
        let Self { files, durable_names, .. } = self;
        files.retain(|inode, _| durable_names.values().any(|named| named == inode));
    }

    /// Of the names the journal was about to change some have changed, in order; of what was written and not
    /// synced a beginning is there, at times followed by zeros.
    fn cut(&mut self, random: &mut Random) {
        let kept = random.below(self.journal.len() + 1);
        for Renaming { from, to } in self.journal.drain(..).take(kept) {
            from.map(|from| self.durable_names.remove(&from));
            to.map(|(path, inode)| self.durable_names.insert(path, inode));
        }
        self.names.clone_from(&self.durable_names);
        for file in self.files.values_mut() {
            let unsynced = file.bytes.len() - file.synced;
            let there = file.synced + if unsynced == 0 { 0 } else { random.below(unsynced + 1) };
            let zeros = if random.chance(0.3) { file.bytes.len() - there } else { 0 };
            file.bytes.truncate(there);
            file.bytes.resize(there + zeros, 0);
            file.synced = file.bytes.len();
        }
        self.sync_names();
    }

    /// What a changing operation meets: how much of it is done, and whether it says so.
    fn meet(&mut self, needs_room: bool) -> (Done, io::Result<()>) {
        let refused = || Err(io::Error::other("simulated: input/output error"));
        if self.dead.is_some() {
            return (Done::Nothing, refused());
        }
        if let Some((operations, how)) = &mut self.dies {
            if *operations == 0 {
                (self.dead, self.dies) = (Some(*how), None);
                let done = [Done::Nothing, Done::Half, Done::Unsynced][Random::new(self.random).below(3)];
                return (done, refused());
            }
            *operations -= 1;
        }
        if !self.faults.is_empty() {
            return match self.faults.remove(0) {
                DiskFault::Refuse => (Done::Nothing, refused()),
                DiskFault::Tear => (Done::Half, refused()),
                DiskFault::FailSync => (Done::Unsynced, refused()),
            };
        }
        if self.is_full && needs_room {
            return (Done::Half, Err(io::ErrorKind::StorageFull.into()));
        }
        (Done::All, Ok(()))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    Nothing,
    Half,
    Unsynced,
    All,
}

impl Done {
    fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Half => bytes[..bytes.len() / 2].to_vec(),
            Self::Unsynced | Self::All => bytes.to_vec(),
        }
    }
}

impl Disk for SimulatedDisk {
    fn create_directory(&mut self, _path: &Path) -> io::Result<()> {
        self.medium().meet(false).1
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<(String, u64)>> {
        let medium = self.medium();
        if medium.dead.is_some() {
            return Err(io::Error::other("simulated: the process is dead"));
        }
        let here = medium.names.iter().filter(|(path, _)| path.parent() == Some(directory));
        let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(here.filter_map(|(path, _)| Some((name(path)?, medium.bytes(path)?.len() as u64))).collect())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let medium = self.medium();
        if medium.dead.is_some() {
            return Err(io::Error::other("simulated: the process is dead"));
        }
        medium.bytes(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn write_synced(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut medium = self.medium();
        let (done, result) = medium.meet(true);
        if done != Done::Nothing {
            medium.write(path, done.of(bytes));
        }
        let is_synced = done == Done::All && !medium.lies;
        if let Some(inode) = medium.names.get(path).copied().filter(|_| is_synced)
            && let Some(file) = medium.files.get_mut(&inode)
        {
            file.synced = file.bytes.len();
        }
        result
    }

    fn append(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut medium = self.medium();
        let (done, result) = medium.meet(true);
        let more = done.of(bytes);
        match medium.names.get(path).copied() {
            Some(inode) => {
                if let Some(file) = medium.files.get_mut(&inode) {
                    file.bytes.extend_from_slice(&more);
                }
            }
            None if done == Done::Nothing => {}
            None => medium.write(path, more),
        }
        result
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let mut medium = self.medium();
        let (done, result) = medium.meet(false);
        if matches!(done, Done::All | Done::Unsynced) {
            let Some(inode) = medium.names.remove(from) else { return Err(io::ErrorKind::NotFound.into()) };
            medium.names.insert(to.to_owned(), inode);
            medium.journal.push(Renaming { from: Some(from.to_owned()), to: Some((to.to_owned(), inode)) });
        }
        result
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        let mut medium = self.medium();
        let (done, result) = medium.meet(false);
        if matches!(done, Done::All | Done::Unsynced) {
            if medium.names.remove(path).is_none() {
                return Err(io::ErrorKind::NotFound.into());
            }
            medium.journal.push(Renaming { from: Some(path.to_owned()), to: None });
        }
        result
    }

    fn sync_directory(&mut self, _directory: &Path) -> io::Result<()> {
        let mut medium = self.medium();
        let (done, result) = medium.meet(false);
        if done == Done::All && !medium.lies {
            medium.sync_names();
        }
        result
    }

    fn free_ratio(&self, _directory: &Path) -> io::Result<f64> {
        Ok(if self.medium().is_full { 0.01 } else { 0.5 })
    }
}
