//! `inventory`: the facts of this host, each with its proof or the reason why it is unknown. As root and asked
//! to, it leaves what only root may read for the agent, which has no rights.
// SPDX-License-Identifier: Apache-2.0

use super::{Arguments, Exit, Terminal, print_json};
use crate::clock::{Clock as _, SystemClock};
use crate::inventory::{self, privileged};

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let (root, data, now) = (&arguments.root, &arguments.data, SystemClock.now().timestamp());
    let read = if arguments.privileged {
        let left = privileged::read(root, now);
        privileged::store(data, &left)?;
        left
    } else {
        inventory::read_with_data(root, data, now)
    };
    // Facts are data: JSON is their only form.
    print_json(terminal.out, &read)?;
    Ok(Exit::Done)
}
