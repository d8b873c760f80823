//! What the program prints can be read by another program, verb by verb, and is not broken into lines where nobody reads
//! it.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::time::Timestamp;
use cairn_tests::harness::{cairn, csv, fresh_dir, run};

/// Verbs in an order in which each finds what it needs; `FILES` is a folder.
const LINES: &[&str] = &[
    "import csv FILES",
    "facts show srv-000",
    "facts mapping",
    "facts mapping now FILES/mapping.toml --by ME",
    "facts mapping now",
    "facts reconcile",
    "assess",
    "assess --bundle FILES/1.evidence",
    "verify FILES/1.evidence",
    "bundle 1 --out FILES/again.evidence",
    "diff 1 2",
    "assessments",
    "assessments list",
    "assessments review 1 --by ME",
    "assessments issue 1 --by ME",
    "explain 1",
    "whatif --cpu-limit 0.9",
    "journey",
    "journey phases",
    "journey record hardware-refresh --by ME --on 2026-10-01",
    "journey moment first-live-migration --by ME --on 2026-10-01",
    "checklist",
    "decide veto srv-000 --by ME --why because",
    "decide list",
    "decide withdraw 1 --by ME",
    "outcome freeze srv-001 --by ME",
    "outcome plan 1 --wave 1 --due 2026-12-31 --by ME",
    "outcome step srv-001 moved --by ME",
    "outcome late srv-001 --cause ours --why time --by ME",
    "outcome add downtime --owner ME --unit h --baseline 8 --baseline-on 2026-10-01 --target 2 --due 2026-12-31 --by ME",
    "outcome realised 1 --indicator 4 --basis measured --by ME",
    "outcome compare",
    "outcome list",
    "sheets export --out FILES/sheets",
    "rules list",
    "rules show guest-os",
    "agents",
    "people add Ada --role admin --no-password",
    "people add Bob --role viewer --no-password",
    "people role Bob assessor",
    "people link Bob --url http://127.0.0.1:8443",
    "people",
    "people list",
    "people sessions revoke --all",
    "people remove Bob",
    "token create --url http://127.0.0.1:8443",
    "directives",
    "directives set --pause --by ME",
    "directives clear --by ME",
    "schedule add weekly --cron",
    "schedule",
    "schedule runs",
    "schedule run-due",
    "schedule remove weekly --by ME",
    "retention show",
    "retention apply --dry-run",
    "backup --out FILES/backup.zst",
    "backup --list",
    "check",
    "erase server srv-003 --by ME",
];

#[test]
fn every_verb_answers_in_json() {
    let (home, files) = (fresh_dir("command-line"), fresh_dir("files"));
    let begin = Timestamp::parse_rfc3339("2026-09-28T00:00:00Z").unwrap();
    csv::Estate { servers: 4, begin, days: 8 }.write(files.path());
    let mapping = "server = \"CI\"\n[columns.RAM]\nfact = \"memory_bytes\"\n";
    std::fs::write(files.path().join("mapping.toml"), mapping).unwrap();
    let folder = files.path().to_str().unwrap();
    for line in LINES {
        let mut words: Vec<String> = line.split(' ').map(|word| word.replace("FILES", folder)).collect();
        if line.ends_with("--cron") {
            words.extend(["0 6 * * mon", "--by", "ME"].map(str::to_owned));
        }
        let words: Vec<&str> = words.iter().map(String::as_str).chain(["--json"]).collect();
        let mut command = cairn(&words);
        if !["rules", "verify"].contains(&words[0]) {
            command.arg("--data").arg(home.path());
        }
        command.env("CAIRN_NOW", "2026-10-06T00:00:00Z");
        let done = run(command);
        assert_eq!(done.code(), 0, "cairn {line}: {}{}", done.stdout, done.stderr);
        let json: Result<serde_json::Value, _> = serde_json::from_str(&done.stdout);
        assert!(json.is_ok(), "cairn {line} printed {}", done.stdout);
    }
}
