//! What people see in a browser: every page of the demo and its report file, light and dark, on a desk and on a phone,
//! judged by axe-core; the main tasks by keyboard alone; and names chosen to do harm.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::time::Timestamp;
use cairn_tests::harness::browser::{Driven, drive};
use cairn_tests::harness::{Collector, Running, cairn, csv, fresh_dir, note, run, sheet, skip, wait_for};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A demo that serves its pages.
struct Demo {
    running: Running,
    data: PathBuf,
    url: String,
}

impl Demo {
    fn start(out: &Path) -> Self {
        let mut command =
            cairn(&["demo", "--servers", "40", "--days", "28", "--agent-seconds", "6", "--out"]);
        command.arg(out);
        let mut running = Running::start("demo", command);
        let link = wait_for("the demo to serve", 300, || {
            assert!(running.ended().is_none(), "the demo ended: {}", running.stderr());
            let said = running.stdout();
            let serves = said.contains("until Ctrl-C");
            serves
                .then(|| said.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned())
        });
        let url = link.split('/').take(3).collect::<Vec<_>>().join("/");
        Self { running, data: out.join("data"), url }
    }

    /// A task for somebody who signs in with a link of their own.
    fn task(&self, pages: &Value) -> Value {
        let mut command = cairn(&["people", "link", "--json", "--engagement", "demo", "--data"]);
        command.arg(&self.data);
        json!({ "url": self.url, "enter": run(command).json()["link"], "pages": pages })
    }
}

/// Every page of an engagement by the name of its picture.
fn pages(engagement: &str, server: &str) -> Value {
    let path = |page: &str| format!("/e/{engagement}/{page}");
    json!({
        "overview": path(""), "servers": path("servers"), "server": path(&format!("server?name={server}")),
        "plan": path("plan"), "whatif": path("whatif?cpu=60"), "risk": path("risk"), "journey": path("journey"),
        "assessments": path("assessments"), "readiness": path("readiness"),
        "proposal": path("proposal"), "method": path("method"), "administration": path("administration"), "account": path("account"),
        "changes": path("changes"),
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
            for part in [
                "boo is not defined",
                "asked http://192.0.2.1/x.png",
                "axe label",
                "axe html-has-lang",
                "wider than",
            ] {
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

/// What somebody could call a server to do harm, and the longest name there may be.
fn hostile_names() -> Vec<String> {
    let names = [
        "<script>window.planted=1;alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\"><svg onload=alert(1)>",
        "a' onmouseover='alert(1)",
        "=cmd|' /C calc'!A0",
        "@SUM(1+1)",
        "right\u{202e}tfel",
        "../../etc/passwd",
        "up%2f..%2fdown",
        "asked?name=other",
        "part#anchor",
        "a&name=b",
        "plus+and space",
        "javascript:alert(1)",
        "{{7*7}}",
        "ümläut-日本",
    ];
    names.iter().map(|name| (*name).to_owned()).chain([format!("long-{}", "x".repeat(248))]).collect()
}

/// One cell of a CSV file.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[test]
fn names_chosen_to_do_harm_do_none() {
    let begin = Timestamp::parse_rfc3339("2026-09-28T00:00:00Z").unwrap();
    let names = hostile_names();
    let estate = csv::Estate { servers: names.len(), begin, days: 2 };
    let files = fresh_dir("hostile");
    let renamed = |text: String| {
        let rename = |line: &str| {
            let (first, rest) = line.split_once(',').unwrap();
            let place = (0..names.len()).find(|server| csv::Estate::name(*server) == first);
            format!("{},{rest}\n", place.map_or_else(|| first.to_owned(), |place| quoted(&names[place])))
        };
        text.lines().map(rename).collect::<String>()
    };
    std::fs::write(files.path().join("servers.csv"), renamed(estate.servers_csv())).unwrap();
    std::fs::write(files.path().join("samples.csv"), renamed(estate.samples_csv())).unwrap();
    let mut collector = Collector::start();
    let imported = collector.verb(&["import", "csv", files.path().to_str().unwrap()]);
    assert_eq!(imported.code(), 0, "{}{}", imported.stdout, imported.stderr);
    let assessment = collector.assess(&begin.to_string(), &estate.end().to_string());
    let servers = assessment["readiness"]["servers"].as_array().unwrap();
    let known: Vec<&str> = servers.iter().map(|server| server["server"].as_str().unwrap()).collect();
    let missing: Vec<&String> = names.iter().filter(|name| !known.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "not taken: {missing:?} of {known:?}");

    no_names_at_all(&collector, files.path());
    harmless_files(&collector, files.path());
    let task = json!({
        "url": collector.url(), "enter": collector.link_to("/e/default/"), "names": names, "pages": pages("default", "part%23anchor"),
    });
    done("names chosen to do harm", drive("hostile.mjs", task));
    collector.stop();
}

/// What steers a terminal, and 255 bytes, are not taken for names; what is said of them steers none either.
fn no_names_at_all(collector: &Collector, folder: &Path) {
    let folder = folder.join("none");
    std::fs::create_dir(&folder).unwrap();
    let long = "x".repeat(255);
    std::fs::write(folder.join("servers.csv"), format!("server\n{}\n{long}\n", quoted("red\u{1b}[31m")))
        .unwrap();
    std::fs::write(folder.join("samples.csv"), "server,timestamp,cpu_busy_ratio\n").unwrap();
    let refused = collector.verb(&["import", "csv", folder.to_str().unwrap()]);
    assert_ne!(refused.code(), 0);
    let said = refused.stdout + &refused.stderr;
    assert!(said.contains("servers.csv:2:server") && said.contains("servers.csv:3:server"), "{said}");
    assert!(!said.contains('\u{1b}'), "a terminal is steered by {said:?}");
}

/// No file and no terminal is steered by a name, and no spreadsheet computes one.
fn harmless_files(collector: &Collector, folder: &Path) {
    for format in ["html", "csv", "xlsx"] {
        let file = folder.join(format!("report.{format}"));
        let made = collector.verb(&["report", "--format", format, "--out", file.to_str().unwrap()]);
        assert_eq!(made.code(), 0, "{format}: {}", made.stderr);
        if format == "xlsx" {
            let (texts, formulas) = sheet::texts_and_formulas(&file);
            assert!(texts.iter().any(|text| text.contains("SUM(1+1)")), "the names are not in the workbook");
            let computed = formulas.iter().find(|text| text.contains("SUM(1+1)") || text.contains("cmd"));
            assert_eq!(computed, None, "a name is a formula");
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        for part in ["\u{1b}", "\u{202e}"] {
            assert!(!text.contains(part), "{format} holds {part:?}");
        }
        for part in ["<script>window", "<img src=x", "<svg onload", "' onmouseover"] {
            assert!(format != "html" || !text.contains(part), "{format} holds {part}");
        }
        let computed =
            |line: &&str| format == "csv" && line.trim_start_matches('"').starts_with(['=', '@', '+']);
        assert_eq!(text.lines().find(computed), None, "a spreadsheet would compute this");
    }
    let shown = collector.verb(&["assess", "--from", "2026-09-28T00:00:00Z", "--to", "2026-09-30T00:00:00Z"]);
    assert!(!shown.stdout.contains(['\u{1b}', '\u{202e}']), "{}", shown.stdout);
}
