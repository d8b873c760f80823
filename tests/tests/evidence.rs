//! An assessment leaves its collector as a signed file, and whoever gets it computes it again with the program alone.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::time::Timestamp;
use cairn_tests::harness::csv::Estate;
use cairn_tests::harness::{Done, cairn, fresh_dir, note, run};
use std::path::Path;

fn verb(data: &Path, arguments: &[&str]) -> Done {
    let mut command = cairn(arguments);
    command.arg("--data").arg(data).env("CAIRN_NOW", "2026-11-25T12:00:00Z");
    run(command)
}

fn verify(file: &str, more: &[&str]) -> Done {
    run(cairn(&[&["verify", file], more].concat()))
}

/// What `verify` ends with and says.
fn check(done: &Done, code: i32, expected: &str) {
    assert_eq!(done.code(), code, "{}{}", done.stdout, done.stderr);
    assert!(
        done.stdout.contains(expected) || done.stderr.contains(expected),
        "{}{}",
        done.stdout,
        done.stderr
    );
}

#[test]
fn an_assessment_is_computed_again_elsewhere() {
    let (data, files) = (fresh_dir("evidence-store"), fresh_dir("evidence-files"));
    let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let begin = Timestamp::parse_rfc3339("2026-09-28T00:00:00Z").unwrap();
    Estate { servers: 6, begin, days: 42 }.write(files.path());
    assert_eq!(verb(data.path(), &["import", "csv", files.path().to_str().unwrap()]).code(), 0);
    let at_once = path("at-once.evidence");
    assert_eq!(verb(data.path(), &["assess", "--json", "--bundle", &at_once]).code(), 0);
    let file = path("1.evidence");
    let bundled = verb(data.path(), &["bundle", "1", "--out", &file]);
    check(&bundled, 0, "signed with key ");
    let bytes = std::fs::read(&file).unwrap();
    assert_eq!(std::fs::read(&at_once).unwrap(), bytes, "at once or later, the same evidence");
    note(&format!("evidence of 6 servers over 6 weeks: {} bytes", bytes.len()));

    // Who issued it later changes nothing of it.
    for state in ["review", "issue"] {
        assert_eq!(verb(data.path(), &["assessments", state, "1", "--by", "A. Person"]).code(), 0);
    }
    check(&verb(data.path(), &["bundle", "1", "--out", &file]), 0, "");
    assert_eq!(std::fs::read(&file).unwrap(), bytes);

    let key = bundled.stdout.trim().rsplit(' ').next().unwrap().to_owned();
    check(&verify(&file, &["--expect-key", &key]), 0, "SAME");
    check(&verify(&file, &["--expect-key", &"0".repeat(64)]), 7, "expected was");
    assert_eq!(verify(&file, &["--json"]).json()["outcome"], "same");

    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    std::fs::write(path("flipped.evidence"), flipped).unwrap();
    check(&verify(&path("flipped.evidence"), &[]), 7, "assessment.json was changed");
    std::fs::write(path("short.evidence"), &bytes[..bytes.len() / 2]).unwrap();
    check(&verify(&path("short.evidence"), &[]), 7, "it ends within");

    std::fs::write(path("tight.toml"), "name = \"tight\"\n[limits]\nmemory_ratio = 0.3\n").unwrap();
    check(
        &verify(&file, &["--policy", &path("tight.toml")]),
        6,
        "memory_limit_ratio: 0.85 in the file, 0.3 here",
    );
    let other = verb(data.path(), &["bundle", "1", "--out", &path("no"), "--policy", &path("tight.toml")]);
    check(&other, 1, "was made with policy standard");
    check(&verb(data.path(), &["bundle", "2", "--out", &path("no")]), 3, "there is no assessment 2");

    // A veto is news, and retention takes what is past its time: what was signed keeps what it was computed from.
    let veto = ["decide", "veto", &Estate::name(0), "--by", "A. Owner", "--why", "not this year"];
    assert_eq!(verb(data.path(), &veto).code(), 0);
    std::fs::write(data.path().join("cairn.toml"), "[retention]\nminutes = 7\nweeks = 7\ngaps = 7\n")
        .unwrap();
    assert_eq!(verb(data.path(), &["assess"]).code(), 0);
    let (draft, later) = (path("2.evidence"), "2027-03-01T00:00:00Z");
    check(&verb(data.path(), &["bundle", "2", "--out", &draft]), 0, "");
    let at = |now: &str, arguments: &[&str]| {
        let mut command = cairn(arguments);
        command.arg("--data").arg(data.path()).env("CAIRN_NOW", now);
        run(command)
    };
    check(&at(later, &["assess"]), 0, "");
    check(&at(later, &["retention", "apply", "--by", "A. Keeper"]), 0, "drafts: 1");
    check(&verb(data.path(), &["bundle", "1", "--out", &file]), 0, "");
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "what was issued is computed again for ever");
    check(&verify(&file, &[]), 0, "SAME");
    let unreviewed = at(later, &["assessments", "review", "2", "--by", "A. Person"]);
    check(&unreviewed, 3, "there is no assessment 2");

    // Erased, a server is in no input any more; what stays says so.
    let erase = ["erase", "server", &Estate::name(1), "--by", "A. Keeper", "--yes"];
    check(&at(later, &erase), 0, "assessments that stay and cannot be computed again from here");
    check(&verb(data.path(), &["bundle", "1", "--out", &path("no")]), 1, "no longer what the store holds");
    assert!(!Path::new(&path("no")).exists());
    check(&verify(&file, &[]), 0, "SAME");
}
