//! Reads a bundle front to back in bounded memory. Damage costs the batch it hits: reading goes on at the next
//! batch whose signature holds, and in the end it is said whether all that was signed is there.
// SPDX-License-Identifier: Apache-2.0

use super::{
    BundleError, Chain, END_MAGIC, End, Header, KEY_BYTES, MAGIC, STATEMENT_BYTES_MAX, Statement, Verify,
    parse_key, read_statement,
};
use crate::batch::{self, ENCODED_BYTES_MAX};
use crate::identity::BatchKey;
use std::io::{Read, Seek, SeekFrom};

/// What may be ahead in the buffer: the largest single piece.
const PIECE_BYTES_MAX: usize = ENCODED_BYTES_MAX;
/// Damaged places looked behind; each may cost a signature over the largest batch.
const DAMAGES_MAX: u32 = 1_024;

/// A piece of a bundle and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Position of its first byte.
    pub at: u64,
    /// What it is.
    pub piece: Piece,
}

/// What stands in a bundle behind its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A batch whose signature holds.
    Batch {
        /// Its key.
        key: BatchKey,
        /// Its bytes.
        sealed: Vec<u8>,
    },
    /// Bytes that are no batch of this bundle.
    Damaged {
        /// How many.
        bytes: u64,
        /// Why they are not taken.
        why: String,
    },
}

/// Whether all that was signed is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Exactly what the end statement signs.
    Whole(End),
    /// There is no end statement that holds: the writer was cut off, or the end was taken away.
    Unended,
    /// What is there is not what was signed: batches are missing, moved, doubled or damaged.
    Altered(End),
}

/// A bundle being read.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    buffer: Vec<u8>,
    /// First byte of the buffer not dealt with, and its position in the bundle.
    start: usize,
    at: u64,
    exhausted: bool,
    verify: Verify,
    header: Header,
    key: [u8; KEY_BYTES],
    chain: Chain,
    end: Option<End>,
    damages: u32,
}

impl<R: Read> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// No bundle, a damaged header, or the input fails.
    pub fn open(mut input: R, verify: Verify) -> Result<Self, BundleError> {
        let mut buffer = Vec::new();
        input.by_ref().take(STATEMENT_BYTES_MAX as u64).read_to_end(&mut buffer)?;
        if !buffer.starts_with(&MAGIC) {
            return Err(BundleError::Magic);
        }
        let (header, statement) = read_statement::<Header>(&buffer).map_err(BundleError::Header)?;
        let key = key_of(&header, &statement, verify)?;
        let start = statement.bytes();
        let mut reader = Self::new(input, verify, header, key, &buffer[..start]);
        (reader.buffer, reader.start, reader.at) = (buffer, start, start as u64);
        Ok(reader)
    }

    fn new(input: R, verify: Verify, header: Header, key: [u8; KEY_BYTES], statement: &[u8]) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            start: 0,
            at: 0,
            exhausted: false,
            verify,
            header,
            key,
            chain: Chain::new(statement),
            end: None,
            damages: 0,
        }
    }

    /// Who wrote it.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The key of the header.
    #[must_use]
    pub const fn key(&self) -> &[u8; KEY_BYTES] {
        &self.key
    }

    /// Position of the first byte that was not read.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.at
    }

    /// The chain over what was read so far.
    #[must_use]
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// The input fails; what was read before holds all the same.
    pub fn next_entry(&mut self) -> std::io::Result<Option<Entry>> {
        loop {
            self.fill()?;
            let at = self.at;
            let rest = &self.buffer[self.start..];
            if rest.is_empty() {
                return Ok(None);
            }
            let entry = |piece| Ok(Some(Entry { at, piece }));
            if self.end.is_some() || self.damages >= DAMAGES_MAX {
                let why = if self.end.is_some() { "stands behind the end" } else { "too much is damaged" };
                let bytes = self.drain()?;
                return entry(Piece::Damaged { bytes, why: why.to_owned() });
            }
            match self.piece(rest) {
                Ok(Found::Batch(key, length)) => {
                    let sealed = rest[..length].to_vec();
                    self.chain.push(&sealed);
                    self.advance(length);
                    return entry(Piece::Batch { key, sealed });
                }
                Ok(Found::End(end, length)) => {
                    self.end = Some(end);
                    self.advance(length);
                }
                Err(why) => {
                    self.damages += 1;
                    let bytes = self.skip_to_magic()?;
                    return entry(Piece::Damaged { bytes, why });
                }
            }
        }
    }

    /// Whether all that was signed is there; asked when there is no further piece.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match &self.end {
            None => Verdict::Unended,
            Some(end) if (end.batches, &end.chain) == (self.chain.batches(), &self.chain.digits()) => {
                Verdict::Whole(end.clone())
            }
            Some(end) => Verdict::Altered(end.clone()),
        }
    }

    /// What `rest` begins with, its signature verified.
    fn piece(&self, rest: &[u8]) -> Result<Found, String> {
        if self.at == 0 {
            return Err("the header is damaged; its copy in the end is used".to_owned());
        }
        let holds = |signed: &[u8], signature: &[u8]| {
            let holds = (self.verify)(&self.key, signed, signature);
            holds.then_some(()).ok_or("its signature is not of these bytes")
        };
        if rest.starts_with(&END_MAGIC) {
            let (end, statement) =
                read_statement::<End>(rest).map_err(|why| format!("end damaged: {why}"))?;
            holds(statement.signed, statement.signature).map_err(|why| format!("end damaged: {why}"))?;
            return Ok(Found::End(end, statement.bytes()));
        }
        let length = batch::sealed_bytes(rest).map_err(|error| error.to_string())?;
        let envelope = batch::open(&rest[..length.min(rest.len())]).map_err(|error| error.to_string())?;
        let key = envelope.key;
        holds(envelope.signed, envelope.signature)?;
        if (key.agent_id, key.spool_id) != (self.header.agent_id, self.header.spool_id) {
            return Err(format!("batch {} is of another spool than the header's", key.seq));
        }
        Ok(Found::Batch(key, length))
    }

    /// Makes sure that the largest piece is in the buffer, if there is as much.
    fn fill(&mut self) -> std::io::Result<()> {
        if self.exhausted || self.buffer.len() - self.start >= PIECE_BYTES_MAX {
            return Ok(());
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let wanted = (2 * PIECE_BYTES_MAX - self.buffer.len()) as u64;
        let read = self.input.by_ref().take(wanted).read_to_end(&mut self.buffer)?;
        self.exhausted = (read as u64) < wanted;
        Ok(())
    }

    const fn advance(&mut self, bytes: usize) {
        self.start += bytes;
        self.at += bytes as u64;
    }

    /// Leaves out at least a byte, and all up to where a batch or the end may begin.
    fn skip_to_magic(&mut self) -> std::io::Result<u64> {
        let from = self.at;
        self.advance(1);
        loop {
            self.fill()?;
            let rest = &self.buffer[self.start..];
            let begins = |bytes: &[u8]| bytes == batch::MAGIC || bytes == END_MAGIC;
            match rest.windows(MAGIC.len()).position(begins) {
                Some(ahead) => {
                    self.advance(ahead);
                    return Ok(self.at - from);
                }
                None if self.exhausted => {
                    self.advance(rest.len());
                    return Ok(self.at - from);
                }
                // A magic may stand across the edge of the buffer.
                None => self.advance(rest.len() - (MAGIC.len() - 1)),
            }
        }
    }

    /// Reads what is left and counts it.
    fn drain(&mut self) -> std::io::Result<u64> {
        let from = self.at;
        while self.buffer.len() > self.start {
            self.advance(self.buffer.len() - self.start);
            self.fill()?;
        }
        Ok(self.at - from)
    }
}

impl<R: Read + Seek> Reader<R> {
    /// Reads a bundle whose header [`Reader::open`] cannot read, by the copy in its end; the damage is its first
    /// piece, and its verdict never [`Verdict::Whole`].
    ///
    /// # Errors
    /// There is no end that holds either, or the input fails.
    pub fn salvage(mut input: R, verify: Verify) -> Result<Self, BundleError> {
        let length = input.seek(SeekFrom::End(0))?;
        input.seek(SeekFrom::Start(length.saturating_sub(STATEMENT_BYTES_MAX as u64)))?;
        let mut tail = Vec::new();
        input.by_ref().take(STATEMENT_BYTES_MAX as u64).read_to_end(&mut tail)?;
        let at = tail.windows(END_MAGIC.len()).rposition(|bytes| bytes == END_MAGIC);
        let at = at.ok_or_else(|| BundleError::Header("there is no end to repeat it".into()))?;
        let (end, statement) = read_statement::<End>(&tail[at..]).map_err(BundleError::Header)?;
        let key = key_of(&end.header, &statement, verify)?;
        input.rewind()?;
        Ok(Self::new(input, verify, end.header, key, &[]))
    }
}

/// The key of a header whose statement it signed.
fn key_of(
    header: &Header,
    statement: &Statement<'_>,
    verify: Verify,
) -> Result<[u8; KEY_BYTES], BundleError> {
    let key = parse_key(&header.public_key);
    let key = key.ok_or_else(|| BundleError::Header("its key is none".into()))?;
    let holds = verify(&key, statement.signed, statement.signature);
    holds.then_some(key).ok_or_else(|| BundleError::Header("its signature is not of these bytes".into()))
}

enum Found {
    Batch(BatchKey, usize),
    End(End, usize),
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
