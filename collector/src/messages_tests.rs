//! The message files hold together, and every sentence the program asks for is there.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use std::path::{Path, PathBuf};

const FORMATS: &[&str] =
    &["", "int", "one", "percent", "bytes", "rate", "ghz", "days", "hours", "months", "to_one", "money"];

fn crate_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn args(pairs: &[(&str, Arg)]) -> Args {
    pairs.iter().map(|(name, arg)| ((*name).to_owned(), arg.clone())).collect()
}

fn sources(dir: &Path, found: &mut Vec<(PathBuf, String)>) {
    let mut entries: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") && !test_only(&path) {
            let text = std::fs::read_to_string(&path).unwrap();
            // What a file's own tests say needs no wording.
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
            found.push((path, text));
        }
    }
}

fn test_only(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("fixtures"))
        || path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("_tests"))
}

/// The quoted literals that begin an argument list opened by `call`.
fn literals<'a>(text: &'a str, call: &str) -> Vec<Vec<&'a str>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(call) {
        let mut rest = text[at + call.len()..].trim_start();
        let mut literals = Vec::new();
        while let Some((literal, tail)) = rest.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) {
            literals.push(literal);
            rest = tail.trim_start().trim_start_matches(',').trim_start();
        }
        found.push(literals);
    }
    found
}

/// Ids of the sentences that findings of a file use: `Finding::new("id", "message", ..)`, with `RULE.id` and
/// the like standing for the one `id: ".."` of the file, and the remedy where the same statement asks for it.
fn finding_ids(text: &str) -> Vec<String> {
    let quoted =
        |text: &str| text.strip_prefix('"').and_then(|t| t.split_once('"')).map(|(t, _)| t.to_owned());
    let own = text.split_once(" id: ").and_then(|(_, rest)| quoted(rest));
    let mut ids = Vec::new();
    for (at, call) in text.match_indices("Finding::new(") {
        let statement = text[at + call.len()..].split(';').next().unwrap_or_default();
        let Some((first, rest)) = statement.split_once(',') else { continue };
        let first = first.trim();
        let id = if first.ends_with(".id") { own.clone() } else { quoted(first) };
        let (Some(id), Some(message)) = (id, quoted(rest.trim())) else { continue };
        ids.push(format!("{id}.{message}"));
        if statement.contains(".remedy()") {
            ids.push(format!("{id}.remedy"));
        }
    }
    ids
}

#[test]
fn ids_of_findings_are_found() {
    let text = r#"Rule { id: "dongle", .. } Finding::new(RULE.id, "proven", Gate).remedy(); Finding::new(
        "wave", "small", Info);"#;
    assert_eq!(finding_ids(text), ["dongle.proven", "dongle.remedy", "wave.small"]);
}

#[test]
fn every_file_of_the_directories_is_embedded() {
    for (language, files) in [("en", ENGLISH), ("de", GERMAN)] {
        let mut on_disk: Vec<String> = std::fs::read_dir(crate_dir().join("messages").join(language))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
            .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        on_disk.sort();
        let mut embedded: Vec<String> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
        embedded.sort();
        assert_eq!(embedded, on_disk, "list every message file in `messages/built_in.rs`");
    }
}

#[test]
fn the_built_in_files_parse_and_name_known_formats() {
    let formats = |words: &Messages| {
        for (id, sentence) in words.iter().filter(|(id, _)| !id.starts_with("format.")) {
            for placeholder in sentence.split('{').skip(1) {
                let (inside, _) =
                    placeholder.split_once('}').unwrap_or_else(|| panic!("{id}: unclosed brace"));
                let format = inside.split_once(':').map_or("", |(_, format)| format);
                let known =
                    FORMATS.contains(&format) || (format.starts_with("count ") && format.contains('|'));
                assert!(known, "{id}: unknown format {format:?}");
            }
        }
    };
    [Messages::english(), Messages::german()].into_iter().for_each(formats);
}

#[test]
fn german_says_all_that_english_says_with_the_same_placeholders() {
    let (english, german) = (Messages::english(), Messages::german());
    let ids = |words: &'static Messages| words.iter().map(|(id, _)| id.to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(german), ids(english));
    let strange: Vec<_> = english
        .iter()
        .filter(|(id, sentence)| placeholders(sentence) != placeholders(&german.sentences[*id]))
        .map(|(id, _)| id)
        .collect();
    assert!(strange.is_empty(), "other placeholders than in English: {strange:?}");
    let same =
        english.iter().filter(|(id, sentence)| sentence.len() > 40 && german.sentences[*id] == *sentence);
    let same: Vec<_> =
        same.map(|(id, _)| id).filter(|id| !id.contains("command") && !id.ends_with("remedy")).collect();
    assert!(same.is_empty(), "not translated: {same:?}");
}

#[test]
fn a_directory_of_messages_changes_what_it_words_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let read = |text: &str| {
        std::fs::write(dir.path().join("own.toml"), text).unwrap();
        Messages::read(dir.path())
    };
    let words = read("\"report.summary.title\" = \"Auf einen Blick\"\n\"format.language\" = \"de\"").unwrap();
    assert_eq!(words.render("report.summary.title", &Args::new(), ""), "Auf einen Blick");
    assert_eq!(words.render("report.plan.title", &Args::new(), ""), "Der Plan", "the rest is German");
    assert_eq!(words.format().decimal, ",");
    for (text, said) in [
        ("\"report.sumary.title\" = \"x\"", "was \"report.summary.title\" meant?"),
        ("\"report.never\" = \"{when}\"", "message report.never has no {when}"),
        ("nonsense", "own.toml"),
    ] {
        let error = format!("{:#}", read(text).unwrap_err());
        assert!(error.contains(said), "{error}");
    }
    std::fs::remove_file(dir.path().join("own.toml")).unwrap();
    assert!(Messages::read(dir.path()).unwrap_err().to_string().contains("there is no .toml file"));
    assert!(Messages::built_in("xx").unwrap_err().to_string().contains("there is en and de"));
}

#[test]
fn every_finding_and_every_sentence_of_the_reports_has_wording() {
    let (words, mut files) = (Messages::english(), Vec::new());
    sources(&crate_dir().join("src"), &mut files);
    sources(&crate_dir().join("assess/src"), &mut files);
    let mut missing = Vec::new();
    for (path, text) in &files {
        let ids = finding_ids(text);
        let said = ["say(", "with("].into_iter().flat_map(|call| literals(text, &format!("cx.{call}")));
        let said = said.filter_map(|l| l.first().map(|id| format!("report.{id}")));
        missing
            .extend(ids.into_iter().chain(said).filter(|id| !words.knows(id)).map(|id| (path.clone(), id)));
    }
    assert!(missing.is_empty(), "no wording for {missing:#?}");
}

#[test]
fn placeholders_are_formatted() {
    let messages =
        Messages::parse(&[("t", "a = 'On {host}: {n:percent} of {m:bytes}, {c:money}, {x}, {gone}'")])
            .unwrap();
    let given = args(&[
        ("host", Arg::from("db\u{1b}1")),
        ("n", Arg::from(0.5)),
        ("m", Arg::from(2_147_483_648.0)),
        ("c", Arg::from(1200.0)),
        ("x", Arg::from(1.257)),
    ]);
    let text = messages.render("a", &given, "EUR").replace('\u{a0}', " ");
    assert_eq!(text, "On db\u{fffd}1: 50 % of 2 GiB, EUR 1,200, 1.26, [gone: not given]");
}

#[test]
fn counts_take_the_noun_that_fits() {
    let messages = Messages::parse(&[("t", "a = '{n:count host|hosts}'")]).unwrap();
    for (n, expected) in [(0.0, "0 hosts"), (1.0, "1 host"), (1_200.0, "1,200 hosts")] {
        assert_eq!(messages.render("a", &args(&[("n", Arg::from(n))]), ""), expected);
    }
}

#[test]
fn an_unknown_message_is_shown_with_its_arguments() {
    let text = Messages::default().render("new-rule.proven", &args(&[("n", Arg::from(3.0))]), "");
    assert_eq!(text, "[new-rule.proven] n = 3");
}

#[test]
fn a_sentence_worded_twice_is_refused() {
    let twice = Messages::parse(&[("a", "x = 'one'"), ("b", "x = 'two'")]);
    assert!(matches!(twice, Err(MessageError::Twice { .. })));
}
