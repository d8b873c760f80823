//! The assessment touches nothing outside itself and does nothing twice differently. Clippy's list in its
//! crate catches types; this one catches words, methods among them.
// SPDX-License-Identifier: Apache-2.0

use super::{
    Law,
    tree::{Tree, code, has_word},
};

const FOLDER: &str = "collector/assess/src/";

/// What the assessment may not say.
const NEVER: &[&str] = &[
    "std::fs",
    "std::io",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time",
    "std::os",
    "std::path",
    "std::sync",
    "SystemTime",
    "Instant",
    "HashMap",
    "HashSet",
    "RandomState",
    "thread_local!",
    "rand",
    "println!",
    "eprintln!",
    "print!",
    "eprint!",
    "dbg!",
    "tracing",
    "log",
    "async",
    "unsafe",
    "extern",
    "static mut",
];

pub(super) static LAW: Law = Law {
    id: "purity",
    why: "same input, same bytes: no clock, file, network, environment, log, randomness, hash order or thread",
    check,
    plant: |tree| tree.plant("collector/assess/src/planted.rs", "fn f() { std::fs::read(\"x\"); }\n"),
};

fn check(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in tree.shipped(FOLDER) {
        for line in code(text) {
            for word in NEVER.iter().filter(|word| has_word(line.text, word)) {
                faults.push(format!("{path}:{}: {word}", line.number));
            }
        }
    }
    faults
}
