//! `inventory`: the facts of this host, each with its proof or the reason why it is unknown.
// SPDX-License-Identifier: Apache-2.0

use super::{Arguments, Exit, Terminal, print_json};
use crate::clock::{Clock as _, SystemClock};
use crate::inventory;

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let read = inventory::read(&arguments.root, SystemClock.now().timestamp());
    // Facts are data: JSON is their only form.
    print_json(terminal.out, &read)?;
    Ok(Exit::Done)
}
