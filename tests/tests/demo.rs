//! The demo: a whole assessment with nothing installed, simulated parts marked as simulated, and a report that a
//! browser shows.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_tests::harness::browser::look_at;
use cairn_tests::harness::{cairn, fresh_dir, run, skip};

#[test]
fn a_small_demo_ends_with_a_report() {
    let out = fresh_dir("demo");
    let mut command = cairn(&["demo", "--servers", "40", "--days", "28", "--no-serve", "--out"]);
    command.arg(out.path());
    let done = run(command);
    assert_eq!(done.code(), 0, "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.to_lowercase().contains("simulated"), "{}", done.stdout);

    let text = std::fs::read_to_string(out.path().join("assessment.json")).unwrap();
    let assessment: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(assessment["schema"], "cairn.assessment/1");
    assert_eq!(assessment["estate"]["simulated"], 40);
    let servers = assessment["estate"]["servers"].as_u64().unwrap();
    assert_eq!(servers, 41, "the simulated ones and this machine");
    let plan = &assessment["consolidation"];
    assert!(plan["hosts"].as_u64().unwrap() >= plan["lower_bound_hosts"].as_u64().unwrap());

    let report = out.path().join("report.html");
    let Some(seen) = look_at(&format!("file://{}", report.display()), "demo-report.png", (1_000, 2_800))
    else {
        return skip("the demo's report in a browser", "no chromium here");
    };
    assert_eq!((seen.complaints, seen.asked_elsewhere), (vec![], vec![]));
    assert!(seen.dom.to_lowercase().contains("simulated"));
}
