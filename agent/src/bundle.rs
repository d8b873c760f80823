//! The bundle being written: takes sealed batches in place of a collector, on a disk that may be full, torn or
//! carried away at any moment. It is a copy: the spool forgets only what a collector acknowledged.
// SPDX-License-Identifier: Apache-2.0

mod collection;
mod keyholder;
mod medium;

pub use collection::{Collected, Collection};
pub use medium::{FileMedium, Medium};

use crate::identity::verify;
use crate::spool::Signer;
use cairn_schemas::batch;
use cairn_schemas::bundle::{
    Chain, END_MAGIC, End, Ending, Header, MAGIC, Piece, Reader, Verdict, key_fingerprint, parse_key, short,
    statement,
};
use cairn_schemas::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io;

/// The numbers `cairn-agent status` prints of a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BundleState {
    /// The file.
    pub path: String,
    /// Short form of the key that signs it.
    pub key: String,
    /// Batches in it.
    pub batches: u64,
    /// Bytes of its header and batches.
    pub bytes: u64,
    /// When the collection ends by itself.
    pub until: Timestamp,
}

/// A bundle and how far it is written.
pub struct Bundle {
    medium: Box<dyn Medium>,
    free_ratio_min: f64,
    header: Header,
    chain: Chain,
    seqs: BTreeSet<u64>,
    /// Behind the last batch.
    length: u64,
    /// Whether something stands behind it: the end statement, or half a batch.
    has_tail: bool,
    /// The end statement, if it holds.
    end: Option<End>,
}

impl Bundle {
    /// The first bytes of a bundle that is to be made.
    ///
    /// # Errors
    /// The header is too large.
    pub fn beginning(header: &Header, signer: &dyn Signer) -> io::Result<Vec<u8>> {
        statement(MAGIC, header, |bytes| signer.sign(bytes)).map_err(io::Error::other)
    }

    /// Reads what an earlier run has written. Damage in the middle stays where it is, for the reader to tell;
    /// its batches are written again at the end if the spool still has them.
    ///
    /// # Errors
    /// It cannot be read, or is no bundle.
    pub fn resume(mut medium: Box<dyn Medium>, free_ratio_min: f64) -> io::Result<Self> {
        let mut reader = Reader::open(medium.read()?, |key, bytes, signature| verify(key, bytes, signature))
            .map_err(io::Error::other)?;
        let (mut seqs, mut length, mut is_sound) = (BTreeSet::new(), reader.position(), true);
        while let Some(entry) = reader.next_entry()? {
            match entry.piece {
                Piece::Batch { key, sealed } => {
                    seqs.insert(key.seq);
                    length = entry.at + sealed.len() as u64;
                }
                Piece::Damaged { bytes, why } => {
                    tracing::warn!(at = entry.at, bytes, why, "the bundle is damaged there");
                    is_sound = false;
                }
            }
        }
        let end = match reader.verdict() {
            Verdict::Whole(end) if is_sound => Some(end),
            _ => None,
        };
        let (header, chain) = (reader.header().clone(), reader.chain().clone());
        let has_tail = reader.position() > length;
        drop(reader);
        Ok(Self { medium, free_ratio_min, header, chain, seqs, length, has_tail, end })
    }

    /// Who writes it.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Whether it has the batch of a number.
    #[must_use]
    pub fn holds(&self, seq: u64) -> bool {
        self.seqs.contains(&seq)
    }

    /// Batches in it.
    #[must_use]
    pub const fn batches(&self) -> u64 {
        self.chain.batches()
    }

    /// The short form of its chain: two bundles with the same one hold the same.
    #[must_use]
    pub fn seal(&self) -> String {
        short(&self.chain.digits())
    }

    /// The short form of the key that signs it.
    #[must_use]
    pub fn key(&self) -> String {
        parse_key(&self.header.public_key).map_or_else(String::new, |key| key_fingerprint(&key))
    }

    /// Bytes in it.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.length
    }

    /// Appends a sealed batch; it is on the medium when this returns. After a failure the bundle is as it was
    /// before, and the same batch may be tried again.
    ///
    /// # Errors
    /// It is no batch, the disk refuses, or its last part is left to others.
    pub fn append(&mut self, sealed: &[u8]) -> io::Result<()> {
        let seq = batch::open(sealed).map_err(io::Error::other)?.key.seq;
        if self.holds(seq) {
            return Ok(());
        }
        self.leave_room()?;
        self.cut_tail()?;
        self.end = None;
        self.write(sealed)?;
        self.chain.push(sealed);
        self.seqs.insert(seq);
        self.length += sealed.len() as u64;
        self.has_tail = false;
        Ok(())
    }

    /// Signs what is there. A bundle that is continued later loses this end and gets another.
    ///
    /// # Errors
    /// The disk refuses; all batches stay readable.
    pub fn finish(&mut self, ending: Ending, now: Timestamp, signer: &dyn Signer) -> io::Result<()> {
        if self.end.as_ref().is_some_and(|end| end.ending == ending) {
            return Ok(());
        }
        let (batches, chain) = (self.chain.batches(), self.chain.digits());
        let end = End { header: self.header.clone(), batches, chain, ending, ended_at: now };
        let bytes = statement(END_MAGIC, &end, |bytes| signer.sign(bytes)).map_err(io::Error::other)?;
        self.cut_tail()?;
        self.write(&bytes)?;
        self.end = Some(end);
        Ok(())
    }

    /// Whether its end was signed because the time had passed.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.end.as_ref().is_some_and(|end| end.ending == Ending::Finished)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        // Until the write has succeeded whatever stands there is no part of the bundle.
        self.has_tail = true;
        self.medium.write_synced_at(self.length, bytes)
    }

    fn cut_tail(&mut self) -> io::Result<()> {
        if self.has_tail {
            self.medium.cut(self.length)?;
            self.has_tail = false;
        }
        Ok(())
    }

    /// The last of a disk belongs to the programs of the host.
    fn leave_room(&self) -> io::Result<()> {
        let (free, floor) = (self.medium.free_ratio()?, self.free_ratio_min);
        if free < floor {
            let (free, floor) = (free * 100.0, floor * 100.0);
            return Err(io::Error::other(format!(
                "{free:.1} % of the bundle's disk is free, {floor:.0} % is left to others"
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "bundle_tests.rs"]
mod tests;
