//! The few things the spool asks of a disk, so that tests can refuse, tear and forget each of them.
// SPDX-License-Identifier: Apache-2.0

use std::io::{self, Write as _};
use std::path::Path;

/// A disk.
pub trait Disk: Send {
    /// Makes a directory and those above it; an existing one is fine.
    ///
    /// # Errors
    /// As the system says; so for all that follow.
    fn create_directory(&mut self, path: &Path) -> io::Result<()>;
    /// Names and sizes of the files in a directory, in any order.
    fn list(&self, directory: &Path) -> io::Result<Vec<(String, u64)>>;
    /// A whole file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Makes or replaces a file and returns when its bytes are on the medium.
    fn write_synced(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Appends to a file, making it if need be; the bytes survive the process, not a power cut.
    fn append(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Renames a file over another.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&mut self, path: &Path) -> io::Result<()>;
    /// Returns when the names in a directory are on the medium.
    fn sync_directory(&mut self, directory: &Path) -> io::Result<()>;
    /// Free share of the file system, for users other than root.
    fn free_ratio(&self, directory: &Path) -> io::Result<f64>;
}

/// The disk of the system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn create_directory(&mut self, path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(path)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<(String, u64)>> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(directory)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_file() {
                files.push((entry.file_name().to_string_lossy().into_owned(), metadata.len()));
            }
        }
        Ok(files)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn write_synced(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = std::fs::File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn append(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        std::fs::OpenOptions::new().create(true).append(true).open(path)?.write_all(bytes)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_directory(&mut self, directory: &Path) -> io::Result<()> {
        std::fs::File::open(directory)?.sync_all()
    }

    fn free_ratio(&self, directory: &Path) -> io::Result<f64> {
        let stat = rustix::fs::statvfs(directory)?;
        Ok(stat.f_bavail as f64 / stat.f_blocks.max(1) as f64)
    }
}
