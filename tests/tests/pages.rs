//! What people see in a browser: every page of the demo and its report file, light and dark, on a desk and on a phone,
//! judged by axe-core; the main tasks by keyboard alone; and names chosen to do harm.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_tests::harness::browser::{Driven, drive};
use cairn_tests::harness::{Running, cairn, fresh_dir, note, skip, wait_for};
use serde_json::{Value, json};
use std::path::Path;

/// A demo that serves its pages, and how to get in.
struct Demo {
    running: Running,
    url: String,
    /// The link that signs in.
    enter: Option<String>,
}

impl Demo {
    fn start(out: &Path) -> Self {
        let mut command = cairn(&["demo", "--servers", "40", "--days", "28", "--agent-seconds", "6", "--out"]);
        command.arg(out);
        let mut running = Running::start("demo", command);
        let link = wait_for("the demo to serve", 300, || {
            assert!(running.ended().is_none(), "the demo ended: {}", running.stderr());
            let said = running.stdout();
            let serves = said.contains("until Ctrl-C");
            serves.then(|| said.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned())
        });
        let url = link.split('/').take(3).collect::<Vec<_>>().join("/");
        Self { running, url, enter: link.contains("/enter").then_some(link) }
    }

    fn task(&self, pages: &Value) -> Value {
        json!({ "url": self.url, "enter": self.enter, "pages": pages })
    }
}

/// Every page of an engagement by the name of its picture.
fn pages(engagement: &str, server: &str) -> Value {
    let path = |page: &str| format!("/e/{engagement}/{page}");
    json!({
        "overview": path(""), "servers": path("servers"), "server": path(&format!("server?name={server}")),
        "plan": path("plan"), "whatif": path("whatif?cpu=60"), "risk": path("risk"), "journey": path("journey"),
        "assessments": path("assessments"), "administration": path("administration"),
    })
}

fn done(what: &str, found: Result<Driven, String>) {
    match found {
        Err(why) => skip(what, &why),
        Ok(found) => {
            found.measured.iter().for_each(|line| note(&format!("{what}: {line}")));
            assert!(found.faults.is_empty(), "{} faults:\n{}", found.faults.len(), found.faults.join("\n"));
        }
    }
}

#[test]
fn a_planted_fault_would_be_seen() {
    let folder = fresh_dir("planted");
    let page = folder.path().join("page.html");
    let text = "<!doctype html><title>x</title><img src=\"http://192.0.2.1/x.png\"><input><p style=\"width: 200vw\">x</p>\
                <script>boo()</script>";
    std::fs::write(&page, text).unwrap();
    let address = format!("file://{}", page.display());
    let task = json!({ "url": "http://127.0.0.1:9", "pages": { "planted": address, "plan": address } });
    match drive("look.mjs", task) {
        Err(why) => skip("faults planted for a browser", &why),
        Ok(found) => {
            let all = found.faults.join("\n");
            for part in ["boo is not defined", "asked http://192.0.2.1/x.png", "axe label", "axe html-has-lang", "wider than"] {
                assert!(all.contains(part), "{part:?} is not among\n{all}");
            }
        }
    }
}

#[test]
fn every_page_of_the_demo_is_good_to_look_at_and_to_work_with() {
    let out = fresh_dir("demo-pages");
    let mut demo = Demo::start(out.path());
    let assessment = std::fs::read(out.path().join("assessment.json")).unwrap();
    let assessment: Value = serde_json::from_slice(&assessment).unwrap();
    let planned = assessment["consolidation"]["placement"][0]["servers"][0].as_str().unwrap();
    let mut seen = pages("demo", planned);
    seen["report"] = format!("file://{}", out.path().join("report.html").display()).into();
    let task = demo.task(&seen);
    done("pages of the demo", drive("look.mjs", task));
    let task = demo.task(&seen);
    done("pages by keyboard", drive("keyboard.mjs", task));
    let _ = demo.running.terminate();
}
