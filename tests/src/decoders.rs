//! Every decoder of bytes from outside, as a function of bytes: a panic, a hang or an overflow is what is looked for, and
//! what always holds is asserted. `tests/fuzz` runs them guided by coverage; `tests/tests/decoders.rs` on a stated number
//! of deterministic mutations, so that they run everywhere.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::expect_used)]

use std::path::Path;

mod host;
mod importer;
mod mutation;
mod seeds;

mod batch;
mod bundle;
mod csv;
mod enrolment;
mod facts;
mod payload;
mod policy;
mod register;
mod samplers;
mod sheet;
mod smbios;
mod texts;

pub use mutation::Mutations;
pub use seeds::table;

/// A decoder: its name, inputs as the product or a person makes them, and what is done with an input.
pub struct Decoder {
    /// Of the fuzz target too.
    pub name: &'static str,
    /// Good inputs, to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Panics where the decoder or what must hold after it does.
    pub run: fn(&[u8]),
}

/// All of them but blocks, which nothing outside the store knows.
pub const DECODERS: &[&Decoder] = &[
    &batch::DECODER,
    &bundle::DECODER,
    &csv::DECODER,
    &enrolment::DECODER,
    &facts::DECODER,
    &payload::DECODER,
    &policy::DECODER,
    &register::DECODER,
    &samplers::DECODER,
    &sheet::DECODER,
    &smbios::DECODER,
    &texts::DECODER,
];

/// The decoder of a name.
///
/// # Panics
/// There is none.
#[must_use]
pub fn decoder(name: &str) -> &'static Decoder {
    DECODERS.iter().find(|decoder| decoder.name == name).expect("a decoder of this name")
}

/// Monday 2026-11-02 00:00 UTC.
pub const MONDAY: i64 = 1_793_577_600;

/// A directory in memory where the system has one: targets write a file a run.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a temporary directory")
}

/// Cuts the input into the texts of some files, at lines of `====`.
fn cut<'a>(data: &'a [u8], files: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a [u8])> {
    let mut rest = Some(data);
    files.iter().map(move |name| {
        let all = rest.take().unwrap_or_default();
        match all.windows(6).position(|window| window == b"\n====\n") {
            Some(at) => {
                rest = Some(&all[at + 6..]);
                (*name, &all[..=at])
            }
            None => (*name, all),
        }
    })
}
