//! The structures of a text of dmidecode, each with its fields and their lines; and whether it is such a text.
// SPDX-License-Identifier: Apache-2.0

use crate::import::problem::{Fault, Kind};
use crate::import::server_texts::NotOurs;

/// Type numbers of SMBIOS.
pub(super) const BIOS: u8 = 0;
pub(super) const SYSTEM: u8 = 1;
pub(super) const PROCESSOR: u8 = 4;
pub(super) const MEMORY_ARRAY: u8 = 16;
pub(super) const MEMORY_DEVICE: u8 = 17;
const END: u8 = 127;
/// No machine has more structures: the largest known have a few thousand.
const STRUCTURES_MAX: usize = 1 << 14;

/// One structure.
#[derive(Debug)]
pub(super) struct Structure<'a> {
    pub(super) kind: u8,
    pub(super) handle: &'a str,
    pub(super) line: u64,
    fields: Vec<(&'a str, &'a str, u64)>,
    items: Vec<(&'a str, u64)>,
}

impl<'a> Structure<'a> {
    /// The first field of a name, trimmed, with its line.
    pub(super) fn field(&self, name: &str) -> Option<(&'a str, u64)> {
        self.fields.iter().find(|(known, _, _)| *known == name).map(|(_, value, line)| (*value, *line))
    }

    /// The text of a field; empty when there is none.
    pub(super) fn text(&self, name: &str) -> &'a str {
        self.field(name).map_or("", |(value, _)| value)
    }

    /// The line of an item of a list.
    pub(super) fn item(&self, text: &str) -> Option<u64> {
        self.items.iter().find(|(known, _)| *known == text).map(|(_, line)| *line)
    }
}

/// All structures of a text.
#[derive(Debug)]
pub(super) struct Table<'a> {
    structures: Vec<Structure<'a>>,
    /// Line on which dmidecode gave up.
    pub(super) broken: Option<u64>,
}

impl<'a> Table<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, NotOurs> {
        let mut table = Self { structures: Vec::new(), broken: None };
        for (at, line) in text.lines().enumerate() {
            let number = at as u64 + 1;
            if let Some((handle, kind)) = head(line) {
                let (fields, items) = (Vec::new(), Vec::new());
                table.structures.push(Structure { kind, handle, line: number, fields, items });
            } else if line.contains("DMI table is broken") {
                table.broken = Some(number);
            } else if let Some(last) = table.structures.last_mut() {
                match line.split_once(':') {
                    Some((name, value)) => last.fields.push((name.trim(), value.trim(), number)),
                    None => last.items.push((line.trim(), number)),
                }
            }
        }
        match table.structures.len() {
            0 => Err(useless(text)),
            1..=STRUCTURES_MAX => Ok(table),
            _ => Err(NotOurs::Useless(
                None,
                "holds more structures than any machine has; send the text of one",
            )),
        }
    }

    /// Structures of a type, in order.
    pub(super) fn of(&self, kind: u8) -> impl Iterator<Item = &Structure<'a>> {
        self.structures.iter().filter(move |structure| structure.kind == kind)
    }

    /// Whether the text goes on to the end of the table.
    pub(super) fn is_whole(&self) -> bool {
        self.broken.is_none() && self.of(END).next().is_some()
    }
}

/// What is said of a broken table.
pub(super) fn broken(is_complete: bool) -> Fault {
    let taken = if is_complete { "all memory devices stand before it" } else { "counts are left out" };
    Fault::new(Kind::Doubt, format!("the firmware's table is broken from here on; {taken}"))
}

/// `Handle 0x0400, DMI type 4, 42 bytes`; old versions end it with a full stop.
fn head(line: &str) -> Option<(&str, u8)> {
    let (handle, rest) = line.trim().strip_prefix("Handle ")?.split_once(',')?;
    let kind = rest.trim_start().strip_prefix("DMI type ")?;
    let digits = kind.find(|c: char| !c.is_ascii_digit()).unwrap_or(kind.len());
    Some((handle, kind[..digits].parse().ok()?))
}

fn useless(text: &str) -> NotOurs {
    let has = |sign: &str| text.contains(sign);
    let why = if text.trim().is_empty() {
        "is empty"
    } else if has("Permission denied") || has("Operation not permitted") {
        "says that dmidecode was not allowed to read; run it as root"
    } else if has("No SMBIOS nor DMI entry point found") {
        "says that the machine has no SMBIOS; lscpu tells what there is to know"
    } else if has("command not found") || has("not found") {
        "says that dmidecode is not installed there"
    } else if has("Thread(s) per core") || has("\"lscpu\"") {
        return NotOurs::Of("lscpu");
    } else {
        "is no text of dmidecode"
    };
    NotOurs::Useless(None, why)
}
