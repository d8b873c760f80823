//! The text of `dmidecode`: what the firmware says of its machine. Limits of the board, placeholders, and
//! tables that contradict themselves are not taken for facts.
// SPDX-License-Identifier: Apache-2.0

use super::server_texts::{self, NotOurs, Sheet, Tool};
use super::{Context, Format, ImportError, ImportReport};
use std::path::PathBuf;
use structures::Table;

mod machine;
mod memory;
mod processors;
mod structures;

/// Texts of `dmidecode`.
pub const FORMAT: Format = Format {
    name: "dmidecode",
    reads: "texts of `dmidecode`, run as root, one file a server and named after it, or directories of them",
    import,
};

const TOOL: Tool = Tool { name: "dmidecode", parse };

fn import(paths: &[PathBuf], context: &mut Context<'_>) -> Result<ImportReport, ImportError> {
    server_texts::import(&TOOL, paths, context)
}

/// Reads a text; pure.
pub(super) fn parse(text: &str) -> Result<Sheet, NotOurs> {
    let table = Table::read(text)?;
    let mut sheet = Sheet::default();
    machine::read(&table, &mut sheet);
    processors::read(&table, &mut sheet);
    memory::read(&table, &mut sheet);
    if let Some(line) = table.broken {
        sheet.doubts.push((line, structures::broken(memory::is_complete(&table))));
    }
    Ok(sheet)
}

#[cfg(test)]
#[path = "dmidecode/dmidecode_tests.rs"]
mod tests;
