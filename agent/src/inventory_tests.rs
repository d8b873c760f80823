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

/// The names of the small hosts.
const HOSTS: [&str; 8] = [
    "container",
    "dongle",
    "drbd-secondary",
    "hyper-v-doubt",
    "hyper-v-root",
    "kvm-guest",
    "rac-node",
    "s390-lpar",
];

fn host(name: &str) -> testing::Tree {
    let path = format!("{}/fixtures/hosts/{name}.tree", env!("CARGO_MANIFEST_DIR"));
    testing::tree(&std::fs::read_to_string(path).unwrap())
}

/// A fact as text; the reason behind a question mark where it is unknown.
fn said(inventory: &Inventory, name: &str) -> String {
    match inventory.facts.get(name) {
        Some(FactValue::Text(text)) => text.clone(),
        Some(FactValue::Number(number)) => number.to_string(),
        Some(FactValue::Bool(flag)) => flag.to_string(),
        None => format!("?{}", inventory.unknown.get(name).map_or("", String::as_str)),
    }
}

/// What a host's facts begin with; behind a question mark, what the reason contains.
fn check(name: &str, expected: &[(&str, &str)]) {
    let inventory = read(&host(name).root(), Timestamp(0));
    let host = name;
    for (name, expected) in expected {
        let got = said(&inventory, name);
        let fits = match expected.strip_prefix('?') {
            Some(part) => got.starts_with('?') && got.contains(part),
            None => got.starts_with(expected),
        };
        assert!(fits, "{host}: {name} is {got:?}, not {expected:?}");
    }
}

#[test]
fn virtual_and_physical_hosts() {
    check("container", &[("virtualization", "docker"), ("vendor", "Dell Inc."), ("hypervisor_role", "?")]);
    check("hyper-v-root", &[("virtualization", "none"), ("hypervisor_role", "true"), ("cpu_mhz", "2000")]);
    check("hyper-v-doubt", &[("virtualization", "?contradict"), ("hypervisor_role", "false")]);
    check("kvm-guest", &[("virtualization", "kvm"), ("role", "web"), ("hypervisor_role", "false")]);
    let processors =
        [("cpu_sockets", "2"), ("cpu_cores", "2"), ("cpu_threads", "2"), ("cpu_threads_offline", "1")];
    check("s390-lpar", &processors);
    let rest =
        [("virtualization", "pr/sm"), ("cpu_mhz", "5200"), ("cpu_model", "IBM/S390 machine type 8561")];
    check("s390-lpar", &rest);
}

#[test]
fn nodes_of_clusters() {
    let rac = [
        ("cluster", "rac-prod (Oracle Grid Infrastructure, "),
        ("cluster_role", "?only DRBD"),
        ("shared_disk", "true"),
        ("role", "database"),
        ("special_hardware", "none"),
        ("move_needs", "disks over fibre channel"),
    ];
    check("rac-node", &rac);
    let pair = [
        ("cluster", "nfs-pair (Pacemaker/Corosync, "),
        ("cluster_role", "standby"),
        ("shared_disk", "false"),
        ("special_hardware", "?/sys/bus/usb/devices"),
    ];
    check("drbd-secondary", &pair);
}

#[test]
fn what_stands_in_the_way() {
    let dongle = [
        ("special_hardware", "Aladdin/SafeNet HASP dongle, modem"),
        ("move_needs", "power supply by USB, 32-bit kernel, kernel without drivers for virtual devices"),
        ("os", "CentOS 5 (Final)"),
        ("architecture", "i686"),
        ("cluster", "?/proc/net/tcp"),
    ];
    check("dongle", &dongle);
}

#[test]
fn every_fact_has_its_proof_or_its_reason() {
    for host in HOSTS {
        let inventory = read(&self::host(host).root(), Timestamp(0));
        for name in inventory.facts.keys() {
            assert!(!inventory.unknown.contains_key(name), "{host}: {name} is known and unknown");
        }
        let weighed = [
            "virtualization",
            "role",
            "cluster",
            "cluster_role",
            "special_hardware",
            "move_needs",
            "memory_bytes",
        ];
        for name in weighed.into_iter().filter(|name| inventory.facts.contains_key(*name)) {
            assert!(inventory.evidence.contains_key(name), "{host}: {name} has no proof");
        }
        let json = serde_json::to_string(&inventory).unwrap();
        assert!(!json.contains("10.0.0.1"), "{host} sends addresses");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]

    /// Whatever stands in the files of a host: no panic, and nothing long or uncontrolled leaves.
    #[test]
    fn files_of_any_content_are_read(seed in proptest::collection::vec(proptest::prelude::any::<u8>(), 1..300)) {
        let tree = host(HOSTS[usize::from(seed[0]) % HOSTS.len()]);
        let mut folders = vec![tree.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    let mut bytes = std::fs::read(entry.path()).unwrap();
                    let at = usize::from(seed[seed.len() / 2]) % (bytes.len() + 1);
                    let _ = bytes.splice(at.., seed.iter().copied());
                    std::fs::write(entry.path(), bytes).unwrap();
                }
            }
        }
        let inventory = read(&tree.root(), Timestamp(0));
        let texts = inventory.unknown.values().chain(inventory.evidence.values());
        for text in texts.map(String::as_str).chain(inventory.facts.values().filter_map(FactValue::as_text)) {
            assert!(text.chars().count() <= PROOF_CHARS_MAX && !text.chars().any(char::is_control));
        }
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
