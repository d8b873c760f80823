//! A file of `/proc` kept open and read again each second from its beginning, into the same buffer.
// SPDX-License-Identifier: Apache-2.0

use super::Missing;
use crate::root::Root;
use std::fs::File;
use std::io;
use std::path::PathBuf;

const FIRST_BUFFER_BYTES: usize = 8 << 10;
/// Ten thousand CPUs, disks or interfaces need about a tenth of it.
const BUFFER_BYTES_MAX: usize = 8 << 20;

/// How a file says that it has been read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The kernel makes the whole text at once: a read that leaves room in the buffer was the last one. The
    /// first time this is put to the test, since `/proc` may be a user-space imitation.
    OneRead,
    /// The kernel gives at most a page a read, whatever the buffer: only an empty read is the end.
    Pages,
}

/// What can be read at an offset; a file, or a test's imitation of the kernel's short reads.
pub(super) trait ReadAt {
    /// Reads some bytes from `offset` on; 0 only at the end.
    ///
    /// # Errors
    /// As the system says.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl ReadAt for File {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buffer, offset)
    }
}

/// A descriptor and its buffer.
#[derive(Debug)]
pub(super) struct KeptFile {
    name: &'static str,
    path: PathBuf,
    ending: Ending,
    file: Option<File>,
    buffer: Vec<u8>,
}

impl KeptFile {
    /// A file of the tree, opened when it is first read.
    #[must_use]
    pub(super) fn new(root: &Root, name: &'static str, ending: Ending) -> Self {
        Self { name, path: root.path(name), ending, file: None, buffer: Vec::new() }
    }

    /// The whole text as it stands now. After an error the file is opened anew next time.
    ///
    /// # Errors
    /// The file cannot be opened or read.
    pub(super) fn read(&mut self) -> Result<&[u8], Missing> {
        match self.try_read() {
            Ok(length) => Ok(&self.buffer[..length]),
            Err(error) => {
                self.buffer = Vec::new();
                Err(Missing::Unreadable(self.name, error.kind()))
            }
        }
    }

    fn try_read(&mut self) -> io::Result<usize> {
        let file = match self.file.take() {
            Some(file) => file,
            None => {
                let file = File::open(&self.path)?;
                if comes_in_pieces(&file, &mut self.buffer)? {
                    self.ending = Ending::Pages;
                }
                file
            }
        };
        let length = read_to_end(&file, &mut self.buffer, self.ending)?;
        self.file = Some(file);
        Ok(length)
    }
}

/// Whether more follows a read that left room in the buffer.
fn comes_in_pieces(source: &impl ReadAt, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let whole = read_to_end(source, buffer, Ending::Pages)?;
    Ok(read_to_end(source, buffer, Ending::OneRead)? < whole)
}

/// Reads `source` from the beginning into `buffer`, which grows as needed and keeps its size.
fn read_to_end(source: &impl ReadAt, buffer: &mut Vec<u8>, ending: Ending) -> io::Result<usize> {
    let mut filled = 0;
    loop {
        if filled == buffer.len() {
            if filled >= BUFFER_BYTES_MAX {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            buffer.resize((filled * 2).max(FIRST_BUFFER_BYTES), 0);
        }
        let got = match source.read_at(&mut buffer[filled..], filled as u64) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            result => result?,
        };
        filled += got;
        if got == 0 || (ending == Ending::OneRead && filled < buffer.len()) {
            return Ok(filled);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives at most a page a read, as `seq_file` does.
    struct Paged(Vec<u8>);

    impl ReadAt for Paged {
        fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            let rest = self.0.get(offset as usize..).unwrap_or_default();
            let n = rest.len().min(4_096).min(buffer.len());
            buffer[..n].copy_from_slice(&rest[..n]);
            Ok(n)
        }
    }

    #[test]
    fn one_page_a_read_is_not_the_end() {
        for bytes in [0, 1, 4_096, 8_192, 100_000] {
            let text: Vec<u8> = (0..bytes).map(|i| i as u8).collect();
            let source = Paged(text.clone());
            let mut buffer = Vec::new();
            let length = read_to_end(&source, &mut buffer, Ending::Pages).unwrap();
            assert_eq!(&buffer[..length], &text[..]);
            assert_eq!(comes_in_pieces(&source, &mut buffer).unwrap(), bytes > 4_096, "{bytes}");
        }
    }

    fn kept(directory: &std::path::Path) -> KeptFile {
        KeptFile::new(&Root::new(directory), "/stat", Ending::OneRead)
    }

    #[test]
    fn a_file_that_grew_is_read_again_in_full() {
        let directory = tempfile::tempdir().unwrap();
        let mut kept = kept(directory.path());
        for bytes in [5, 6, 100_000, 3] {
            let text = vec![b'1'; bytes];
            std::fs::write(directory.path().join("stat"), &text).unwrap();
            assert_eq!(kept.read().unwrap(), text);
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_each_time_until_it_can() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("stat");
        let mut kept = kept(directory.path());
        let failed = |kind| Err(Missing::Unreadable("/stat", kind));
        assert_eq!(kept.read(), failed(io::ErrorKind::NotFound));
        assert_eq!(kept.read(), failed(io::ErrorKind::NotFound));
        std::fs::create_dir(&path).unwrap();
        assert_eq!(kept.read(), failed(io::ErrorKind::IsADirectory));
        std::fs::remove_dir(&path).unwrap();
        std::fs::write(&path, vec![b'1'; BUFFER_BYTES_MAX + 1]).unwrap();
        assert_eq!(kept.read(), failed(io::ErrorKind::FileTooLarge));
        assert_eq!(kept.buffer.capacity(), 0);
        std::fs::write(&path, "cpu 1").unwrap();
        assert_eq!(kept.read(), Ok(&b"cpu 1"[..]));
    }
}
