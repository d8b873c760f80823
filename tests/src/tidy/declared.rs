//! A source that no `mod` line names is silently left out by the compiler.
// SPDX-License-Identifier: Apache-2.0

use super::{Law, tree::Tree};
use std::collections::BTreeSet;

pub(super) static LAW: Law = Law {
    id: "declared",
    why: "a file without a `mod` line is not compiled and nobody notices",
    check,
    plant: |tree| tree.plant("agent/src/sampler/forgotten.rs", "//! x\n"),
};

fn check(tree: &Tree) -> Vec<String> {
    let by_path: BTreeSet<String> = tree.rust().flat_map(|(path, text)| named_by_path(path, text)).collect();
    let faults = tree.rust().filter(|(path, _)| !by_path.contains(*path) && !is_declared(tree, path));
    faults.map(|(path, _)| format!("{path}: no `mod` line names it")).collect()
}

/// Files a source names with `#[path = "..."]`, which is relative to its own folder.
fn named_by_path(path: &str, text: &str) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let named = text.lines().filter_map(|line| line.strip_prefix("#[path = \"")?.strip_suffix("\"]"));
    named.map(|file| format!("{folder}/{file}")).collect()
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
    let parents = [format!("{folder}.rs"), format!("{folder}/lib.rs"), format!("{folder}/main.rs")];
    parents.iter().filter_map(|parent| tree.files.get(parent)).any(|text| {
        let declares = |line: &str| {
            by_name.iter().any(|declaration| line.trim_start_matches("pub ").ends_with(declaration))
        };
        text.lines().any(declares)
    })
}
