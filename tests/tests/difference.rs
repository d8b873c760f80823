//! Two assessments of one store, and what `cairn diff` says of them: parts that add up, causes told apart, exit codes.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::change::{AssessmentChange, Cause, ChangeBasis};
use cairn_schemas::time::Timestamp;
use cairn_tests::harness::csv::Estate;
use cairn_tests::harness::{Done, FreshDir, cairn, fresh_dir, run};
use std::path::Path;

fn verb(data: &Path, arguments: &[&str]) -> Done {
    let mut command = cairn(arguments);
    command.arg("--data").arg(data).env("CAIRN_NOW", "2026-11-25T12:00:00Z");
    run(command)
}

/// What a difference says, and the causes it names.
fn told(done: &Done) -> (AssessmentChange, Vec<Cause>) {
    let told: AssessmentChange = serde_json::from_str(&done.stdout).expect(&done.stderr);
    for figure in &told.figures {
        let sum: i64 = figure.parts.iter().map(|part| part.change).sum();
        assert_eq!(figure.change.unwrap_or(0), sum, "{figure:?}");
    }
    let mut causes: Vec<Cause> = told.figures.iter().flat_map(|f| &f.parts).map(|part| part.cause).collect();
    causes.sort();
    causes.dedup();
    (told, causes)
}

/// The report of the later one has the same change in its section, and the same bytes twice.
fn the_report_says_it(data: &FreshDir, files: &FreshDir, change: &AssessmentChange) {
    let out = files.path().join("report.html");
    let written = |since: &[&str]| {
        let report = ["report", "2", "--format", "html", "--out", out.to_str().unwrap()];
        let done = verb(data.path(), &[&report, since].concat());
        (done.code() == 0).then(|| std::fs::read_to_string(&out).unwrap()).ok_or(done)
    };
    let page = written(&["--since", "last"]).unwrap();
    assert_eq!(written(&["--since", "1"]).unwrap(), page);
    let section = page.split("<section id=\"changes\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(section.contains("settings of the policy"), "{section}");
    let hosts = change.figures.iter().find(|figure| figure.id == "all_hosts").unwrap();
    assert!(section.contains(&format!("+{}", hosts.change.unwrap())), "{hosts:?} in {section}");
    assert!(section.contains("class=\"step-more\""), "it is drawn");
    assert!(written(&[]).unwrap().contains("There is no earlier assessment to compare with"));
    for (since, code) in [("9", 1), ("2", 1), ("first", 1)] {
        let refused = written(&["--since", since]).unwrap_err();
        assert_eq!(refused.code(), code, "{}", refused.stderr);
    }
}

#[test]
fn a_policy_and_what_was_learnt_are_told_apart() {
    let (data, files) = (fresh_dir("difference-store"), fresh_dir("difference-files"));
    let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let begin = Timestamp::parse_rfc3339("2026-10-05T00:00:00Z").unwrap();
    Estate { servers: 6, begin, days: 14 }.write(files.path());
    let done = |arguments: &[&str]| {
        let done = verb(data.path(), arguments);
        assert_eq!(done.code(), 0, "{arguments:?}: {}{}", done.stdout, done.stderr);
    };
    done(&["import", "csv", files.path().to_str().unwrap()]);
    let (first, policy) = (path("1.evidence"), path("policy.toml"));
    std::fs::write(&policy, "name = \"tight\"\n[limits]\nmemory_ratio = 0.01\n").unwrap();
    done(&["assess", "--bundle", &first]);
    done(&["assess", "--policy", &policy]);

    assert_eq!(verb(data.path(), &["diff", "1", "1"]).code(), 0, "nothing changed");
    let by_policy = verb(data.path(), &["diff", "1", "2", "--policy", &policy, "--json"]);
    let (change, causes) = told(&by_policy);
    assert_eq!((change.basis, causes), (ChangeBasis::Recomputed, vec![Cause::Policy]));
    assert_eq!(change.figures.len(), 23);
    // What both were computed from is kept with them, their policies too.
    let kept = verb(data.path(), &["diff", "1", "2", "--json"]);
    assert_eq!(told(&kept), (change, vec![Cause::Policy]));
    let text = verb(data.path(), &["diff", "1", "2", "--policy", &policy]);
    assert!([10, 11].contains(&text.code()), "{}{}", text.stdout, text.stderr);
    assert!(text.stdout.contains("verdict") && text.stdout.contains("policy"), "{}", text.stdout);

    the_report_says_it(&data, &files, &told(&kept).0);

    // What is learnt about a server changes neither what is kept with the first one nor its evidence.
    std::fs::write(path("facts.csv"), "server,appliance\nsrv-001,true\n").unwrap();
    done(&["facts", "import", &path("facts.csv"), "--by", "A. Person"]);
    done(&["assess"]);
    let since = told(&verb(data.path(), &["diff", "1", "3", "--json"]));
    assert_eq!((since.0.basis, since.1), (ChangeBasis::Recomputed, vec![Cause::Knowledge]));
    let known = told(&verb(data.path(), &["diff", &first, "3", "--json"]));
    assert_eq!((known.0.basis, known.1), (ChangeBasis::Recomputed, vec![Cause::Knowledge]));

    assert_eq!(verb(data.path(), &["diff", "1", "9"]).code(), 3);
    assert_eq!(verb(data.path(), &["diff", "1", "no-such-file"]).code(), 3);
}
