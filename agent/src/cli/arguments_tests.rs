//! The man page and the completions, written from the same tables as the help; they are golden files of the
//! packages, so that neither can say what the program does not do. `UPDATE=1` writes them anew.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use std::fmt::Write as _;

#[path = "completions_tests.rs"]
mod completions;
#[path = "man_page_tests.rs"]
mod man_page;

/// Options of a verb: its own, then those of every verb.
fn options_of(
    own: &'static [&'static str],
) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    OPTIONS.iter().filter(move |(name, ..)| own.contains(name)).chain(COMMON)
}

/// Names of environment variables that the help speaks of.
fn environment_variables() -> Vec<(&'static str, &'static str)> {
    let named = |(option, _, meaning): &(&'static str, &'static str, &'static str)| {
        let from = meaning.find("CAIRN_AGENT_")?;
        let name = &meaning[from..];
        Some((
            &name[..name.find(|c: char| !(c.is_ascii_uppercase() || c == '_')).unwrap_or(name.len())],
            *option,
        ))
    };
    OPTIONS.iter().chain(COMMON).filter_map(named).collect()
}

fn check(path: &str, expected: &str) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == expected, "{} is not what the tables say; UPDATE=1 writes it anew", path.display());
}

#[test]
fn the_man_page_is_what_the_tables_say() {
    check("man/cairn-agent.8", &man_page::page());
}

#[test]
fn completions_are_what_the_tables_say() {
    check("completions/cairn-agent.bash", &completions::bash());
    check("completions/_cairn-agent", &completions::zsh());
    check("completions/cairn-agent.fish", &completions::fish());
}

#[test]
fn every_option_of_a_verb_is_explained() {
    for (_, verb, _, own) in VERBS {
        for option in *own {
            assert!(OPTIONS.iter().any(|(known, ..)| known == option), "{verb} {option}");
        }
    }
}

#[test]
fn the_example_configuration_is_the_default_and_names_every_setting() {
    let example = include_str!("../../../packaging/agent/agent.toml");
    let load = |text: &str| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(crate::config::FILE), text).unwrap();
        crate::config::Config::load(folder.path(), Overrides::default(), Overrides::default())
    };
    assert_eq!(load(example), Ok(crate::config::Config::default()));
    let all_set = load(&example.replace("\n#", "\n").replace("\n ", "\n# ")).unwrap();
    assert!(!format!("{all_set:?}").contains("None"), "not in the example: {all_set:?}");
}
