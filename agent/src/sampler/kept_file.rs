//! A file of `/proc` kept open and read again each second from its beginning, into the same buffer.
// SPDX-License-Identifier: Apache-2.0

use super::Missing;
use crate::root::Root;
use std::fs::File;
use std::io;
use std::path::PathBuf;

const FIRST_BUFFER_BYTES: usize = PAGE_BYTES;
/// Ten thousand CPUs, disks or interfaces need about a tenth of it.
const BUFFER_BYTES_MAX: usize = 8 << 20;

/// What a kernel gives in one read at least, if it gives records by the page.
const PAGE_BYTES: usize = 4 << 10;
/// Longer than any record: the line of a disk has twenty numbers.
const RECORD_BYTES_MAX: usize = 512;

/// How a file says that it has been read to its end. The first reading puts it to the test, since `/proc` may be
/// a user-space imitation; where it fails, only an empty read is the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The kernel makes the whole text at once: a read that leaves room in the buffer was the last one.
    OneRead,
    /// The kernel gives as many records as a page holds, whatever the buffer: a read that leaves room for one more
    /// in the page was the last one.
    Pages,
    /// Only an empty read is the end.
    EmptyRead,
}

impl Ending {
    /// Whether a read of `got` bytes into `room` was the last one.
    fn is_reached(self, got: usize, room: usize) -> bool {
        got == 0
            || match self {
                Self::OneRead => got < room,
                Self::Pages => got + RECORD_BYTES_MAX < room.min(PAGE_BYTES),
                Self::EmptyRead => false,
            }
    }
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
                self.ending = proven(self.ending, &file, &mut self.buffer)?;
                file
            }
        };
        let length = read_to_end(&file, &mut self.buffer, self.ending)?;
        self.file = Some(file);
        Ok(length)
    }
}

/// The ending, if it finds the end that an empty read finds.
fn proven(ending: Ending, source: &impl ReadAt, buffer: &mut Vec<u8>) -> io::Result<Ending> {
    let whole = read_to_end(source, buffer, Ending::EmptyRead)?;
    let found = read_to_end(source, buffer, ending)?;
    Ok(if found < whole { Ending::EmptyRead } else { ending })
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
        let room = buffer.len() - filled;
        let got = match source.read_at(&mut buffer[filled..], filled as u64) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            result => result?,
        };
        filled += got;
        if ending.is_reached(got, room) {
            return Ok(filled);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives whole records of 100 bytes, at most so many bytes a read, as `seq_file` does; counts the reads.
    struct Paged {
        text: Vec<u8>,
        page_bytes: usize,
        reads: std::cell::Cell<usize>,
    }

    impl ReadAt for Paged {
        fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            self.reads.set(self.reads.get() + 1);
            let rest = self.text.get(offset as usize..).unwrap_or_default();
            let whole_records = self.page_bytes - self.page_bytes % 100;
            let n = rest.len().min(whole_records).min(buffer.len());
            buffer[..n].copy_from_slice(&rest[..n]);
            Ok(n)
        }
    }

    #[test]
    fn the_end_is_found_whatever_a_read_gives() {
        let check = |bytes: usize, page_bytes, ending, expected: Ending, reads_expected| {
            let text: Vec<u8> = (0..bytes).map(|i| i as u8).collect();
            let source = Paged { text: text.clone(), page_bytes, reads: 0.into() };
            let mut buffer = Vec::new();
            let proven = proven(ending, &source, &mut buffer).unwrap();
            assert_eq!(proven, expected, "{bytes} bytes by {page_bytes}");
            source.reads.set(0);
            let length = read_to_end(&source, &mut buffer, proven).unwrap();
            assert_eq!(buffer[..length], text, "{bytes} bytes by {page_bytes}");
            assert_eq!(source.reads.get(), reads_expected, "{bytes} bytes by {page_bytes}");
        };
        const ALL: usize = 1 << 20;
        check(0, ALL, Ending::OneRead, Ending::OneRead, 1);
        check(100_000, ALL, Ending::OneRead, Ending::OneRead, 1);
        // An imitation of `/proc` that gives pages where the kernel gives all.
        check(100_000, 4_096, Ending::OneRead, Ending::EmptyRead, 26);
        check(700, 4_096, Ending::Pages, Ending::Pages, 1);
        check(8_000, 4_096, Ending::Pages, Ending::Pages, 3);
        check(9_000, 4_096, Ending::Pages, Ending::Pages, 3);
        check(100_000, 65_536, Ending::Pages, Ending::Pages, 3);
        // And one that gives less than a page.
        check(9_000, 1_000, Ending::Pages, Ending::EmptyRead, 10);
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
