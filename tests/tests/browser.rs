//! What a person opens: the report and the pages, in a real browser.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::time::Timestamp;
use cairn_tests::harness::browser::{Seen, look_at, printed_pages};
use cairn_tests::harness::{Collector, agent, csv, fresh_dir, run, skip};

/// A4 at a scale a person reads.
const REPORT: (u32, u32) = (1_000, 2_800);
const PAGE: (u32, u32) = (1_280, 1_600);
const PHONE: (u32, u32) = (500, 1_600);
/// Every page, and what stands on it.
const PAGES: &[(&str, &[&str])] = &[
    ("", &["srv-000", "Where the load is concentrated"]),
    ("servers", &["srv-000", "12 servers"]),
    ("server?name=srv-000", &["CPU in use, hour by hour", "Readiness:"]),
    ("plan", &["slide-cpu", "as the policy has them"]),
    ("whatif?cpu=60", &["as moved"]),
    ("risk", &["Would it have held?"]),
    ("journey", &["aria-current=\"page\""]),
    ("assessments", &["report.html"]),
    ("administration", &["To do something about it"]),
];

fn check(seen: Option<Seen>, words: &[&str]) {
    let Some(seen) = seen else { return skip("pages in a browser", "no chromium here") };
    assert_eq!(seen.complaints, [""; 0], "{}", seen.picture.display());
    assert_eq!(seen.asked_elsewhere, [""; 0], "{}", seen.picture.display());
    for word in words {
        assert!(seen.dom.contains(word), "{word:?} is not on the page: {}", seen.picture.display());
    }
}

#[test]
fn a_planted_fault_would_be_seen() {
    let folder = fresh_dir("planted");
    let page = folder.path().join("page.html");
    let text = "<!doctype html><title>x</title><img src=\"http://192.0.2.1/x.png\"><script>boo()</script>";
    std::fs::write(&page, text).unwrap();
    let Some(seen) = look_at(&format!("file://{}", page.display()), "planted.png", PAGE) else {
        return skip("pages in a browser", "no chromium here");
    };
    assert_eq!(seen.asked_elsewhere, ["http://192.0.2.1/x.png"]);
    assert!(seen.complaints.iter().any(|line| line.contains("boo is not defined")), "{:?}", seen.complaints);
}

#[test]
fn report_and_pages_show_without_complaint_and_without_internet() {
    let begin = Timestamp::parse_rfc3339("2026-09-28T00:00:00Z").unwrap();
    let estate = csv::Estate { servers: 12, begin, days: 35 };
    let mut collector = Collector::start();
    let files = fresh_dir("csv");
    estate.write(files.path());
    let imported = collector.verb(&["import", "csv", files.path().to_str().unwrap()]);
    assert_eq!(imported.code(), 0, "{}{}", imported.stdout, imported.stderr);
    let _ = collector.assess(&begin.to_string(), &estate.end().to_string());
    let report = files.path().join("report.html");
    let made = collector.verb(&["report", "--format", "html", "--out", report.to_str().unwrap()]);
    assert_eq!(made.code(), 0, "{}", made.stderr);

    check(look_at(&format!("file://{}", report.display()), "report.png", REPORT), &["srv-000"]);
    for (path, words) in PAGES {
        let picture = format!("page-{}.png", path.split(['?', '/']).next().unwrap_or_default());
        let link = || collector.link_to(&format!("/e/default/{path}"));
        check(look_at(&link(), &picture, PAGE), words);
        check(look_at(&link(), &format!("phone-{picture}"), PHONE), words);
    }
    collector.stop();
}

/// A change board gets paper, or what looks like it.
#[test]
fn the_change_pack_has_five_pages() {
    let folder = fresh_dir("pack");
    let pack = folder.path().join("pack.html");
    let made =
        run(agent(&["change-pack", "--data", "/var/lib/cairn-agent", "--out", pack.to_str().unwrap()]));
    assert_eq!(made.code(), 0, "{}", made.stderr);
    match printed_pages(&format!("file://{}", pack.display())) {
        None => skip("the change pack on paper", "no chromium here"),
        Some(pages) => assert_eq!(pages, 5),
    }
}
