//! A source that no `mod` line names is silently left out by the compiler.
// SPDX-License-Identifier: Apache-2.0

use super::{Law, tree::Tree};

pub(super) static LAW: Law = Law {
    id: "declared",
    why: "a file without a `mod` line is not compiled and nobody notices",
    check,
    plant: |tree| tree.plant("agent/src/sampler/forgotten.rs", "//! x\n"),
};

fn check(tree: &Tree) -> Vec<String> {
    let faults = tree.rust().filter(|(path, _)| !is_declared(tree, path));
    faults.map(|(path, _)| format!("{path}: no `mod` line names it")).collect()
}

fn is_declared(tree: &Tree, path: &str) -> bool {
    let Some((folder, name)) = path.rsplit_once('/') else { return true };
    let stem = name.trim_end_matches(".rs");
    let is_root = matches!(stem, "lib" | "main" | "build") || folder.ends_with("src/bin");
    let is_cargo_test = ["tests", "benches", "examples"].iter().any(|kind| {
        let member = folder.strip_suffix(kind).map(|member| format!("{member}Cargo.toml"));
        member.is_some_and(|manifest| tree.files.contains_key(&manifest))
    });
    if is_root || is_cargo_test {
        return true;
    }
    let by_name = [format!("mod {stem};"), format!("mod {stem} {{")];
    let by_path = format!("#[path = \"{name}\"]");
    let parents = [format!("{folder}.rs"), format!("{folder}/lib.rs"), format!("{folder}/main.rs")];
    let named = parents.iter().filter_map(|parent| tree.files.get(parent)).any(|text| {
        text.lines().any(|line| {
            by_name.iter().any(|declaration| line.trim_start_matches("pub ").ends_with(declaration))
        })
    });
    // A file beside the one that names it by path: `foo.rs` and its `foo_tests.rs`.
    let mut neighbours =
        tree.rust().filter(|(other, _)| other.rsplit_once('/').is_some_and(|(f, _)| f == folder));
    named || neighbours.any(|(_, text)| text.contains(&by_path))
}
