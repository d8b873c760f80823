//! What is special, and what only looks so.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::inventory::testing::tree;
use cairn_schemas::time::Timestamp;

fn device(files: &[(&str, &str)]) -> String {
    let file = |(name, text): &(&str, &str)| format!("@ {PCI}/0000:01:00.0/{name}\n{text}\n");
    files.iter().map(file).collect()
}

fn driver(name: &str) -> String {
    format!("@ {PCI}/0000:01:00.0/driver -> ../../drivers/{name}\n")
}

fn check(files: &str, expected: &str) {
    let tree = tree(files);
    let mut record = Record::new(&tree.root(), Timestamp(0));
    read(&tree.root(), &mut record);
    let said = record.known_text("special_hardware").unwrap_or_else(|| &record.0.unknown["special_hardware"]);
    assert!(said.contains(expected), "{files}: {said}");
    if record.known_text("special_hardware").is_some_and(|value| value != "none") {
        assert!(record.0.evidence["special_hardware"].contains("to move it: "), "{:?}", record.0.evidence);
    }
}

#[test]
fn cards_that_stand_in_the_way() {
    check(&device(&[("class", "0x030200"), ("vendor", "0x10de")]), "GPU");
    check(&device(&[("class", "0x030000"), ("vendor", "0x10de")]), "GPU");
    check(&device(&[("class", "0x120000"), ("vendor", "0x8086")]), "processing accelerator");
    check(&device(&[("class", "0x078000"), ("vendor", "0xd161")]), "Digium");
    check(&device(&[("class", "0x070002"), ("vendor", "0x1393")]), "Moxa");
    check(&(device(&[("class", "0x020000"), ("vendor", "0x8086")]) + &driver("vfio-pci")), "DPDK");
    check(&device(&[("class", "0x020000"), ("vendor", "0x8086"), ("sriov_numvfs", "4")]), "SR-IOV");
    check(&format!("@ {USB}/1-1/idVendor\n0529\n@ {USB}/1-1/idProduct\n0001\n"), "HASP");
    check("@ sys/bus/scsi/devices/3:0:0:0/type\n8\n", "tape library");
    check("@ sys/bus/scsi/devices/3:0:0:0/type\n1\n", "tape drive");
}

#[test]
fn what_every_server_has_is_not_special() {
    check(&device(&[("class", "0x030000"), ("vendor", "0x102b"), ("boot_vga", "1")]), "none");
    check(&device(&[("class", "0x030000"), ("vendor", "0x1002"), ("device", "0x515e")]), "none");
    check(&device(&[("class", "0x030000"), ("vendor", "0x1002"), ("boot_vga", "1")]), "none");
    check(&device(&[("class", "0x0c0400"), ("vendor", "0x1077")]), "none");
    check(&(device(&[("class", "0x020000"), ("vendor", "0x8086")]) + &driver("ixgbe")), "none");
}

#[test]
fn hidden_buses_are_not_empty_ones() {
    check("@ proc/stat\n\n", "/sys/bus/usb/devices");
}

#[test]
fn a_screen_that_computes_is_a_gpu() {
    let card = device(&[("class", "0x030000"), ("vendor", "0x10de"), ("boot_vga", "1")]);
    check(&card, "none");
    check(&(card + &driver("nvidia")), "GPU");
}
