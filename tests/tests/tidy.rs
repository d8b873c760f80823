//! The tree keeps its laws, and each law would notice if it did not.
// SPDX-License-Identifier: Apache-2.0

use cairn_tests::harness::repository;
use cairn_tests::tidy::{LAWS, tree::Tree};

#[test]
fn the_tree_keeps_every_law() {
    let tree = Tree::load(&repository()).unwrap();
    let mut report = String::new();
    for law in LAWS {
        let faults = (law.check)(&tree);
        if !faults.is_empty() {
            report += &format!("\n{}: {}\n  {}\n", law.id, law.why, faults.join("\n  "));
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn every_law_catches_its_planted_fault() {
    let tree = Tree::load(&repository()).unwrap();
    for law in LAWS {
        let before = (law.check)(&tree);
        let mut broken = tree.clone();
        (law.plant)(&mut broken);
        let caught = (law.check)(&broken).into_iter().filter(|fault| !before.contains(fault)).count();
        assert!(caught > 0, "{} does not notice what it forbids", law.id);
    }
}
