//! Completions for three shells: verbs, their options, and file names where an option takes one.
// SPDX-License-Identifier: Apache-2.0

use super::*;

const HEAD: &str =
    "# SPDX-License-Identifier: Apache-2.0\n# Written from the tables of the command line by its tests.\n";

pub(super) fn bash() -> String {
    let verbs: Vec<&str> = VERBS.iter().map(|(_, name, ..)| *name).collect();
    let mut cases = String::new();
    for (_, verb, _, own) in VERBS {
        let options: Vec<&str> = options_of(own).map(|(name, ..)| *name).collect();
        let _ = writeln!(cases, "        {verb}) words='{}' ;;", options.join(" "));
    }
    let takes = |kind: &str| {
        let all = OPTIONS.iter().chain(COMMON).filter(|(_, value, _)| *value == kind).map(|(name, ..)| *name);
        all.collect::<Vec<_>>().join(" | ")
    };
    format!(
        "{HEAD}_cairn_agent() {{\n    local word=${{COMP_WORDS[COMP_CWORD]}} words\n    \
         case ${{COMP_WORDS[COMP_CWORD - 1]}} in\n        \
         {}) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") && return ;;\n        \
         {}) mapfile -t COMPREPLY < <(compgen -d -- \"$word\") && return ;;\n    esac\n    \
         case ${{COMP_WORDS[1]}} in\n{cases}        *) words='{} --help' ;;\n    esac\n    \
         mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n}}\ncomplete -o filenames -F _cairn_agent cairn-agent\n",
        takes("FILE"),
        takes("DIR"),
        verbs.join(" "),
    )
}

pub(super) fn zsh() -> String {
    let mut verbs = String::new();
    let mut cases = String::new();
    for (_, verb, does, own) in VERBS {
        let _ = writeln!(verbs, "    {}", quoted(&format!("{verb}:{does}")));
        let _ = writeln!(cases, "    {verb})\n        _arguments \\");
        let option = |(name, value, meaning): &(&str, &str, &str)| {
            let value = match *value {
                "" => String::new(),
                "FILE" => ":file:_files".to_owned(),
                "DIR" => ":directory:_files -/".to_owned(),
                other => format!(":{}:", other.to_lowercase()),
            };
            let meaning = meaning.replace('[', "(").replace(']', ")").replace(':', "\\:");
            format!("            {}", quoted(&format!("{name}[{meaning}]{value}")))
        };
        let _ =
            writeln!(cases, "{}\n        ;;", options_of(own).map(option).collect::<Vec<_>>().join(" \\\n"));
    }
    format!(
        "#compdef cairn-agent\n{HEAD}local -a verbs\nverbs=(\n{verbs})\n\
         if ((CURRENT == 2)); then\n    _describe verb verbs\n    return\nfi\n\
         local verb=$words[2]\nshift words\n((CURRENT--))\ncase $verb in\n{cases}esac\n"
    )
}

pub(super) fn fish() -> String {
    let mut text = format!("{HEAD}complete -c cairn-agent -f\n");
    for (_, verb, does, own) in VERBS {
        let _ =
            writeln!(text, "complete -c cairn-agent -n __fish_use_subcommand -a {verb} -d {}", quoted(does));
        for (name, value, meaning) in OPTIONS.iter().filter(|(name, ..)| own.contains(name)) {
            let condition = format!("-n '__fish_seen_subcommand_from {verb}'");
            let _ =
                writeln!(text, "complete -c cairn-agent {condition} {}", fish_option(name, value, meaning));
        }
    }
    for (name, value, meaning) in COMMON {
        let _ = writeln!(text, "complete -c cairn-agent {}", fish_option(name, value, meaning));
    }
    text
}

fn fish_option(name: &str, value: &str, meaning: &str) -> String {
    let takes = match value {
        "" => "",
        "FILE" => " -r -F",
        "DIR" => " -x -a '(__fish_complete_directories)'",
        _ => " -x",
    };
    format!("-l {}{takes} -d {}", name.trim_start_matches('-'), quoted(meaning))
}

/// A word for the shell: what is inside stays as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
