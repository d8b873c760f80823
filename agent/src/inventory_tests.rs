//! The inventory of two recorded trees.
// SPDX-License-Identifier: Apache-2.0

use super::*;

fn of(fixture: &str) -> Inventory {
    read(&Root::new(format!("{}/fixtures/{fixture}", env!("CARGO_MANIFEST_DIR"))), Timestamp(0))
}

#[test]
fn a_physical_server_is_read_with_proof() {
    let inventory = of("stacked");
    let text =
        |name: &str| inventory.facts.get(name).and_then(FactValue::as_text).unwrap_or("(none)").to_owned();
    let number = |name: &str| inventory.facts.get(name).and_then(FactValue::as_number).unwrap_or(-1.0);
    assert_eq!(inventory.hostname, "db-01");
    assert_eq!(text("cpu_model"), "Intel(R) Xeon(R) Gold 5122 CPU @ 3.60GHz");
    assert_eq!((number("cpu_sockets"), number("cpu_cores"), number("cpu_threads")), (2.0, 4.0, 4.0));
    assert_eq!((number("cpu_mhz"), number("memory_bytes")), (3_600.0, 65_536_000.0 * 1_024.0));
    assert_eq!(number("disk_bytes"), 4_000_000.0 * 512.0);
    assert_eq!(number("network_bytes_per_s"), 2.5e9);
    assert_eq!((text("vendor"), text("model")), ("Dell Inc.".into(), "PowerEdge R640".into()));
    assert_eq!((text("os"), text("firmware")), ("Some Linux 9.2".into(), "uefi".into()));
    assert_eq!((text("virtualization"), text("role")), ("none".into(), "database".into()));
    assert_eq!(inventory.facts["hypervisor_role"], FactValue::Bool(false));
    let special = "Aladdin/SafeNet HASP dongle, tape drive";
    assert_eq!(text("special_hardware"), special);
    assert!(inventory.evidence["special_hardware"].contains("USB 0529:0001"));
    assert!(!inventory.facts.contains_key("time_critical"));
}

#[test]
fn a_guest_is_seen_to_be_one_and_what_is_hidden_is_unknown() {
    let inventory = of("guest");
    assert_eq!(inventory.facts["virtualization"], FactValue::Text("vmware".into()));
    for name in ["special_hardware", "firmware", "network_bytes_per_s", "role", "os", "cpu_sockets"] {
        assert!(!inventory.facts.contains_key(name), "{name} is said to be known");
        assert!(!inventory.unknown[name].is_empty(), "{name} has no reason");
    }
}

#[test]
fn hostile_texts_are_bounded() {
    let hostile = format!("\u{1b}[31m{}\n", "x".repeat(1_000));
    let tame = bounded(&hostile);
    assert!(tame.chars().count() <= TEXT_CHARS_MAX && !tame.chars().any(char::is_control));
}

/// The host the tests run on, read by another program's reader.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn facts_of_this_host_are_those_an_independent_reader_finds() {
    let inventory = read(&Root::new("/"), Timestamp(0));
    let mut other = sysinfo::System::new().unwrap();
    other.refresh_memory();
    other.refresh_cpu_all();
    let number = |name: &str| inventory.facts[name].as_number().unwrap();
    // Installed is what the kernel has and what it keeps for itself.
    let ratio = number("memory_bytes") / other.total_memory() as f64;
    assert!((1.0..1.25).contains(&ratio), "{ratio}");
    assert_eq!(number("cpu_threads"), other.cpus().len() as f64);
    assert_eq!(inventory.facts["cpu_model"].as_text(), Some(other.cpus()[0].brand()));
    assert_eq!(inventory.facts["kernel"].as_text(), sysinfo::System::kernel_version().ok().as_deref());
    assert_eq!(Some(inventory.hostname), sysinfo::System::host_name().ok());
}
