//! The few things a bundle asks of its file, so that tests can refuse and tear each of them.
// SPDX-License-Identifier: Apache-2.0

use crate::spool::{Disk as _, SystemDisk};
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

const OWNER_ONLY: u32 = 0o600;

/// What a bundle is written on.
pub trait Medium {
    /// All of it from the beginning.
    ///
    /// # Errors
    /// As the system says; so for all that follow.
    fn read(&mut self) -> io::Result<Box<dyn Read + '_>>;
    /// Writes bytes at a position and returns when they are on the medium.
    fn write_synced_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()>;
    /// Takes away everything from a position on.
    fn cut(&mut self, at: u64) -> io::Result<()>;
    /// Free share of the file system, for users other than root.
    fn free_ratio(&self) -> io::Result<f64>;
}

/// A file that one process at a time writes.
#[derive(Debug)]
pub struct FileMedium {
    file: File,
    folder: PathBuf,
}

impl FileMedium {
    /// Opens a file that is there; `None` when it is not.
    ///
    /// # Errors
    /// It cannot be opened, or another process writes it.
    pub fn open(path: &Path) -> io::Result<Option<Self>> {
        let file = match File::options().read(true).write(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        file.try_lock().map_err(io::Error::from)?;
        Ok(Some(Self { file, folder: folder_of(path) }))
    }

    /// Makes a file, for its owner alone, that after any crash is there with all of its first bytes or not at all.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn create(path: &Path, first: &[u8]) -> io::Result<()> {
        let name = path.file_name().ok_or_else(|| io::Error::other("it names no file"))?;
        let mut temporary = name.to_owned();
        temporary.push(".tmp");
        let (folder, temporary) = (folder_of(path), path.with_file_name(temporary));
        // A left-over of a crash may have another mode.
        let _ = std::fs::remove_file(&temporary);
        let made = || {
            let mut file = File::options().write(true).create_new(true).mode(OWNER_ONLY).open(&temporary)?;
            file.write_all(first)?;
            file.sync_all()?;
            std::fs::rename(&temporary, path)?;
            File::open(&folder)?.sync_all()
        };
        made().inspect_err(|_| drop(std::fs::remove_file(&temporary)))
    }
}

fn folder_of(path: &Path) -> PathBuf {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or_else(|| Path::new(".")).to_owned()
}

impl Medium for FileMedium {
    fn read(&mut self) -> io::Result<Box<dyn Read + '_>> {
        self.file.seek(SeekFrom::Start(0))?;
        Ok(Box::new(&mut self.file))
    }

    fn write_synced_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, at)?;
        self.file.sync_data()
    }

    fn cut(&mut self, at: u64) -> io::Result<()> {
        self.file.set_len(at)?;
        self.file.sync_all()
    }

    fn free_ratio(&self) -> io::Result<f64> {
        SystemDisk.free_ratio(&self.folder)
    }
}
