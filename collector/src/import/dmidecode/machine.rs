//! Maker, model and firmware, and whether the machine is a virtual one. Of a blade it is the system that
//! counts, not the enclosure around it.
// SPDX-License-Identifier: Apache-2.0

use super::structures::{BIOS, SYSTEM, Table};
use crate::import::server_texts::words::{hypervisor, meaningful};
use crate::import::server_texts::{Found, Sheet};

const VIRTUAL_ITEM: &str = "System is a virtual machine";
const UEFI_ITEM: &str = "UEFI is supported";

pub(super) fn read(table: &Table<'_>, sheet: &mut Sheet) {
    sheet.text("vendor", of_system(table, "Manufacturer", "the maker is a placeholder"));
    sheet.text("model", of_system(table, "Product Name", "the product's name is a placeholder"));
    sheet.text("firmware", firmware(table));
    virtualization(table, sheet);
}

fn of_system(table: &Table<'_>, field: &str, placeholder: &'static str) -> Found<String> {
    let system = table.of(SYSTEM).next().ok_or("the text has no System Information")?;
    let (text, line) = system.field(field).ok_or("System Information does not say")?;
    meaningful(text).map(|text| (text, line)).ok_or(placeholder)
}

/// Firmware that can do UEFI can often do both, and only the running system knows which one it booted with.
fn firmware(table: &Table<'_>) -> Found<String> {
    let bios = table.of(BIOS).next().ok_or("the text has no BIOS Information")?;
    let (_, line) = bios.field("Characteristics").ok_or("BIOS Information lists no characteristics")?;
    if bios.item(UEFI_ITEM).is_some() {
        return Err("the firmware can do UEFI; with which it booted the text does not say");
    }
    Ok(("bios".to_owned(), line))
}

/// A sign of a hypervisor is believed; no sign proves nothing, as a container sees the DMI of its host.
fn virtualization(table: &Table<'_>, sheet: &mut Sheet) {
    let system = table.of(SYSTEM).next();
    let text = |field| system.map_or("", |system| system.text(field));
    let (maker, product) = (text("Manufacturer"), text("Product Name"));
    let system_line = system.and_then(|system| system.field("Manufacturer")).map_or(0, |(_, line)| line);
    if let Some(kind) = hypervisor(&format!("{maker} {product}")) {
        return sheet.text("virtualization", Ok((kind.to_owned(), system_line)));
    }
    let bios = table.of(BIOS).next();
    if let Some(kind) = bios.and_then(|bios| hypervisor(bios.text("Vendor"))) {
        let line = bios.map_or(0, |bios| bios.line);
        return sheet.text("virtualization", Ok((kind.to_owned(), line)));
    }
    let Some(line) = bios.and_then(|bios| bios.item(VIRTUAL_ITEM)) else {
        let why = "no hypervisor is named, which proves nothing; lscpu tells";
        return sheet.text("virtualization", Err(why));
    };
    if meaningful(maker).is_none() && meaningful(product).is_none() {
        return sheet.text("virtualization", Ok(("unnamed".to_owned(), line)));
    }
    // Boards of several makers set the bit by mistake.
    let says = format!("the firmware calls a {maker:?} {product:?} a virtual machine; lscpu tells");
    sheet.doubt("virtualization", line, "the firmware calls a maker's machine virtual", says);
}
