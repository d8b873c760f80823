//! From the tables through the file into the inventory.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::inventory::testing::{Tree, smbios, tree};
use crate::inventory::{read, read_with_data};
use std::os::unix::fs::{PermissionsExt as _, symlink};

const GIB: f64 = (1_u64 << 30) as f64;

/// A host with tables, whose kernel counts a little less than 64 GiB.
fn host() -> Tree {
    let tree = tree(
        "@ proc/meminfo\nMemTotal:       65536000 kB\n@ proc/sys/kernel/random/boot_id\none\n\
         @ sys/firmware/dmi/tables/readme\n\n",
    );
    let tables = tree.path().join(TABLES);
    std::fs::write(tables.join("DMI"), smbios::server()).unwrap();
    std::fs::write(tables.join("smbios_entry_point"), smbios::entry(3, 2)).unwrap();
    tree
}

#[test]
fn what_root_left_is_merged_and_marked() {
    let (host, data) = (host(), tempfile::tempdir().unwrap());
    let left = super::read(&host.root(), Timestamp(2_000));
    let path = store(&host.root(), data.path(), &left).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);

    let inventory = read_with_data(&host.root(), data.path(), Timestamp(3_000));
    assert_eq!(inventory.facts["memory_bytes"], FactValue::Number(64.0 * GIB));
    assert_eq!(inventory.facts["serial"], FactValue::Text("CZJ1234567".into()));
    assert_eq!(inventory.facts["cpu_mhz"], FactValue::Number(3_600.0));
    for name in ["memory_bytes", "cpu_mhz", "serial"] {
        assert!(inventory.evidence[name].contains("read once by root"), "{:?}", inventory.evidence[name]);
    }
    assert!(inventory.evidence["memory_bytes"].contains("2 of 3 slots"));
}

#[test]
fn without_root_what_is_missing_says_what_to_run() {
    let inventory = read(&host().root(), Timestamp(3_000));
    assert_eq!(inventory.facts["memory_bytes"], FactValue::Number(65_536_000.0 * 1_024.0));
    assert!(inventory.unknown["serial"].contains("inventory --privileged"), "{:?}", inventory.unknown);
}

#[test]
fn another_boot_or_a_damaged_file_counts_for_nothing() {
    let (host, data) = (host(), tempfile::tempdir().unwrap());
    let unknown = || {
        let inventory = read_with_data(&host.root(), data.path(), Timestamp(3_000));
        inventory.unknown.get("serial").cloned().unwrap_or_default()
    };
    store(&host.root(), data.path(), &super::read(&host.root(), Timestamp(2_000))).unwrap();
    assert_eq!(unknown(), "");
    std::fs::write(host.path().join("proc/sys/kernel/random/boot_id"), "two").unwrap();
    assert!(unknown().contains("earlier start"), "{}", unknown());
    for damaged in ["{", "[]", "{\"facts\":{\"memory_bytes\":\"x\"}}", "\u{0}"] {
        std::fs::write(data.path().join(FILE), damaged).unwrap();
        assert!(unknown().contains(FILE), "{damaged}: {}", unknown());
    }
}

#[test]
fn a_link_in_the_directory_is_not_followed() {
    let (host, data) = (host(), tempfile::tempdir().unwrap());
    let victim = data.path().join("victim");
    std::fs::write(&victim, "precious").unwrap();
    symlink(&victim, data.path().join("privileged.json.new")).unwrap();
    symlink(&victim, data.path().join(FILE)).unwrap();
    store(&host.root(), data.path(), &super::read(&host.root(), Timestamp(2_000))).unwrap();
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
    assert!(!data.path().join(FILE).is_symlink());
    assert!(store(&host.root(), &data.path().join("nowhere"), &Inventory::default()).is_err());
}

#[test]
fn a_maker_that_left_the_serial_number_empty_may_have_filled_in_the_chassis() {
    let host = host();
    let table = smbios::server();
    let at = table.windows(10).position(|bytes| bytes == b"CZJ1234567").unwrap();
    let placeholder = [&table[..at], &b"0123456789"[..], &table[at + 10..]].concat();
    std::fs::write(host.path().join(TABLES).join("DMI"), placeholder).unwrap();
    let left = super::read(&host.root(), Timestamp(2_000));
    assert_eq!(left.facts["serial"], FactValue::Text("CHASSIS77".into()));
    assert!(left.evidence["serial"].contains("chassis"));
}

#[test]
fn a_machine_without_tables_says_so() {
    let bare = tree("@ proc/stat\n\n");
    let left = super::read(&bare.root(), Timestamp(2_000));
    assert!(left.facts.is_empty());
    assert!(left.unknown["serial"].contains("/sys/firmware/dmi/tables/DMI"));
}
