//! The top level says what the product is made of, and nothing else.
// SPDX-License-Identifier: Apache-2.0

use super::{Law, tree::Tree};
use std::collections::BTreeSet;

const ALLOWED: &[&str] = &[
    "Cargo.toml",
    "agent",
    "collector",
    "schemas",
    "tests",
    "packaging",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Cargo.lock",
    "clippy.toml",
    "deny.toml",
    "rust-toolchain.toml",
    "rustfmt.toml",
];

pub(super) static LAW: Law = Law {
    id: "top-level",
    why: "a listing of the top level explains the product",
    check,
    plant: |tree| tree.plant("scripts/build.sh", ":\n"),
};

fn check(tree: &Tree) -> Vec<String> {
    let found: BTreeSet<&str> = tree.files.keys().filter_map(|path| path.split('/').next()).collect();
    let extra = found.iter().filter(|name| !ALLOWED.contains(name) && !name.starts_with('.'));
    let missing = ALLOWED.iter().filter(|name| !found.contains(**name));
    let extra = extra.map(|name| format!("{name}: not one of the entries of the top level"));
    extra.chain(missing.map(|name| format!("{name}: missing from the top level"))).collect()
}
