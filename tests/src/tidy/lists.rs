//! Ordered lists name every file of their folder: a rule, a report section, an import format that no list
//! names does nothing, and a rule's id is its file's name.
// SPDX-License-Identifier: Apache-2.0

use super::{Law, tree::Tree};

/// A list, its file, and the value every file of the folder beside it gives to it.
struct List {
    file: &'static str,
    list: &'static str,
    item: &'static str,
}

const LISTS: &[List] = &[
    List { file: "collector/assess/src/readiness.rs", list: "RULES", item: "RULE" },
    List { file: "collector/assess/src/value.rs", list: "LINES", item: "LINE" },
    List { file: "collector/assess/src/journey.rs", list: "PHASES", item: "PHASE" },
    List { file: "collector/src/import.rs", list: "FORMATS", item: "FORMAT" },
    List { file: "collector/src/report.rs", list: "SECTIONS", item: "SECTION" },
    List { file: "tests/src/tidy.rs", list: "LAWS", item: "LAW" },
];

pub(super) static LAW: Law = Law {
    id: "lists",
    why: "one file, one line: what the list does not name is not in the product; an id is its file's name",
    check,
    plant: |tree| {
        tree.plant("tests/src/tidy/unlisted.rs", "pub(super) static LAW: Law = Law { id: \"other\" };\n")
    },
};

fn check(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for List { file, list, item } in LISTS {
        let Some(text) = tree.files.get(*file) else {
            faults.push(format!("{file}: not there, but tidy expects its {list}"));
            continue;
        };
        let listed = entries(text, list);
        let folder = format!("{}/", file.trim_end_matches(".rs"));
        for (path, source) in tree.rust().filter(|(path, _)| path.starts_with(&folder)) {
            let stem = path.trim_start_matches(&folder).trim_end_matches(".rs");
            let kinds = [format!("static {item}:"), format!("const {item}:")];
            let gives = source.lines().any(|line| kinds.iter().any(|kind| line.contains(kind.as_str())));
            if !gives || stem.contains('/') {
                continue;
            }
            if !listed.contains(&format!("{stem}::{item}")) {
                faults.push(format!("{path}: its {item} is not in {list} of {file}"));
            }
            let id = format!("id: \"{}\"", stem.replace('_', "-"));
            if source.contains("id: \"") && !source.contains(&id) {
                faults.push(format!("{path}: expected {id}, as the file is named"));
            }
        }
    }
    faults
}

/// What stands between the brackets of `const LIST: ... = &[ ... ];`, references and spaces aside.
fn entries(text: &str, list: &str) -> Vec<String> {
    let after = text.split_once(&format!(" {list}:")).and_then(|(_, rest)| rest.split_once('='));
    let inside = after.and_then(|(_, rest)| rest.split_once("];")).map_or("", |(inside, _)| inside);
    inside
        .split(',')
        .map(|entry| entry.trim().trim_start_matches("&[").trim().trim_start_matches('&').to_owned())
        .collect()
}
