//! A real trace: 120 machines, three months, three million rows. Every figure and every cell of the plan is
//! computed a second time in another language.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_tests::harness::{cairn, fresh_dir, note, real_data, repository, run, skip};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// A Python with pandas and pyarrow: `CAIRN_PYTHON`, else the system's.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("CAIRN_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let tried = Command::new(&python).args(["-c", "import pandas, pyarrow"]).output();
    tried.is_ok_and(|output| output.status.success()).then_some(python)
}

fn script(python: &Path, name: &str, arguments: &[&Path]) -> Command {
    let mut command = Command::new(python);
    command.arg(repository().join("tests/bitbrains").join(name)).args(arguments);
    command
}

fn printed(name: &str, command: Command) -> serde_json::Value {
    let done = run(command);
    note(&format!("bitbrains {name}: {}", done.stdout.trim()));
    done.json()
}

#[test]
fn the_bitbrains_trace_is_assessed_as_pandas_computes_it() {
    let what = "the Bitbrains trace";
    let Some(trace) =
        real_data().map(|data| data.join("util/bitbrains_rnd_vms.parquet")).filter(|path| path.exists())
    else {
        return skip(what, "no real traces beside the repository; set CAIRN_DATA");
    };
    let Some(python) = python() else { return skip(what, "no python3 with pandas and pyarrow") };
    let home = fresh_dir("bitbrains");
    let (files, data) = (home.path().join("csv"), home.path().join("data"));
    std::fs::create_dir(&files).unwrap();
    let due = printed("convert", script(&python, "convert.py", &[&trace, &files]));

    let verb = |arguments: &[&str]| {
        let began = Instant::now();
        let mut command = cairn(arguments);
        command.arg("--data").arg(&data);
        let done = run(command);
        note(&format!("bitbrains cairn {}: {:.1} s", arguments[0], began.elapsed().as_secs_f64()));
        done
    };
    let imported = verb(&["import", "csv", files.to_str().unwrap(), "--json"]);
    let counts: serde_json::Value = serde_json::from_str(&imported.stdout).unwrap();
    let files_read = counts["files"].as_array().unwrap();
    let rows = &files_read.iter().find(|file| file["holds"] == "samples").unwrap()["rows"];
    note(&format!("bitbrains rows: {rows}"));
    let count = |name: &str| rows[name].as_u64().unwrap();
    assert_eq!(count("read"), due["rows"].as_u64().unwrap());
    assert_eq!(count("read"), count("kept") + count("repeated") + count("rejected"));
    assert_eq!(count("kept"), due["slots"].as_u64().unwrap());

    let assessed = verb(&["assess", "--json"]);
    assert_eq!(assessed.code(), 0, "{}", assessed.stderr);
    let json = home.path().join("assessment.json");
    std::fs::write(&json, &assessed.stdout).unwrap();
    let checked = printed("check", script(&python, "check.py", &[&files, &json]));
    assert_eq!(checked["faults"], serde_json::json!([]));
    assert_eq!(checked["servers"], due["servers"]);
    assert!(checked["backtest"]["folds"].as_u64().unwrap() >= 8, "{checked}");

    std::fs::write(&json, tampered(&assessed.stdout)).unwrap();
    let caught = run(script(&python, "check.py", &[&files, &json]));
    assert_eq!(caught.code(), 1, "the check overlooks a wrong figure and a host that is too full");
    assert!(caught.stdout.contains("mean") && caught.stdout.contains("cpu"), "{}", caught.stdout);
}

/// The same assessment with one figure wrong and every server on one host.
fn tampered(assessment: &str) -> String {
    let mut assessment: serde_json::Value = serde_json::from_str(assessment).unwrap();
    assessment["readiness"]["servers"][0]["utilisation"]["cpu_busy_ratio"]["mean"] = 0.987.into();
    let hosts = assessment["consolidation"]["placement"].as_array_mut().unwrap();
    let all: Vec<serde_json::Value> =
        hosts.iter_mut().flat_map(|host| std::mem::take(host["servers"].as_array_mut().unwrap())).collect();
    hosts[0]["servers"] = all.into();
    assessment.to_string()
}
