//! Inventory: what is known of the host besides series, from files anybody may read. What cannot be read is
//! said with its reason; command lines, environments, users and file names are never looked at.
// SPDX-License-Identifier: Apache-2.0

mod cpu;
mod hardware;
mod memory;
mod os;

mod virtualization;

mod cluster;
mod shared_disk;
mod sockets;

mod move_needs;
mod special_hardware;

mod roles;

pub mod privileged;

use crate::root::Root;
use cairn_schemas::fact::{self, FactValue};
use cairn_schemas::inventory::Inventory;
use cairn_schemas::time::Timestamp;
use privileged::Privileged;
use sockets::Sockets;
use std::path::Path;

/// Longest text of a fact.
const TEXT_CHARS_MAX: usize = 200;
/// Longest proof or reason: it may name several files.
const PROOF_CHARS_MAX: usize = 1_000;

/// Reads everything anybody may read, and what root has left in `data` for this boot of the host.
#[must_use]
pub fn read_with_data(root: &Root, data: &Path, now: Timestamp) -> Inventory {
    read_given(root, &Privileged::load(root, data), now)
}

/// Reads everything anybody may read.
#[must_use]
pub fn read(root: &Root, now: Timestamp) -> Inventory {
    read_given(root, &Privileged::Absent("no data directory was looked at".to_owned()), now)
}

fn read_given(root: &Root, privileged: &Privileged, now: Timestamp) -> Inventory {
    let mut record = Record::new(root, now);
    let sockets = Sockets::read(root);
    hardware::read(root, privileged, &mut record);
    cpu::read(root, privileged, &mut record);
    memory::read(root, privileged, &mut record);
    os::read(root, &mut record);
    virtualization::read(root, &mut record);
    roles::read(sockets.as_ref(), &mut record);
    cluster::read(root, sockets.as_ref(), &mut record);
    shared_disk::read(root, &mut record);
    special_hardware::read(root, &mut record);
    move_needs::read(root, privileged, &mut record);
    record.0
}

/// The host's name: an attribute for people, never a key.
#[must_use]
pub fn hostname(root: &Root) -> String {
    bounded(&root.text("proc/sys/kernel/hostname").unwrap_or_default())
}

/// The inventory while it is being read.
struct Record(Inventory);

impl Record {
    fn new(root: &Root, now: Timestamp) -> Self {
        Self(Inventory {
            hostname: hostname(root),
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            observed_at: now,
            ..Inventory::default()
        })
    }

    fn text(&mut self, name: &str, value: Result<String, String>) {
        match value.map(|text| bounded(&text)) {
            Ok(text) if text.is_empty() => self.unknown(name, "the system leaves it empty"),
            Ok(text) => self.fact(name, FactValue::Text(text)),
            Err(why) => self.unknown(name, &why),
        }
    }

    fn number(&mut self, name: &str, value: Result<f64, String>) {
        match value {
            Ok(number) => self.fact(name, FactValue::Number(number)),
            Err(why) => self.unknown(name, &why),
        }
    }

    fn flag(&mut self, name: &str, value: bool, proof: &str) {
        self.fact(name, FactValue::Bool(value));
        self.evidence(name, proof);
    }

    fn fact(&mut self, name: &str, value: FactValue) {
        debug_assert!(fact::entry_of(name).is_some(), "{name} is not in the catalogue");
        self.0.facts.insert(name.to_owned(), value);
    }

    fn unknown(&mut self, name: &str, why: &str) {
        self.0.unknown.insert(name.to_owned(), tame(why, PROOF_CHARS_MAX));
    }

    fn evidence(&mut self, name: &str, proof: &str) {
        self.0.evidence.insert(name.to_owned(), tame(proof, PROOF_CHARS_MAX));
    }

    /// A value with its proof, or the reason why there is none.
    fn proven(&mut self, name: &str, value: Result<(FactValue, String), String>) {
        match value {
            Ok((value, proof)) => {
                self.fact(name, value);
                self.evidence(name, &proof);
            }
            Err(why) => self.unknown(name, &why),
        }
    }

    fn known_text(&self, name: &str) -> Option<&str> {
        self.0.facts.get(name).and_then(FactValue::as_text)
    }
}

/// Something found, how it was proven, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    what: String,
    proof: String,
    fix: &'static str,
}

/// Several findings as one fact: their names, once each, and their proofs with each fix said once.
fn joined(found: &[Found]) -> (FactValue, String) {
    let mut names: Vec<&str> = Vec::new();
    for one in found {
        if !names.contains(&one.what.as_str()) {
            names.push(&one.what);
        }
    }
    let paragraph = |name: &&str| {
        let of_name: Vec<&Found> = found.iter().filter(|one| one.what == **name).collect();
        let proofs: Vec<&str> = of_name.iter().map(|one| one.proof.as_str()).collect();
        format!("{}; to move it: {}", proofs.join(", "), of_name.first().map_or("", |one| one.fix))
    };
    let proofs: Vec<String> = names.iter().map(paragraph).collect();
    (FactValue::Text(bounded(&names.join(", "))), proofs.join(". "))
}

/// A text value, bounded.
fn text_fact(text: &str) -> FactValue {
    FactValue::Text(bounded(text))
}

/// Texts of the host are hostile input: no control characters, and not at any length.
fn bounded(text: &str) -> String {
    tame(text, TEXT_CHARS_MAX)
}

fn tame(text: &str, chars_max: usize) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(chars_max).collect()
}

#[cfg(test)]
pub(crate) mod testing;

#[cfg(test)]
#[path = "inventory_tests.rs"]
mod tests;
