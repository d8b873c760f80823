//! Hardware: disks, links, and who made the machine.
// SPDX-License-Identifier: Apache-2.0

use super::privileged::Privileged;
use super::{Record, text_fact};
use crate::root::Root;
use crate::sampler::{is_physical_interface, is_whole_disk, local_file_systems};
use std::collections::BTreeSet;

const SECTOR_BYTES: u64 = 512;
const BYTES_PER_S_OF_MBIT: f64 = 125_000.0;
/// What firmware writes where the maker left the field empty.
const PLACEHOLDERS: [&str; 18] = [
    "to be filled by o.e.m.",
    "system manufacturer",
    "system product name",
    "default string",
    "none",
    "not specified",
    "system serial number",
    "system version",
    "chassis serial number",
    "not applicable",
    "n/a",
    "unknown",
    "empty",
    "null",
    "oem",
    "o.e.m.",
    "undefined",
    "0123456789",
];

pub(super) fn read(root: &Root, privileged: &Privileged, record: &mut Record) {
    record.number("disk_bytes", disk_bytes(root));
    record.number("disk_used_bytes", local_file_systems(root));
    record.number("network_bytes_per_s", network_bytes_per_s(root));
    record.text("vendor", dmi(root, "sys_vendor"));
    record.text("model", dmi(root, "product_name"));
    serial(root, privileged, record);
}

/// Joins what was measured with what a CMDB knows. The kernel shows it to root only; virtual machines and
/// device trees aside.
fn serial(root: &Root, privileged: &Privileged, record: &mut Record) {
    let in_tree = || {
        let file = "proc/device-tree/serial-number";
        Some((root.text(file).ok().filter(|serial| !is_placeholder(serial))?, format!("/{file}")))
    };
    let serial = privileged.text_with_proof("serial").or_else(in_tree);
    let serial = serial.map(|(serial, proof)| (text_fact(&serial), proof));
    record.proven("serial", serial.ok_or_else(|| privileged.reason("serial")));
}

/// A field of the machine's own description, placeholders taken for what they are.
pub(super) fn dmi(root: &Root, field: &str) -> Result<String, String> {
    let path = format!("sys/class/dmi/id/{field}");
    // Machines without DMI describe themselves in the device tree.
    let text = root.text(&path).or_else(|why| match field {
        "product_name" => root.text("proc/device-tree/model").map_err(|_| why),
        _ => Err(why),
    })?;
    if is_placeholder(&text) {
        return Err(format!("/{path} holds the placeholder {text:?}"));
    }
    Ok(text)
}

/// Whether a maker left a field of the machine's description as it was.
pub(super) fn is_placeholder(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    PLACEHOLDERS.contains(&text.as_str()) || text.chars().all(|c| matches!(c, '0' | '.' | '-' | ' ' | 'x'))
}

/// Size of all whole disks; several paths to one disk are one disk.
fn disk_bytes(root: &Root) -> Result<f64, String> {
    let mut seen = BTreeSet::new();
    let mut bytes = 0;
    let (mut disks, mut names) = (0, 0);
    for name in root.names("sys/block")?.iter().filter(|name| is_whole_disk(root, name)) {
        let identity =
            ["device/wwid", "wwid"].iter().find_map(|f| root.text(&format!("sys/block/{name}/{f}")).ok());
        if identity.is_some_and(|wwid| !wwid.is_empty() && !seen.insert(wwid)) {
            continue;
        }
        names += 1;
        let sectors = root.number(&format!("sys/block/{name}/size")).unwrap_or(0);
        disks += u32::from(sectors > 0);
        bytes += sectors.saturating_mul(SECTOR_BYTES);
    }
    match (disks, names) {
        (0, 0) => Err("no whole disk is visible here".to_owned()),
        (0, names) => Err(format!("none of {names} whole disks says its size")),
        _ => Ok(bytes as f64),
    }
}

/// What the physical links that are up can carry, one direction.
fn network_bytes_per_s(root: &Root) -> Result<f64, String> {
    let names = root.names("sys/class/net")?;
    let physical: Vec<_> = names.iter().filter(|name| is_physical_interface(root, name)).collect();
    if physical.is_empty() {
        return Err("no physical network interface is visible here".to_owned());
    }
    // A link that is down, or a virtual one, says -1 or nothing.
    let mbit: u64 =
        physical.iter().filter_map(|name| root.number(&format!("sys/class/net/{name}/speed"))).sum();
    if mbit == 0 {
        return Err(format!("none of {} physical interfaces says its speed", physical.len()));
    }
    Ok(mbit as f64 * BYTES_PER_S_OF_MBIT)
}
