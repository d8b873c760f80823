//! Recorded hosts of other projects: the agent reads the inventory of every tree and samples it twice. What
//! lscpu and the names of the archives say of processors is compared; what a tree has and the agent did not
//! read is said with the agent's reason.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_tests::harness::{agent, archive, fresh_dir, note, real_data, run, skip};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A fact, and the files of a tree any of which should be enough to read it from.
const DUE: [(&str, &[&str]); 8] = [
    ("cpu_threads", &["proc/cpuinfo", "sys/devices/system/cpu/cpu0/topology"]),
    ("cpu_cores", &["proc/cpuinfo", "sys/devices/system/cpu/cpu0/topology"]),
    ("cpu_sockets", &["proc/cpuinfo", "sys/devices/system/cpu/cpu0/topology"]),
    ("cpu_model", &["proc/cpuinfo"]),
    ("cpu_mhz", &["proc/cpuinfo"]),
    ("memory_bytes", &["proc/meminfo"]),
    ("numa_nodes", &["sys/devices/system/node/node0"]),
    ("disk_bytes", &["sys/block"]),
];

/// Single files of a collection that has no tree for them: the beginning of the name, and where it belongs.
const SINGLE: [(&str, &str); 2] = [("cpuinfo-", "proc/cpuinfo"), ("procnet-snmp-", "proc/net/snmp")];

/// What another program says of the processors; missing where it does not.
#[derive(Debug, Default)]
struct Expected {
    online: Option<f64>,
    with_offline: Option<f64>,
    cores: Option<f64>,
    sockets: Option<f64>,
    nodes: Option<f64>,
}

#[derive(Default)]
struct Tally {
    trees: usize,
    due: usize,
    compared: usize,
    missing: Vec<String>,
    wrong: Vec<String>,
}

#[test]
fn recorded_hosts_are_read_as_other_programs_read_them() {
    let what = "recorded trees of /proc and /sys";
    let Some(raw) = real_data().map(|data| data.join("raw")).filter(|raw| raw.join("proc").is_dir()) else {
        return skip(what, "no recorded trees beside the repository; set CAIRN_DATA");
    };
    if !archive::can_unpack() {
        return skip(what, "tar, zstd, gzip and bzip2 are needed to unpack them");
    }
    let home = fresh_dir("trees");
    let mut tally = Tally::default();
    for (name, tree, expected) in recorded(&raw, home.path()) {
        examine(&name, &tree, &expected, &mut tally);
    }
    note(&format!(
        "recorded trees: {} read and sampled, {} facts due, {} missing ({:.1} %), {} compared with others, {} wrong",
        tally.trees,
        tally.due,
        tally.missing.len(),
        100.0 * tally.missing.len() as f64 / tally.due.max(1) as f64,
        tally.compared,
        tally.wrong.len()
    ));
    tally.missing.iter().for_each(|line| note(&format!("recorded trees, missing: {line}")));
    assert!(tally.trees >= 20, "only {} trees were found", tally.trees);
    assert!(tally.compared >= 30, "only {} facts were compared", tally.compared);
    assert_eq!(tally.wrong, Vec::<String>::new());
    assert!(tally.missing.len() * 4 <= tally.due, "more than a quarter is missing");
}

/// Every tree of the collections, unpacked: its name, where it is, what others say of it.
fn recorded(raw: &Path, home: &Path) -> Vec<(String, PathBuf, Expected)> {
    let mut found = Vec::new();
    for collection in ["proc", "proc/pcp-qa-linux", "lscpu/util-linux", "hwloc/linux"] {
        let mut files: Vec<_> =
            std::fs::read_dir(raw.join(collection)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files.iter().filter(|path| path.is_file()) {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let into = home.join(collection).join(&name);
            let stem = name.split(".t").next().unwrap();
            if let Some((_, place)) = SINGLE.iter().find(|(prefix, _)| name.starts_with(prefix)) {
                std::fs::create_dir_all(into.join(place).parent().unwrap()).unwrap();
                std::fs::copy(file, into.join(place)).unwrap();
            } else if name.contains(".t") && !name.ends_with(".txt") {
                archive::unpack(file, &into).unwrap();
            } else {
                continue;
            }
            let text = std::fs::read_to_string(file.with_file_name(format!("{stem}.expected.txt")));
            let expected = match text {
                Ok(text) => lscpu(&text),
                Err(_) if collection.starts_with("hwloc") => by_name(stem),
                Err(_) => Expected::default(),
            };
            let mut trees = archive::trees(&into);
            assert_eq!(trees.len(), 1, "{name}: {trees:?}");
            found.extend(trees.pop().map(|tree| (format!("{collection}/{stem}"), tree, expected)));
        }
    }
    found
}

fn examine(name: &str, tree: &Path, expected: &Expected, tally: &mut Tally) {
    let called = |verb: &[&str]| {
        let mut command = agent(verb);
        command.arg("--root").arg(tree).arg("--data").arg(tree.join("no-data"));
        let done = run(command);
        assert_eq!(done.code(), 0, "{name}: {verb:?}: {}", done.stderr);
        done.json()
    };
    let inventory = called(&["inventory"]);
    let samples = called(&["once", "--interval-ms", "10", "--json"]);
    assert!(!samples.as_array().unwrap().is_empty(), "{name}: no series");
    tally.trees += 1;
    for (fact, files) in DUE {
        if !files.iter().any(|file| tree.join(file).exists()) {
            continue;
        }
        tally.due += 1;
        if inventory["facts"][fact].is_null() {
            let why = inventory["unknown"][fact]
                .as_str()
                .unwrap_or_else(|| panic!("{name}: {fact} without reason"));
            tally.missing.push(format!("{name}: {fact}: {why}"));
        }
    }
    compare(name, &inventory, expected, tally);
}

fn compare(name: &str, inventory: &Value, expected: &Expected, tally: &mut Tally) {
    let number = |fact: &str| inventory["facts"][fact].as_f64();
    let all = number("cpu_threads").zip(number("cpu_threads_offline")).map(|(on, off)| on + off);
    for (what, got, due) in [
        ("cpu_threads", number("cpu_threads"), expected.online),
        ("cpu_threads with those offline", all, expected.with_offline),
        ("cpu_cores", number("cpu_cores"), expected.cores),
        ("cpu_sockets", number("cpu_sockets"), expected.sockets),
        ("numa_nodes", number("numa_nodes"), expected.nodes),
    ] {
        if due.is_some() {
            tally.compared += 1;
            if got != due {
                tally.wrong.push(format!("{name}: {what} is {got:?}, not {due:?}"));
            }
        }
    }
}

/// The expected text of lscpu: its table has a line for each processor online, `CPU,Core,Socket,Node`.
fn lscpu(text: &str) -> Expected {
    let table = text.split("# CPU,Core,Socket,Node").nth(1).unwrap_or_default();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with(|c: char| c.is_ascii_digit()))
        .map(|line| line.split(',').collect())
        .collect();
    let distinct = |column: usize| {
        let ids: BTreeSet<&str> = rows.iter().map(|row| row[column]).filter(|id| !id.is_empty()).collect();
        (!ids.is_empty()).then_some(ids.len() as f64)
    };
    let head = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.and_then(|value| value.trim().parse::<f64>().ok())
    };
    Expected {
        online: distinct(0),
        with_offline: head("CPU(s)"),
        cores: distinct(1),
        sockets: distinct(2),
        nodes: head("NUMA node(s)"),
    }
}

/// Archives of hwloc are named after what they hold: `40intel64-4n10c` is 40 processors in 4 nodes of 10 cores.
fn by_name(name: &str) -> Expected {
    let digits = name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len());
    let with_offline = name[..digits].parse().ok();
    let levels = name.split(['-', '+']).nth(1).map(factors).unwrap_or_default();
    let product = |kinds: &str| {
        let known = levels.iter().filter(|(_, kind)| kinds.contains(*kind));
        known.map(|(count, _)| count).product::<f64>()
    };
    let has = |kind: char| levels.iter().any(|(_, known)| *known == kind);
    // With processors switched off, or of several kinds, the levels say what could be.
    let plain = !name.contains("offline") && !name.contains("hybrid");
    Expected {
        with_offline,
        cores: (plain && has('c')).then(|| product("nsc")),
        sockets: has('s').then(|| product("ns")),
        nodes: has('n').then(|| product("n")),
        ..Expected::default()
    }
}

/// `4s2c2t` is 4 s, 2 c, 2 t; nothing when a level has another name.
fn factors(text: &str) -> Vec<(f64, char)> {
    let mut levels = Vec::new();
    let mut digits = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        match digits.parse() {
            Ok(count) if "nsct".contains(c) => levels.push((count, c)),
            _ => return Vec::new(),
        }
        digits.clear();
    }
    levels
}

/// Described by dmidecode, every one a physical server: none is taken for a virtual machine.
#[test]
fn makers_of_real_servers_are_not_hypervisors() {
    let what = "descriptions of real servers";
    let archive = real_data().map(|data| data.join("raw/dmidecode/linuxhw_dmi_servers.tar.zst"));
    let Some(archive) = archive.filter(|path| path.exists() && archive::can_unpack()) else {
        return skip(what, "none beside the repository, or no tar and zstd; set CAIRN_DATA");
    };
    let home = fresh_dir("makers");
    archive::unpack(&archive, &home.path().join("texts")).unwrap();
    let tree = home.path().join("tree");
    let id = tree.join("sys/class/dmi/id");
    std::fs::create_dir_all(&id).unwrap();
    std::fs::create_dir_all(tree.join("proc")).unwrap();
    std::fs::write(tree.join("proc/cpuinfo"), "processor\t: 0\nflags\t\t: fpu vme lahf_lm\n").unwrap();
    let (mut servers, mut named, mut made) = (0, 0, 0);
    let mut wrong = Vec::new();
    for text in archive::files(&home.path().join("texts")) {
        let text = String::from_utf8_lossy(&std::fs::read(text).unwrap()).into_owned();
        if !text.contains("\nSystem Information\n") {
            continue;
        }
        for (file, section, field) in [
            ("sys_vendor", "System Information", "Manufacturer"),
            ("product_name", "System Information", "Product Name"),
            ("board_vendor", "Base Board Information", "Manufacturer"),
        ] {
            std::fs::write(id.join(file), described(&text, section, field)).unwrap();
        }
        let mut command = agent(&["inventory"]);
        command.arg("--root").arg(&tree).arg("--data").arg(home.path());
        let inventory = run(command).json();
        servers += 1;
        named += i32::from(inventory["facts"]["vendor"].is_string());
        let proof = inventory["evidence"]["virtualization"].as_str().unwrap_or_default();
        made += i32::from(proof.contains("makes servers"));
        if inventory["facts"]["virtualization"] != "none" {
            wrong.push(format!("{}: {proof}", inventory["facts"]["vendor"]));
        }
    }
    note(&format!(
        "real servers: {servers} described, {named} with their vendor's name, {made} by a known maker"
    ));
    assert!(servers > 500, "only {servers}");
    assert_eq!(wrong, Vec::<String>::new());
}

/// A field of a section of dmidecode's text; empty where it is not there.
fn described<'a>(text: &'a str, section: &str, field: &str) -> &'a str {
    let section = text.split_once(&format!("\n{section}\n")).map_or("", |(_, rest)| rest);
    let lines = section.lines().take_while(|line| line.starts_with('\t'));
    let named = |line: &'a str| line.trim().strip_prefix(field)?.strip_prefix(": ");
    lines.filter_map(named).next().unwrap_or_default()
}

#[test]
fn names_of_archives_say_what_they_hold() {
    let expected = by_name("256ia64-64n2s2c");
    assert_eq!(
        (expected.with_offline, expected.sockets, expected.cores),
        (Some(256.0), Some(128.0), Some(256.0))
    );
    let offline = by_name("16em64t-4s2c2t-offlines");
    assert_eq!((offline.with_offline, offline.sockets, offline.cores), (Some(16.0), Some(4.0), None));
    assert_eq!(by_name("4fake-4gr1nu1pu").cores, None);
}
