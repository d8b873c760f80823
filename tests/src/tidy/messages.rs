//! Message files: tables of sentences, every placeholder closed, no id twice.
// SPDX-License-Identifier: Apache-2.0

use super::{Law, tree::Tree};
use std::collections::BTreeMap;

const FOLDER: &str = "collector/messages/";

pub(super) static LAW: Law = Law {
    id: "messages",
    why: "wording is data: a file that does not parse silences every sentence in it",
    check,
    plant: |tree| tree.plant("collector/messages/en/planted.toml", "\"a.b\" = \"{open.\"\n"),
};

fn check(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen: BTreeMap<(String, String), &str> = BTreeMap::new();
    for (path, text) in tree.ending(".toml").filter(|(path, _)| path.starts_with(FOLDER)) {
        // What does not parse at all is a breach of `manifests`.
        let Ok(table) = text.parse::<toml::Table>() else { continue };
        let language = path.trim_start_matches(FOLDER).split('/').next().unwrap_or_default();
        for (id, sentence) in table {
            match sentence.as_str() {
                None => faults.push(format!("{path}: {id} is not a sentence")),
                Some(text) if !placeholders_close(text) => {
                    faults.push(format!("{path}: {id}: a placeholder is not closed: {text:?}"));
                }
                Some(_) => {}
            }
            if let Some(other) = seen.insert((language.to_owned(), id.clone()), path) {
                faults.push(format!("{path}: {id} stands in {other} too"));
            }
        }
    }
    faults
}

fn placeholders_close(text: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    text.split('{').skip(1).all(|rest| {
        rest.split_once('}').is_some_and(|(inside, _)| !inside.is_empty() && inside.chars().all(name))
    }) && text.matches('{').count() == text.matches('}').count()
}
