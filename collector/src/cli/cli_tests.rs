//! The command line as a whole: every verb explains itself, and every result can be read by a program.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use clap::{Command, CommandFactory as _};

/// Verbs without a result: they serve, or write what has a form of its own.
const WITHOUT_JSON: [&str; 5] =
    ["cairn demo", "cairn serve", "cairn report", "cairn completions", "cairn man"];

/// Every verb that does something, by its whole name.
fn leaves(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
    let verbs: Vec<&Command> = command.get_subcommands().filter(|verb| !verb.is_hide_set()).collect();
    let name = if path.is_empty() {
        command.get_name().to_owned()
    } else {
        format!("{path} {}", command.get_name())
    };
    if verbs.is_empty() {
        found.push((name, command.clone()));
    } else {
        verbs
            .into_iter()
            .filter(|verb| verb.get_name() != "help")
            .for_each(|verb| leaves(verb, &name, found));
    }
}

fn all() -> Vec<(String, Command)> {
    let mut command = Cli::command();
    command.build();
    let mut found = Vec::new();
    leaves(&command, "", &mut found);
    found
}

#[test]
fn the_tables_of_clap_are_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_result_can_be_read_by_a_program() {
    let has = |verb: &Command| verb.get_arguments().any(|argument| argument.get_long() == Some("json"));
    let without: Vec<String> =
        all().into_iter().filter(|(_, verb)| !has(verb)).map(|(name, _)| name).collect();
    assert_eq!(without, WITHOUT_JSON);
}

#[test]
fn every_verb_and_option_says_what_it_is_for() {
    for (name, verb) in all() {
        assert!(verb.get_about().is_some(), "{name} says nothing");
        for argument in verb.get_arguments().filter(|argument| !argument.is_hide_set()) {
            assert!(argument.get_help().is_some(), "{name}: {} says nothing", argument.get_id());
        }
    }
}

#[test]
fn shells_and_man_know_every_verb() {
    let dir = tempfile::tempdir().unwrap();
    let args = shell::Man { dir: dir.path().join("man1") };
    shell::man(&args, &mut Vec::new()).unwrap();
    for (name, _) in all() {
        let page = args.dir.join(format!("{}.1", name.replace(' ', "-")));
        let text =
            std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        assert!(text.contains(".SH SYNOPSIS"), "{name}");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let mut text = Vec::new();
        let args = shell::Completions { shell: shell.parse().unwrap() };
        shell::completions(&args, &mut text).unwrap();
        assert!(String::from_utf8(text).unwrap().contains("whatif"), "{shell}");
    }
}
