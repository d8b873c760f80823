//! What only one place may know: SQL, the web server, the command line, the clock, the agent.
// SPDX-License-Identifier: Apache-2.0

use super::{
    Law,
    tree::{Tree, code, has_word},
};

/// Words, and the paths in which alone they may stand. A path ending in `/` is a folder.
const ONLY_IN: &[(&[&str], &[&str])] = &[
    (&["rusqlite"], &["collector/src/store/"]),
    (&["axum"], &["collector/src/http.rs", "collector/src/http/"]),
    (&["clap"], &["collector/src/cli.rs", "collector/src/cli/"]),
    (&["lexopt"], &["agent/src/cli/"]),
    (&["env::var", "env::var_os", "env::vars", "env::args", "env::args_os", "env::current_dir"], EDGES),
    (&["SystemTime::now"], &["collector/src/clock.rs", "agent/src/clock.rs"]),
    // Deadlines of a run are no time anybody reports.
    (&["Instant::now"], &["collector/src/cli/", "agent/src/run.rs", "agent/src/run/"]),
    (
        &["cairn_agent"],
        &[
            "agent/src/main.rs",
            "collector/src/cli/demo_agent.rs",
            "tests/src/simulation/",
            "tests/src/decoders/",
        ],
    ),
    (&["TcpListener"], &["collector/src/http.rs", "collector/src/http/", "collector/src/cli/"]),
];

/// Where arguments and environment are read.
const EDGES: &[&str] = &[
    "collector/src/main.rs",
    "collector/src/cli.rs",
    "collector/src/cli/",
    "agent/src/main.rs",
    "agent/src/cli.rs",
];

pub(super) static LAW: Law = Law {
    id: "knowledge",
    why: "what one place knows can be changed in one place",
    check,
    plant: |tree| tree.plant("collector/src/report/planted.rs", "use rusqlite::Connection;\n"),
};

fn check(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in tree.shipped("").filter(|(path, _)| path.contains("/src/")) {
        for (words, homes) in ONLY_IN {
            if homes.iter().any(|home| path == *home || (home.ends_with('/') && path.starts_with(home))) {
                continue;
            }
            for line in code(text) {
                for word in words.iter().filter(|word| has_word(line.text, word)) {
                    faults.push(format!("{path}:{}: {word} belongs in {}", line.number, homes.join(", ")));
                }
            }
        }
    }
    faults
}
