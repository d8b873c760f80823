//! Every crate takes the workspace's lints, and every manifest parses.
// SPDX-License-Identifier: Apache-2.0

use super::{Law, tree::Tree};

pub(super) static LAW: Law = Law {
    id: "manifests",
    why: "a crate that forgets `[lints] workspace = true` is held to nothing",
    check,
    plant: |tree| tree.plant("agent/Cargo.toml", "[package]\nname = \"cairn-agent\"\n"),
};

fn check(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in tree.ending(".toml") {
        match text.parse::<toml::Table>() {
            Err(error) => faults.push(format!("{path}: {}", error.message())),
            Ok(manifest) if manifest.contains_key("package") => {
                let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
                if lints.and_then(toml::Value::as_bool) != Some(true) {
                    faults.push(format!("{path}: no `[lints] workspace = true`"));
                }
            }
            Ok(_) => {}
        }
    }
    faults
}
