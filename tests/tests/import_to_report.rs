//! History from elsewhere: good rows are kept and counted to the last one, bad ones are named by file, line and
//! field, and the figures are those one computes beside it.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::time::Timestamp;
use cairn_tests::harness::csv::{Estate, percentile};
use cairn_tests::harness::{Done, FreshDir, cairn, fresh_dir, run};
use std::path::Path;

fn begin() -> Timestamp {
    Timestamp::parse_rfc3339("2026-09-28T00:00:00Z").unwrap()
}

/// A store of its own, and the verbs on it.
struct Store(FreshDir);

impl Store {
    fn new() -> Self {
        Self(fresh_dir("store"))
    }

    fn verb(&self, arguments: &[&str]) -> Done {
        let mut command = cairn(arguments);
        command.arg("--data").arg(self.0.path()).env("CAIRN_NOW", "2026-11-25T12:00:00Z");
        run(command)
    }

    fn import(&self, folder: &Path) -> Done {
        self.verb(&["import", "csv", folder.to_str().unwrap()])
    }

    fn assess(&self, estate: &Estate) -> serde_json::Value {
        let (from, to) = (estate.begin.to_string(), estate.end().to_string());
        self.verb(&["assess", "--json", "--from", &from, "--to", &to]).json()
    }
}

fn server<'a>(assessment: &'a serde_json::Value, name: &str) -> &'a serde_json::Value {
    let servers = assessment["readiness"]["servers"].as_array().unwrap();
    servers.iter().find(|server| server["server"] == name).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn figures_are_those_computed_beside_it() {
    let (store, files) = (Store::new(), fresh_dir("csv"));
    let estate = Estate { servers: 8, begin: begin(), days: 35 };
    estate.write(files.path());
    let imported = store.import(files.path());
    assert_eq!(imported.code(), 0, "{}{}", imported.stdout, imported.stderr);
    let assessment = store.assess(&estate);

    for index in 0..estate.servers {
        let found = server(&assessment, &Estate::name(index));
        let sorted = estate.cpu_sorted(index);
        let cpu = &found["utilisation"]["cpu_busy_ratio"];
        assert_eq!(cpu["samples"], sorted.len());
        let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
        let expected =
            [("mean", mean), ("p50", percentile(&sorted, 0.5)), ("p95", percentile(&sorted, 0.95))];
        let tail = [("p99", percentile(&sorted, 0.99)), ("max", sorted[sorted.len() - 1])];
        for (name, value) in expected.into_iter().chain(tail) {
            let printed = cpu[name].as_f64().unwrap();
            assert!((printed - value).abs() <= 0.000_1, "{name} of {index}: {printed}, computed {value}");
        }
        assert_eq!(found["coverage_ratio"], 1.0);
    }
    let plan = &assessment["consolidation"];
    assert!(plan["hosts"].as_u64().unwrap() >= plan["lower_bound_hosts"].as_u64().unwrap());
    assert_eq!(plan["population"]["placed"], estate.servers);
    assert!(plan["backtest"]["folds"].as_u64().unwrap() >= 1);
}

#[test]
fn every_format_of_the_report_is_written() {
    let (store, files) = (Store::new(), fresh_dir("csv"));
    let estate = Estate { servers: 5, begin: begin(), days: 7 };
    estate.write(files.path());
    assert_eq!(store.import(files.path()).code(), 0);
    let assessment = store.assess(&estate);
    for format in ["html", "json", "csv"] {
        let out = files.path().join(format!("report.{format}"));
        let made = store.verb(&["report", "--format", format, "--out", out.to_str().unwrap()]);
        assert_eq!(made.code(), 0, "{}", made.stderr);
        let text = std::fs::read_to_string(&out).unwrap();
        assert!(text.contains(&Estate::name(0)), "{format}");
        if format == "json" {
            let written: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(written["inputs_sha256"], assessment["inputs_sha256"]);
        }
    }
}

#[test]
fn an_assessment_twice_is_the_same_bytes() {
    let (store, files) = (Store::new(), fresh_dir("csv"));
    let estate = Estate { servers: 6, begin: begin(), days: 42 };
    estate.write(files.path());
    assert_eq!(store.import(files.path()).code(), 0);
    let (from, to) = (estate.begin.to_string(), estate.end().to_string());
    let printed = |now: &str| {
        let mut command = cairn(&["assess", "--json", "--from", &from, "--to", &to, "--data"]);
        command.arg(store.0.path()).env("CAIRN_NOW", now);
        let text = run(command).stdout;
        let kept = |line: &&str| !line.starts_with("  \"id\":") && !line.starts_with("  \"created\":");
        let rest: String = text.lines().filter(kept).collect();
        assert_ne!(rest, text.lines().collect::<String>(), "neither id nor created was printed");
        rest
    };
    assert_eq!(printed("2026-11-25T12:00:00Z"), printed("2026-11-26T13:30:00Z"));
}

/// Everything that can be wrong with a file, one server each, and what must be said of it.
#[test]
fn bad_rows_are_named_and_good_ones_kept() {
    let (store, files) = (Store::new(), fresh_dir("csv"));
    let servers = "server,cpu_cores,cpu_mhz,memory_bytes,rack,valid_from\n\
                   good,4,2000,8589934592,r1,\n\
                   good,8,2000,8589934592,r1,2026-10-01T00:00:00Z\n\
                   silent,4,2000,8589934592,r2,\n\
                   odd,four,2000,8589934592,r3,\n";
    let samples = "server,timestamp,cpu_busy_ratio,memory_used_bytes,powered_on,width_s,mood\n\
                   good,1790553600,0.5,1000000,1,300,fine\n\
                   good,1790553900,1.82,1000000,1,300,fine\n\
                   good,1790554200,0,0,0,300,fine\n\
                   good,1790553600,0.5,1000000,1,300,fine\n\
                   good,1790553900,0.25,1000000,1,300,fine\n\
                   good,1790554500,abc,1000000,1,300,fine\n\
                   good,yesterday,0.5,1000000,1,300,fine\n\
                   good,1790554800,-0.5,1000000,1,300,fine\n\
                   good,1790555100,,,1,300,fine\n\
                   good,1790555400,0.1,10";
    std::fs::write(files.path().join("servers.csv"), servers).unwrap();
    std::fs::write(files.path().join("samples.csv"), samples).unwrap();
    let imported = store.import(files.path());
    let said = format!("{}{}", imported.stdout, imported.stderr);
    assert_eq!(imported.code(), 5, "some rows are bad: done in part\n{said}");
    for expected in [
        "samples.csv:7",
        "samples.csv:8",
        "samples.csv:9",
        "samples.csv:11",
        "servers.csv:5",
        "cpu_busy_ratio",
        "timestamp",
        "cpu_cores",
        "rack",
        "mood",
        "silent",
    ] {
        assert!(said.contains(expected), "{expected:?} was not said:\n{said}");
    }
    let assessed = store.verb(&["assess", "--json"]).json();
    let cpu = &server(&assessed, "good")["utilisation"]["cpu_busy_ratio"];
    assert_eq!(cpu["max"], 1.82, "a ratio above 1 is kept, the first of two conflicting rows stays");
    let _ = server(&assessed, "silent");
}

#[test]
fn empty_and_absent_files_are_told() {
    let (store, files) = (Store::new(), fresh_dir("csv"));
    let absent = store.import(&files.path().join("nowhere"));
    assert_ne!(absent.code(), 0);
    assert!(absent.stderr.contains("nowhere"), "{}", absent.stderr);
    std::fs::write(files.path().join("samples.csv"), "").unwrap();
    let empty = store.import(files.path());
    assert_ne!(empty.code(), 0);
    let said = format!("{}{}", empty.stdout, empty.stderr);
    assert!(said.contains("samples.csv") && said.contains("empty"), "{said}");
}

#[test]
fn what_is_handed_over_is_written_and_names_come_back() {
    let (store, files) = (Store::new(), fresh_dir("csv"));
    let estate = Estate { servers: 5, begin: begin(), days: 7 };
    estate.write(files.path());
    assert_eq!(store.import(files.path()).code(), 0);
    store.assess(&estate);
    let place = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let report = |more: &[&str], name: &str| {
        let to = place(name);
        let done = store.verb(&[&["report", "--out", &to], more].concat());
        (done.code(), std::fs::read(&to).unwrap_or_default(), done.stderr)
    };
    let (code, book, _) = report(&["--format", "xlsx"], "report.xlsx");
    assert!(code == 0 && book.starts_with(b"PK") && book == report(&["--format", "xlsx"], "again.xlsx").1);
    let (code, paper, said) = report(&["--format", "pdf"], "report.pdf");
    if code == 0 {
        assert!(paper.starts_with(b"%PDF") && paper == report(&["--format", "pdf"], "again.pdf").1);
    } else {
        assert!(said.contains("--features pdf"), "{said}");
    }
    let german = report(&["--language", "de", "--owners"], "owners.html").1;
    assert!(String::from_utf8(german).unwrap().contains("<html lang=\"de\">"));
    assert_eq!(report(&["--language", "xx"], "no.html").0, 1);
    assert_eq!(report(&["--owners", "--owner", "Nobody At All"], "no.html").0, 3);

    let key = place("key");
    assert_eq!(store.verb(&["pseudonyms", "key", "--out", &key]).code(), 0);
    assert_eq!(store.verb(&["pseudonyms", "key", "--out", &key]).code(), 1, "a key is never written over");
    let plain = report(&["--format", "csv"], "plain.csv").1;
    let hidden = report(&["--format", "csv", "--pseudonyms", &key], "hidden.csv").1;
    let name = Estate::name(0);
    assert!(!String::from_utf8(hidden).unwrap().contains(&name), "{name} is left");
    let (from, to) = (place("hidden.csv"), place("back.csv"));
    let back = store.verb(&["pseudonyms", "restore", &from, "--key", &key, "--out", &to]);
    assert_eq!(back.code(), 0, "{}", back.stderr);
    let names = |text: &[u8]| -> std::collections::BTreeSet<String> {
        let text = String::from_utf8(text.to_vec()).unwrap();
        text.lines().skip(1).map(|line| line.split(',').next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(names(&std::fs::read(&to).unwrap()), names(&plain));

    let sheet = store.verb(&["datasheet", "--format", "json"]).json();
    assert!(sheet["series"].as_array().unwrap().iter().any(|series| series["name"] == "cpu_busy_ratio"));
}
