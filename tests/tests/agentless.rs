//! Real texts of lscpu and dmidecode: 1,117 and 601 machines. Every fact is read a second time in another
//! language; what is missing is counted with its reason, and the shares only get better.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_tests::harness::{cairn, fresh_dir, note, real_data, repository, run, skip};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// A fact, and the share of machines that may lack it at most.
type Ratchet = (&'static str, f64);

/// Seconds a thousand texts may take, on a busy machine and without optimisation.
const SECONDS_MAX: f64 = 20.0;
const LSCPU: &[Ratchet] = &[
    ("architecture", 0.0),
    ("cpu_model", 0.0),
    ("cpu_threads", 0.001),
    ("cpu_cores", 0.004),
    ("cpu_sockets", 0.029),
    ("numa_nodes", 0.112),
    ("cpu_mhz", 0.113),
    ("virtualization", 0.150),
];
const DMIDECODE: &[Ratchet] = &[
    ("cpu_sockets", 0.0),
    ("memory_bytes", 0.004),
    ("cpu_cores", 0.017),
    ("cpu_model", 0.020),
    ("cpu_threads", 0.027),
    ("model", 0.044),
    ("vendor", 0.047),
    ("cpu_mhz", 0.167),
    // The text does not say with which of both a machine booted.
    ("firmware", 0.687),
    // These are real machines, and no sign of a hypervisor proves nothing.
    ("virtualization", 1.0),
];

/// A Python with pandas and pyarrow: `CAIRN_PYTHON`, else the system's.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("CAIRN_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let tried = Command::new(&python).args(["-c", "import pandas, pyarrow"]).output();
    tried.is_ok_and(|output| output.status.success()).then_some(python)
}

#[test]
fn the_texts_of_real_machines_become_facts_or_reasons() {
    let what = "texts of lscpu and dmidecode";
    let archive = |data: &Path, name: &str| Some(data.join("raw").join(name)).filter(|path| path.exists());
    let found = real_data().and_then(|data| {
        let lscpu = archive(&data, "lscpu/linuxhw_lscpu.tar.zst")?;
        Some((lscpu, archive(&data, "dmidecode/linuxhw_dmi_servers.tar.zst")?, data))
    });
    let Some((lscpu, dmidecode, data)) = found else {
        return skip(what, "no real texts beside the repository; set CAIRN_DATA");
    };
    let home = fresh_dir("agentless");
    let unpack = |archive: &Path, name: &str| {
        let folder = home.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        let mut command = Command::new("tar");
        command.args(["--zstd", "--exclude=LICENSE", "-xf"]).arg(archive).arg("-C").arg(&folder);
        command.output().is_ok_and(|done| done.status.success()).then_some(folder)
    };
    let folders = unpack(&lscpu, "lscpu").zip(unpack(&dmidecode, "dmidecode"));
    let Some((lscpu, dmidecode)) = folders else { return skip(what, "no tar that reads zstd") };

    // Two stores: the machines are not the same ones.
    imported(home.path(), "lscpu", &lscpu, 1_117, LSCPU);
    imported(home.path(), "dmidecode", &dmidecode, 601, DMIDECODE);

    let Some(python) = python() else { return skip(what, "no python3 with pandas and pyarrow") };
    let check = |tool: &str, folder: &Path| {
        let mut command = Command::new(&python);
        command.arg(repository().join("tests/agentless/check.py")).args([tool]).arg(folder);
        command.arg(home.path().join(tool).with_extension("data").join("engagements/default.sqlite"));
        command.arg(data.join("inventory/dmi_servers.parquet"));
        run(command).json()
    };
    let agrees = |tool: &str, folder: &Path| {
        let checked = check(tool, folder);
        for line in checked["differences"].as_array().unwrap() {
            note(&format!("agentless {tool}: {}", line.as_str().unwrap()));
        }
        assert_eq!(checked["faults"], serde_json::json!([]), "{tool}");
        assert!(checked["compared"].as_u64().unwrap() > 3_000, "{checked}");
        note(&format!(
            "agentless {tool}: {} facts compared, {} agree",
            checked["compared"], checked["agree"]
        ));
    };
    agrees("lscpu", &lscpu);
    agrees("dmidecode", &dmidecode);

    let text = some_file(&lscpu);
    let tampered = std::fs::read_to_string(&text).unwrap().replace("CPU(s) list:", "CPU(s) list: 0-4093,");
    std::fs::write(&text, tampered).unwrap();
    let faults = check("lscpu", &lscpu)["faults"].to_string();
    assert!(faults.contains("cpu_threads"), "the check overlooks a wrong figure: {faults}");
}

fn some_file(folder: &Path) -> PathBuf {
    let first = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).min().unwrap();
    if first.is_dir() { some_file(&first) } else { first }
}

/// Imports a folder; checks that nothing is lost, how long it took, and how much is missing.
fn imported(home: &Path, tool: &str, folder: &Path, files: u64, ratchets: &[Ratchet]) {
    let import = || {
        let mut command = cairn(&["import", tool, folder.to_str().unwrap(), "--json"]);
        command.arg("--data").arg(home.join(tool).with_extension("data"));
        let began = Instant::now();
        let done = run(command);
        let report: Value = serde_json::from_str(&done.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", done.stdout, done.stderr));
        (report, began.elapsed().as_secs_f64())
    };
    let (report, seconds) = import();
    note(&format!("agentless {tool}: {files} texts in {seconds:.2} s, rows {}", report["rows"]));
    assert!(seconds < SECONDS_MAX, "{tool}: {seconds:.1} s");
    assert_eq!(
        (&report["rows"]["read"], &report["rows"]["rejected"]),
        (&files.into(), &0.into()),
        "{report}"
    );
    for kind in report["problems_by_kind"].as_object().unwrap().keys() {
        assert_eq!(kind, "doubt", "{report}");
    }
    let servers = report["servers"].as_u64().unwrap();
    let notes: Vec<&str> =
        report["files"][0]["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect();
    for text in &notes {
        note(&format!("agentless {tool}: {text}"));
    }
    for (fact, most) in ratchets {
        let said = notes.iter().find_map(|note| note.strip_prefix(&format!("{fact} unknown for ")));
        let unknown: u64 = said.map_or(0, |rest| rest.split(' ').next().unwrap().parse().unwrap());
        let share = unknown as f64 / servers as f64;
        note(&format!("agentless {tool}: {fact} missing for {:.1} %", share * 100.0));
        assert!(share <= *most, "{tool}: {fact} is missing for {share:.4} of the machines, at most {most}");
    }
    let (again, _) = import();
    assert_eq!((&again["rows"]["kept"], &again["rows"]["repeated"]), (&0.into(), &files.into()), "{again}");
}
