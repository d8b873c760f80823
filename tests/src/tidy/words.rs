//! What a finished tree does not contain: notes of unfinished work, and tests that do not run.
// SPDX-License-Identifier: Apache-2.0

use super::{
    Law,
    tree::{Tree, has_word},
};

/// Written in two parts, so that this file does not break its own law.
const NEVER: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("todo", "!"),
    concat!("unimple", "mented!"),
    concat!("#[", "ignore"),
];
const KINDS: &[&str] = &[".rs", ".toml", ".md", ".sh", ".html", ".css", ".js", ".py", ".service", "/run"];

pub(super) static LAW: Law = Law {
    id: "words",
    why: "no stub is called done, and no test is left out quietly",
    check,
    plant: |tree| tree.plant("agent/src/planted.rs", concat!("// TO", "DO: later\n")),
};

fn check(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    let read = tree.files.iter().filter(|(path, _)| KINDS.iter().any(|kind| path.ends_with(kind)));
    for (path, text) in read {
        for (i, line) in text.lines().enumerate() {
            for word in NEVER.iter().filter(|word| has_word(line, word)) {
                faults.push(format!("{path}:{}: {word}", i + 1));
            }
        }
    }
    faults
}
