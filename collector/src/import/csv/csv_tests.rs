//! Whole imports: what each kind of bad input gets, and that every row is accounted for.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::engagements::Engagements;
use crate::store::Store;
use crate::store::sqlite::SqliteStore;
use cairn_schemas::metric::CPU_BUSY;
use cairn_schemas::slot::Power;
use cairn_schemas::time::{Timestamp, Window};
use proptest::prelude::*;

const ALL: Window = Window { from: Timestamp(0), to: Timestamp(4_102_444_800) };

/// A store in a directory of its own.
struct Bench {
    dir: tempfile::TempDir,
    store: SqliteStore,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&dir.path().join("data"), &"test".parse().unwrap()).unwrap();
        Self { dir, store }
    }

    /// Writes the files into a fresh directory and imports it.
    fn import(&self, files: &[(&str, &str)]) -> ImportReport {
        let dir = self.dir.path().join("csv");
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir(&dir).unwrap();
        for (name, content) in files {
            std::fs::write(dir.join(name), content).unwrap();
        }
        self.import_dir(&dir)
    }

    fn import_dir(&self, dir: &Path) -> ImportReport {
        let mut context = Context {
            store: &self.store,
            engagements: &Engagements::new(&self.dir.path().join("data")),
            server: None,
            expect_keys: &[],
            now: Timestamp(1_800_000_000),
            progress: &mut |_, _| {},
        };
        let report = import(&[dir.to_owned()], &mut context).unwrap();
        assert!(report.rows.balanced(), "{report:?}");
        report
    }

    /// Slots of a server: start, width, CPU.
    fn slots(&self, server: &str) -> Vec<(i64, u32, Option<f64>, Power)> {
        let sources = self.store.sources().unwrap();
        let source = sources.iter().find(|source| source.server == server).unwrap();
        let tables = self.store.day_tables(source.id, ALL).unwrap();
        let slots = tables.iter().flat_map(|table| {
            table
                .slots
                .iter()
                .enumerate()
                .map(|(i, slot)| (slot.start.0, slot.width_s, table.value(&CPU_BUSY, i), slot.power))
        });
        slots.collect()
    }
}

/// Imports one `samples.csv` and compares rows (read, kept, repeated, rejected), problems and notes.
fn check(samples: &str, rows: [u64; 4], problems: &[&str], note: &str) {
    let report = Bench::new().import(&[("samples.csv", samples)]);
    let counts = report.rows;
    assert_eq!([counts.read, counts.kept, counts.repeated, counts.rejected], rows, "{samples:?} {report:?}");
    let said: Vec<String> = report
        .problems
        .iter()
        .map(|problem| {
            let line = problem.line.map_or(String::new(), |line| line.to_string());
            format!("{line}:{}: {}", problem.field.as_deref().unwrap_or_default(), problem.text)
        })
        .collect();
    assert_eq!(said.len(), problems.len(), "{samples:?} {said:?}");
    for (said, expected) in said.iter().zip(problems) {
        assert!(said.starts_with(expected), "{samples:?}: {said:?} is not {expected:?}");
    }
    let notes = report.files[0].notes.join("\n");
    assert!(notes.contains(note), "{samples:?}: {notes:?} lacks {note:?}");
}

const HEADER: &str = "server,timestamp,cpu_busy_ratio,width_s\n";

#[test]
fn each_kind_of_bad_input_gets_its_answer() {
    let with = |rows: &str| format!("{HEADER}{rows}");
    check("", [0; 4], &[":: the file is empty"], "");
    check(HEADER, [0; 4], &[], "there is no row below the header");
    check("server,timestamp\n", [0; 4], &[":: no column is a metric"], "");
    check("timestamp,cpu_busy_ratio\n", [0; 4], &[":: there is no column \"server\""], "");
    check(&with("a,0,0.5,300\n"), [1, 1, 0, 0], &[], "read as seconds");
    check(&with("a,0,0.5,300\na,0,0.5,300\n"), [2, 1, 1, 0], &[], "");
    let conflict = "3:timestamp: 1970-01-01T00:00:00Z of \"a\" has other values on line 2, which stays";
    check(&with("a,0,0.5,300\na,0,0.6,300\n"), [2, 1, 0, 1], &[conflict], "");
    check(
        &with("a,600,0.5,300\na,300,0.5,300\n"),
        [2, 2, 0, 0],
        &[],
        "1 rows go back in time and were put in order: a",
    );
    check(&with("a,0,1.82,300\n"), [1, 1, 0, 0], &[], "1 ratios above 1 were kept");
    check(
        &with("a,0,abc,300\na,300,0.5,300\n"),
        [2, 1, 0, 1],
        &["2:cpu_busy_ratio: \"abc\" is not a number"],
        "",
    );
    check(&with("a,0,-0.5,300\n"), [1, 0, 0, 1], &["2:cpu_busy_ratio: \"-0.5\" is below 0"], "");
    check(&with("a,0,0.5\nb,0,0.5,300\n"), [2, 1, 0, 1], &["2:width_s: the row is cut short: 3 of 4"], "");
    check(&with("a,0,0.5,300\na,300,0"), [2, 1, 0, 1], &["3:width_s: the file ends inside this row"], "");
    check(
        &with("a,0,0.5,300\na,300,0.5,30"),
        [2, 1, 0, 1],
        &["3:: the file ends inside this row, so its last"],
        "",
    );
    check(&with("a,0,0.5,300,9\n"), [1, 0, 0, 1], &["2:: 5 fields where the header has 4"], "");
    check(
        "server,timestamp,cpu_busy_ratios,cpu_busy_ratio\na,0,9,0.5\n",
        [1, 1, 0, 0],
        &[],
        "column \"cpu_busy_ratios\" is no metric and was left out; was cpu_busy_ratio meant?",
    );
    check(
        "server,timestamp,cpu_busy_ratio\na,0,1\na,60,1\na,120,1\n",
        [3, 3, 0, 0],
        &[],
        "taken to be 60 s long",
    );
    check("server;timestamp;cpu_busy_ratio\na;0;1\n", [0; 4], &[":: fields are not separated by commas"], "");
}

#[test]
fn switched_off_is_neither_idle_nor_missing_and_blank_is_missing() {
    let bench = Bench::new();
    let samples = "server,timestamp,cpu_busy_ratio,powered_on,width_s\n\
        a,2026-11-25T00:00:00Z,0.25,1,300\na,2026-11-25T00:05:00Z,,0,300\na,2026-11-25T00:10:00Z,,1,300\n";
    let report = bench.import(&[("samples.csv", samples)]);
    assert_eq!(report.rows.kept, 3);
    let start = 1_795_564_800;
    let expected = vec![
        (start, 300, Some(0.25), Power::On),
        (start + 300, 300, None, Power::Off),
        (start + 600, 300, None, Power::On),
    ];
    assert_eq!(bench.slots("a"), expected);
}

#[test]
fn servers_without_samples_and_samples_without_facts_are_kept_and_said() {
    let bench = Bench::new();
    let report = bench.import(&[
        ("servers.csv", "server,cpu_cores,rack\nquiet,8,R1\n"),
        ("samples.csv", "server,timestamp,cpu_busy_ratio,width_s\nstray,0,0.5,60\n"),
    ]);
    assert_eq!((report.rows.kept, report.servers), (2, 2));
    assert_eq!(bench.store.servers().unwrap(), ["quiet", "stray"]);
    let expected =
        ["samples and no facts: 1 server: stray", "facts and no samples, and kept: 1 server: quiet"];
    assert_eq!(report.notes, expected);
    let servers = report.files.iter().find(|file| file.holds == "servers").unwrap();
    assert_eq!(servers.notes, ["column \"rack\" is no known fact and became a tag"]);
    assert!(bench.store.facts("quiet").unwrap().contains_key("tag.rack"));
}

#[test]
fn facts_are_dated_and_conflicts_keep_the_first() {
    let bench = Bench::new();
    let servers = "server,cpu_cores,memory_bytes,valid_from\n\
        a,4,1024,\na,8,2048,2026-02-01\na,8,2048,2026-02-01\na,16,2048,2026-02-01\nb,x,,\nc,,,\n";
    let report = bench.import(&[("servers.csv", servers)]);
    let counts = report.rows;
    assert_eq!((counts.read, counts.kept, counts.repeated, counts.rejected), (6, 3, 1, 2));
    let said: Vec<String> = report.problems.iter().map(|p| format!("{:?} {}", p.line, p.text)).collect();
    assert!(said[0].starts_with("Some(5) \"a\" has another value on line 3, which stays"), "{said:?}");
    assert!(said[1].starts_with("Some(6) \"x\" is not a number of cores"), "{said:?}");
    let cores = &bench.store.facts("a").unwrap()["cpu_cores"];
    let values: Vec<_> = cores.iter().map(|fact| (fact.value.as_number(), fact.source.as_str())).collect();
    assert_eq!(values, [(Some(4.0), "import csv servers.csv:2"), (Some(8.0), "import csv servers.csv:3")]);
    assert_eq!(bench.store.servers().unwrap(), ["a", "c"]);
}

#[test]
fn a_second_import_repeats_every_row() {
    let bench = Bench::new();
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/csv/office");
    let first = bench.import_dir(&files);
    assert!(first.rows.kept > 0 && first.rows.rejected == 0 && first.rows.repeated == 0, "{first:?}");
    let second = bench.import_dir(&files);
    assert_eq!(second.rows.repeated, first.rows.read, "{second:?}");
    let values = bench.import(&[(
        "samples.csv",
        "server,timestamp,cpu_busy_ratio,width_s\nweb-1,2026-11-02T00:00:00Z,0.99,300\n",
    )]);
    assert_eq!((values.rows.kept, values.rows.rejected), (0, 1), "{values:?}");
    assert!(values.problems[0].text.contains("has other values stored"), "{values:?}");
}

#[test]
fn damaged_files_lose_nothing_that_was_good() {
    let bench = Bench::new();
    let report = bench.import_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/csv/damaged"));
    let rows = |holds: &str| report.files.iter().find(|file| file.holds == holds).unwrap().rows;
    let counts = |holds: &str| {
        let rows = rows(holds);
        (rows.read, rows.kept, rows.repeated, rows.rejected)
    };
    assert_eq!((counts("samples"), counts("servers")), ((10, 1, 1, 8), (5, 1, 0, 4)), "{report:?}");
    assert!(report.problems.iter().all(|problem| problem.line.is_some()), "{report:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_row_is_accounted_for(
        rows in proptest::collection::vec(
            (
                prop::sample::select(vec!["a", "b", "", "\u{202e}x", "\"q\""]),
                prop::sample::select(vec!["0", "300", "600", "900", "1e3", "x", ""]),
                prop::sample::select(vec!["0.5", "0.5", "2", "-1", "nan", "", "7", "\"a,b\""]),
                prop::sample::select(vec!["\n", "\r\n", ",9\n", "\n\n"]),
            ),
            0..40,
        ),
        cut in 0_usize..2_000,
    ) {
        let mut text = String::from("server,timestamp,cpu_busy_ratio\n");
        for (server, time, value, end) in &rows {
            text.push_str(&format!("{server},{time},{value}{end}"));
        }
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).filter(|at| *at >= 32).collect();
        text.truncate(ends.get(cut % ends.len().max(1)).copied().unwrap_or(text.len()));
        let bench = Bench::new();
        let first = bench.import(&[("samples.csv", &text)]);
        prop_assert!(first.rows.read <= rows.len() as u64 + 1);
        let second = bench.import(&[("samples.csv", &text)]);
        prop_assert_eq!(second.rows.kept, 0);
        prop_assert_eq!(second.rows.repeated, first.rows.kept + first.rows.repeated);
        prop_assert_eq!(second.rows.rejected, first.rows.rejected);
    }
}
