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

/// `{name}` or `{name:format}`; what a format may say is the renderer's affair.
fn placeholders_close(text: &str) -> bool {
    let named = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let mut after_open = text.split('{').skip(1);
    let closed = after_open.all(|rest| {
        rest.split_once('}').is_some_and(|(inside, _)| named(inside.split(':').next().unwrap_or_default()))
    });
    closed && text.matches('{').count() == text.matches('}').count()
}
