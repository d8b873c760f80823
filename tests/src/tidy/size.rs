//! Files stay small enough to be read. Clippy does the same for functions, at 70 lines.
// SPDX-License-Identifier: Apache-2.0

use super::{Law, tree::Tree};

/// Most lines of a source.
const LINES_MAX: usize = 400;

/// Files that are longer, each with the length it may not exceed. The table only shrinks: a file that got
/// shorter lowers its number, one that is short enough leaves.
const LONGER: &[(&str, usize)] = &[];

pub(super) static LAW: Law = Law {
    id: "size",
    why: "aim at 80 to 250 lines; 400 is the end",
    check,
    plant: |tree| tree.plant("agent/src/planted.rs", &"//! x\n".repeat(LINES_MAX + 1)),
};

fn check(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in tree.rust() {
        let lines = text.lines().count();
        let excused = LONGER.iter().find(|(longer, _)| *longer == path).map(|(_, limit)| *limit);
        match excused {
            Some(limit) if lines < limit => {
                faults
                    .push(format!("{path}: {lines} lines now; lower its {limit} in LONGER, or take it out"));
            }
            Some(limit) if lines <= limit => {}
            _ if lines <= LINES_MAX => {}
            _ => faults.push(format!("{path}: {lines} lines, {} at most", excused.unwrap_or(LINES_MAX))),
        }
    }
    let gone = LONGER.iter().filter(|(path, _)| !tree.files.contains_key(*path));
    faults.extend(gone.map(|(path, _)| format!("{path}: in LONGER, but there is no such file")));
    faults
}
