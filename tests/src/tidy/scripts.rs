//! Shell scripts parse, and stop at the first thing that fails.
// SPDX-License-Identifier: Apache-2.0

use super::{Law, tree::Tree};
use std::io::Write as _;
use std::process::{Command, Stdio};

pub(super) static LAW: Law = Law {
    id: "scripts",
    why: "a script that does not parse fails on the day it is needed",
    check,
    plant: |tree| {
        tree.plant("packaging/planted.sh", "#!/usr/bin/env bash\nset -euo pipefail\nif true; then\n")
    },
};

fn check(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in
        tree.files.iter().filter(|(_, text)| text.starts_with("#!") && first_line(text).contains("bash"))
    {
        if !text.contains("set -euo pipefail") {
            faults.push(format!("{path}: no `set -euo pipefail`"));
        }
        if let Err(why) = parse(text) {
            faults.push(format!("{path}: {why}"));
        }
    }
    faults
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn parse(text: &str) -> Result<(), String> {
    let piped = |mut command: Command| -> std::io::Result<std::process::Output> {
        let mut shell = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut input) = shell.stdin.take() {
            // The shell may stop reading at the fault; what it says then is what matters.
            let _ = input.write_all(text.as_bytes());
        }
        shell.wait_with_output()
    };
    let mut bash = Command::new("bash");
    bash.arg("-n");
    let output = piped(bash).map_err(|error| format!("run bash -n: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}
