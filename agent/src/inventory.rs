//! Inventory: what is known of the host besides series, from files anybody may read. What cannot be read is
//! said with its reason; command lines, environments, users and file names are never looked at.
// SPDX-License-Identifier: Apache-2.0

mod hardware;
mod os;
mod software;
mod special_hardware;
mod virtualization;

use crate::root::Root;
use cairn_schemas::fact::{self, FactValue};
use cairn_schemas::inventory::Inventory;
use cairn_schemas::time::Timestamp;

/// Longest text of a fact.
const TEXT_CHARS_MAX: usize = 200;

/// Reads everything.
#[must_use]
pub fn read(root: &Root, now: Timestamp) -> Inventory {
    let mut record = Record(Inventory {
        hostname: hostname(root),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        observed_at: now,
        ..Inventory::default()
    });
    hardware::read(root, &mut record);
    os::read(root, &mut record);
    virtualization::read(root, &mut record);
    special_hardware::read(root, &mut record);
    software::read(root, &mut record);
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
        self.0.unknown.insert(name.to_owned(), bounded(why));
    }

    fn evidence(&mut self, name: &str, proof: &str) {
        self.0.evidence.insert(name.to_owned(), bounded(proof));
    }
}

/// Texts of the host are hostile input: no control characters, and not at any length.
fn bounded(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(TEXT_CHARS_MAX).collect()
}

#[cfg(test)]
#[path = "inventory_tests.rs"]
mod tests;
