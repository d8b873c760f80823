//! Names that say something: no drawer for everything, no file that hides its name.
// SPDX-License-Identifier: Apache-2.0

use super::{Law, tree::Tree};

const NEVER: &[&str] =
    &["mod", "util", "utils", "common", "helper", "helpers", "manager", "misc", "shared", "stuff"];

pub(super) static LAW: Law = Law {
    id: "names",
    why: "a file is named after what it is about; `mod.rs` and `utils.rs` are about nothing",
    check,
    plant: |tree| tree.plant("collector/src/report/helpers.rs", "//! x\n"),
};

fn check(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, _) in tree.rust() {
        let parts = path.trim_end_matches(".rs").split('/');
        for part in parts.filter(|part| NEVER.contains(part)) {
            faults.push(format!("{path}: `{part}` is no name for a part of this product"));
        }
    }
    faults
}
