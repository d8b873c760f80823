//! Every source begins with what it is for and the licence in one line.
// SPDX-License-Identifier: Apache-2.0

use super::{Law, tree::Tree};

const LICENCE: &str = "// SPDX-License-Identifier: Apache-2.0";
/// More than this is documentation, and belongs to the items.
const LINES_MAX: usize = 12;

pub(super) static LAW: Law = Law {
    id: "headers",
    why: "a file opens with one to three sentences on what it is for, then the licence in one line",
    check,
    plant: |tree| tree.plant("agent/src/planted.rs", "use std::fmt;\n"),
};

fn check(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in tree.rust() {
        let about = text.lines().take_while(|line| line.starts_with("//!")).count();
        if about == 0 || about > LINES_MAX {
            faults.push(format!("{path}:1: opens with {about} lines of `//!`; 1 to {LINES_MAX} are right"));
        } else if text.lines().nth(about) != Some(LICENCE) {
            faults.push(format!("{path}:{}: expected {LICENCE}", about + 1));
        }
    }
    for (path, text) in tree.ending(".sh").chain(tree.ending("tests/run")).chain(tree.ending(".py")) {
        if !text.lines().take(16).any(|line| line == LICENCE.replace("//", "#")) {
            faults.push(format!("{path}:2: expected {}", LICENCE.replace("//", "#")));
        }
    }
    faults
}
