//! Which crate of the workspace may use which.
// SPDX-License-Identifier: Apache-2.0

use super::{Law, tree::Tree};
use std::collections::BTreeSet;

/// Each crate with all it may use of the workspace, in its tests too. A new crate gets a line here.
const MAY_USE: &[(&str, &[&str])] = &[
    ("cairn-schemas", &[]),
    ("cairn-agent", &["cairn-schemas"]),
    ("cairn-assess", &["cairn-schemas"]),
    ("cairn-pdf", &[]),
    ("cairn-collector", &["cairn-agent", "cairn-assess", "cairn-pdf", "cairn-schemas"]),
    ("cairn-tests", &["cairn-agent", "cairn-assess", "cairn-collector", "cairn-schemas"]),
];

pub(super) static LAW: Law = Law {
    id: "crates",
    why: "schemas <- agent; schemas <- assess <- collector -> pdf: nothing else may know of each other",
    check,
    plant: |tree| {
        tree.members.entry("cairn-agent".into()).or_default().uses.insert("cairn-collector".into());
    },
};

fn check(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, member) in &tree.members {
        let Some((_, allowed)) = MAY_USE.iter().find(|(known, _)| known == name) else {
            faults.push(format!("Cargo.toml: crate {name} has no line in MAY_USE"));
            continue;
        };
        let used: BTreeSet<_> = member.uses.union(&member.uses_to_build_or_test).collect();
        for other in used.into_iter().filter(|other| tree.members.contains_key(*other)) {
            if !allowed.contains(&other.as_str()) {
                faults.push(format!("Cargo.toml: {name} uses {other}"));
            }
        }
    }
    faults
}
