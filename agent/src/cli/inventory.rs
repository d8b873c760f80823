//! `inventory`: the facts of this host, each with its proof or the reason why it is unknown. As root and asked
//! to, it leaves what only root may read for the agent, which has no rights.
// SPDX-License-Identifier: Apache-2.0

use super::{Arguments, Exit, Terminal, print_json};
use crate::clock::{Clock as _, SystemClock};
use crate::inventory::{self, privileged};

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    if arguments.privileged {
        return leave_for_the_agent(arguments, terminal);
    }
    let now = SystemClock.now().timestamp();
    // Facts are data: JSON is their only form.
    print_json(terminal.out, &inventory::read_with_data(&arguments.root, &arguments.data, now))?;
    Ok(Exit::Done)
}

/// One line, since it goes into the log of every start; `--json` shows what was left.
fn leave_for_the_agent(arguments: &Arguments, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let Arguments { root, data, .. } = arguments;
    anyhow::ensure!(
        !root.is_live() || rustix::process::geteuid().is_root(),
        "--privileged reads what only root may read: run it as root, once after each start of the host"
    );
    let left = privileged::read(root, SystemClock.now().timestamp());
    let path = privileged::store(root, data, &left)?;
    if arguments.json {
        print_json(terminal.out, &left)?;
    } else {
        let names: Vec<&str> = left.facts.keys().map(String::as_str).collect();
        let names = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        writeln!(terminal.out, "{}: {names}", path.display())?;
    }
    Ok(Exit::Done)
}
