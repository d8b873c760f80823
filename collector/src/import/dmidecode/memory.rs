//! Installed memory: the sum of the populated devices of all arrays that are system memory. Flash, caches and
//! persistent memory are no RAM; one size that is not known makes the sum unknown.
// SPDX-License-Identifier: Apache-2.0

use super::structures::{MEMORY_ARRAY, MEMORY_DEVICE, Structure, Table};
use crate::import::server_texts::{Found, Sheet};

const FACT: &str = "memory_bytes";
/// Words of an empty slot.
const EMPTY: &[&str] = &["No Module Installed", "Not Installed", "None", "0 MB", "0 GB", "0 kB"];
/// Kinds that are no RAM.
const NO_RAM: &[&str] = &["Flash", "ROM", "EPROM", "FEPROM", "EEPROM", "Logical non-volatile device"];
/// No machine has more: 1 PiB.
const BYTES_MAX: u64 = 1 << 50;

/// Whether every array has as many devices as it says.
pub(super) fn is_complete(table: &Table<'_>) -> bool {
    let mut arrays = table.of(MEMORY_ARRAY).peekable();
    arrays.peek().is_some()
        && arrays.all(|array| {
            let due: usize = array.text("Number Of Devices").parse().unwrap_or(usize::MAX);
            table.of(MEMORY_DEVICE).filter(|d| d.text("Array Handle") == array.handle).count() >= due
        })
}

pub(super) fn read(table: &Table<'_>, sheet: &mut Sheet) {
    let found = sum(table, sheet);
    if let Err(Trouble::Missing(why)) = found {
        return sheet.number(FACT, Err(why));
    }
    if let Ok((bytes, line)) = found {
        if !table.is_whole() && !is_complete(table) {
            let says =
                "the table ends before all memory devices are told; memory_bytes is left out".to_owned();
            return sheet.doubt(FACT, line, "memory devices may be missing at the end", says);
        }
        sheet.number(FACT, Ok((bytes as f64, line)));
    }
}

/// Why there is no sum.
enum Trouble {
    Missing(&'static str),
    /// Said already.
    Doubt,
}

fn sum(table: &Table<'_>, sheet: &mut Sheet) -> Result<(u64, u64), Trouble> {
    let arrays: Vec<&Structure<'_>> = table.of(MEMORY_ARRAY).collect();
    let mut total: u64 = 0;
    let mut first = None;
    let mut devices = 0;
    for device in table.of(MEMORY_DEVICE) {
        devices += 1;
        if !is_ram(&arrays, device) {
            continue;
        }
        let (size, line) = device.field("Size").unwrap_or(("", device.line));
        if EMPTY.contains(&size) {
            continue;
        }
        let bytes = ram_bytes(device, size, line).map_err(|why| {
            sheet.doubt(FACT, line, why, format!("{why}: {size:?}; memory_bytes is left out"));
            Trouble::Doubt
        })?;
        if array_of(&arrays, device).is_none() && !arrays.is_empty() {
            let says = "this device is in no memory array of the table; memory_bytes is left out".to_owned();
            sheet.doubt(FACT, line, "a memory device belongs to no array", says);
            return Err(Trouble::Doubt);
        }
        total = total.saturating_add(bytes.0);
        first.get_or_insert(line);
    }
    match first {
        Some(line) if (1..=BYTES_MAX).contains(&total) => Ok((total, line)),
        _ if devices == 0 => Err(Trouble::Missing("the text has no Memory Device")),
        _ => Err(Trouble::Missing("no memory device is said to be populated")),
    }
}

fn array_of<'t, 'a>(arrays: &[&'t Structure<'a>], device: &Structure<'a>) -> Option<&'t Structure<'a>> {
    let handle = device.text("Array Handle");
    arrays.iter().copied().find(|array| array.handle == handle)
}

fn is_ram(arrays: &[&Structure<'_>], device: &Structure<'_>) -> bool {
    let is_system = array_of(arrays, device).is_none_or(|array| {
        let usage = array.text("Use");
        ["System Memory", "Unknown", "Other", ""].contains(&usage)
    });
    is_system && !NO_RAM.contains(&device.text("Type"))
}

/// RAM of a device; of persistent memory only the part that is used as RAM.
fn ram_bytes(device: &Structure<'_>, size: &str, line: u64) -> Found<u64> {
    let technology = device.text("Memory Technology");
    if ["persistent", "NVDIMM", "Optane"].iter().any(|word| technology.contains(word)) {
        return match device.text("Volatile Size") {
            "None" => Ok((0, line)),
            volatile => {
                bytes_of(volatile).map(|bytes| (bytes, line)).ok_or("persistent memory of unknown use")
            }
        };
    }
    bytes_of(size).map(|bytes| (bytes, line)).ok_or("the size of a memory device is unknown")
}

/// `16384 MB`, `16 GB`, `4096 kB`: dmidecode's units are powers of 1,024.
fn bytes_of(size: &str) -> Option<u64> {
    let (number, unit) = size.split_once(' ')?;
    let shift = match unit.trim() {
        "bytes" | "B" => 0,
        "kB" | "KB" | "KiB" => 10,
        "MB" | "MiB" => 20,
        "GB" | "GiB" => 30,
        "TB" | "TiB" => 40,
        _ => return None,
    };
    let bytes = number.parse::<u64>().ok()?.checked_mul(1 << shift)?;
    (1..=BYTES_MAX).contains(&bytes).then_some(bytes)
}
