//! What is missing, and why, counted over all servers of an import: a thousand texts make a page, not a
//! thousand.
// SPDX-License-Identifier: Apache-2.0

use super::Sheet;
use std::collections::BTreeMap;

/// Servers named beside a count.
const NAMES_SHOWN: usize = 3;

/// Servers, some of them by name.
#[derive(Debug, Default)]
struct Servers {
    count: u64,
    first: Vec<String>,
}

impl Servers {
    fn add(&mut self, server: &str) {
        self.count += 1;
        if self.first.len() < NAMES_SHOWN {
            self.first.push(server.escape_debug().to_string());
        }
    }

    fn names(&self) -> String {
        let more = if self.count > self.first.len() as u64 { ", ..." } else { "" };
        format!("{}{more}", self.first.join(", "))
    }
}

/// Counts of an import.
#[derive(Debug, Default)]
pub(super) struct Tally {
    servers: u64,
    unknown: BTreeMap<&'static str, BTreeMap<&'static str, Servers>>,
    remarks: BTreeMap<&'static str, Servers>,
    different: BTreeMap<(String, String, bool), Servers>,
}

impl Tally {
    /// Counts what a text does not say.
    pub(super) fn add(&mut self, server: &str, sheet: &Sheet) {
        self.servers += 1;
        for (name, why) in &sheet.unknown {
            self.unknown.entry(name).or_default().entry(why).or_default().add(server);
        }
        for text in &sheet.remarks {
            self.remarks.entry(text).or_default().add(server);
        }
    }

    /// Counts a fact that was said otherwise before.
    pub(super) fn differs(&mut self, name: &str, witness: String, stays: bool, server: &str) {
        self.different.entry((name.to_owned(), witness, stays)).or_default().add(server);
    }

    /// Everything as sentences: `cpu_mhz unknown for 3 of 9 servers: the text names none (3: a, b, c)`.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for (name, reasons) in &self.unknown {
            let all: u64 = reasons.values().map(|servers| servers.count).sum();
            let mut reasons: Vec<_> = reasons.iter().collect();
            reasons.sort_by_key(|(_, servers)| std::cmp::Reverse(servers.count));
            let reasons: Vec<String> = reasons
                .into_iter()
                .map(|(why, servers)| format!("{why} ({}: {})", servers.count, servers.names()))
                .collect();
            let of = self.servers;
            notes.push(format!("{name} unknown for {all} of {of} servers: {}", reasons.join("; ")));
        }
        for (text, servers) in &self.remarks {
            notes.push(format!("{text} ({}: {})", servers.count, servers.names()));
        }
        for ((name, witness, stays), servers) in &self.different {
            let ends = if *stays { "which stays" } else { "which this replaces" };
            let names = servers.names();
            notes.push(format!("{name} differs from {witness}, {ends} ({}: {names})", servers.count));
        }
        notes
    }
}
