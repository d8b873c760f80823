//! The laws of the tree. Each is one file: what it forbids, why, and a planted fault it must catch. A law
//! that no machine enforces decays.
// SPDX-License-Identifier: Apache-2.0

pub mod tree;

mod crates;
mod dependencies;
mod knowledge;
mod purity;

mod top_level;

mod declared;
mod headers;
mod lists;
mod names;
mod size;
mod words;

mod links;
mod manifests;
mod messages;
mod scripts;

use tree::Tree;

/// A law: what it is called, why it is there, how a breach is found, and a breach to be found.
pub struct Law {
    /// Its name, as in its file.
    pub id: &'static str,
    /// Why, printed beside every breach.
    pub why: &'static str,
    /// Finds the breaches, one line each, beginning with the path.
    pub check: fn(&Tree) -> Vec<String>,
    /// Breaks the law in a tree that keeps it.
    pub plant: fn(&mut Tree),
}

/// Every law: who may know whom, then what the tree and its files look like.
pub const LAWS: &[&Law] = &[
    &crates::LAW,
    &dependencies::LAW,
    &purity::LAW,
    &knowledge::LAW,
    &top_level::LAW,
    &headers::LAW,
    &names::LAW,
    &declared::LAW,
    &lists::LAW,
    &size::LAW,
    &words::LAW,
    &manifests::LAW,
    &messages::LAW,
    &links::LAW,
    &scripts::LAW,
];
