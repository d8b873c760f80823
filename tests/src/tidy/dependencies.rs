//! Which foreign crates a crate must never link, directly or through others; and, for the assessment, the
//! few it may.
// SPDX-License-Identifier: Apache-2.0

use super::{Law, tree::Tree};

/// All that `cairn-assess` may name in its manifest.
const ASSESS_MAY_USE: &[&str] = &["cairn-schemas", "microlp", "pulp", "serde", "serde_json", "thiserror"];

/// What a crate must never link, whoever brings it in. `log` is missing for the assessment because `microlp`
/// brings it: a facade that says nothing, since the logger it needs is in no crate the assessment links. Used
/// directly it is still refused, by [`ASSESS_MAY_USE`].
const NEVER: &[(&str, &[&str])] = &[
    (
        "cairn-assess",
        &["tokio", "mio", "hyper", "axum", "reqwest", "rusqlite", "rand", "getrandom", "tracing"],
    ),
    ("cairn-assess", &["rayon", "crossbeam-utils", "chrono", "time", "zstd", "sysinfo"]),
    ("cairn-agent", &["axum", "askama", "rusqlite", "libsqlite3-sys", "cairn-assess", "cairn-collector"]),
    ("cairn-schemas", &["tokio", "reqwest", "rusqlite", "axum"]),
    ("cairn-pdf", &["tokio", "reqwest", "ureq", "rusqlite", "axum"]),
];

pub(super) static LAW: Law = Law {
    id: "dependencies",
    why: "the agent carries neither a web server nor a database; the assessment can do nothing but compute",
    check,
    plant: |tree| {
        tree.members.entry("cairn-assess".into()).or_default().links.insert("tokio".into());
    },
};

fn check(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for name in tree.members.get("cairn-assess").iter().flat_map(|assess| &assess.uses) {
        if !ASSESS_MAY_USE.contains(&name.as_str()) {
            faults
                .push(format!("collector/assess/Cargo.toml: cairn-assess uses {name}, which is not allowed"));
        }
    }
    for (name, never) in NEVER {
        let Some(member) = tree.members.get(*name) else { continue };
        for other in never.iter().filter(|other| member.links.contains(**other)) {
            faults.push(format!("Cargo.lock: {name} links {other}"));
        }
    }
    faults
}
