//! Pages speak of files that are there.
// SPDX-License-Identifier: Apache-2.0

use super::{Law, tree::Tree};

pub(super) static LAW: Law = Law {
    id: "links",
    why: "a map that shows what is no longer there is worse than none",
    check,
    plant: |tree| tree.plant("packaging/PLANTED.md", "See [the map](../NOWHERE.md).\n"),
};

fn check(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in tree.ending(".md") {
        for (i, line) in text.lines().enumerate() {
            for target in links(line) {
                if !exists(tree, &resolve(path, target)) {
                    faults.push(format!("{path}:{}: link to {target}, which is not there", i + 1));
                }
            }
            for target in mentions(line).filter(|target| !exists(tree, target)) {
                faults.push(format!("{path}:{}: speaks of {target}, which is not there", i + 1));
            }
        }
    }
    faults
}

/// Targets of `[text](target)` inside the repository.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    targets.filter(|target| !target.is_empty() && !target.contains(':'))
}

/// Paths between backticks, from the top level on; patterns such as `readiness/x.rs` are not meant literally.
fn mentions(line: &str) -> impl Iterator<Item = &str> {
    let quoted = line.split('`').skip(1).step_by(2).filter(|text| !text.contains([' ', '*', '{', '<']));
    let ours = ["agent/", "collector/", "schemas/", "tests/", "packaging/"];
    quoted.filter(move |text| ours.iter().any(|top| text.starts_with(top)) && !text.contains("/x.rs"))
}

fn resolve(page: &str, target: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    parts.join("/")
}

fn exists(tree: &Tree, target: &str) -> bool {
    let target = target.trim_end_matches('/');
    let folder = format!("{target}/");
    tree.files.contains_key(target)
        || tree.files.range(folder.clone()..).next().is_some_and(|(p, _)| p.starts_with(&folder))
}
