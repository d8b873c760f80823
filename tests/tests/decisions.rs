//! What people decide, from outside: a sheet goes out, an owner answers it, a veto moves the server out of the first
//! wave, and the assessment says why. A CMDB's export is compared with what agents and imports say.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::time::Timestamp;
use cairn_tests::harness::csv::Estate;
use cairn_tests::harness::sheet::{cells_of, fill, row_of, save};
use cairn_tests::harness::{Done, FreshDir, cairn, fresh_dir, run};
use serde_json::Value;
use std::path::{Path, PathBuf};

const FORMULA: &str = "=cmd|' /C calc'!A0";
const SCRIPT: &str = "<script>alert(1)</script>";

/// A store with a measured estate, and folders beside it.
struct Engagement {
    home: FreshDir,
    estate: Estate,
}

impl Engagement {
    /// Servers of IT, but the last one: its owner and its system are hostile texts.
    fn measured() -> Self {
        let begin = Timestamp::parse_rfc3339("2026-09-28T00:00:00Z").unwrap();
        let engagement =
            Self { home: fresh_dir("decisions"), estate: Estate { servers: 6, begin, days: 35 } };
        let files = engagement.home.path().join("csv");
        std::fs::create_dir(&files).unwrap();
        engagement.estate.write(&files);
        let servers = std::fs::read_to_string(files.join("servers.csv")).unwrap();
        let hostile = |line: &str| {
            line.replace(",IT,", &format!(",{FORMULA},")).replace("Debian GNU/Linux 12", SCRIPT) + "\n"
        };
        let last = Estate::name(5);
        let lines = servers
            .lines()
            .map(|line| if line.starts_with(&last) { hostile(line) } else { format!("{line}\n") });
        std::fs::write(files.join("servers.csv"), lines.collect::<String>()).unwrap();
        assert_eq!(engagement.verb(&["import", "csv", files.to_str().unwrap()]).code(), 0);
        engagement
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    fn verb(&self, arguments: &[&str]) -> Done {
        let mut command = cairn(arguments);
        command.arg("--data").arg(self.path("store")).env("CAIRN_NOW", "2026-11-25T12:00:00Z");
        run(command)
    }

    fn assess(&self) -> Value {
        let (from, to) = (self.estate.begin.to_string(), self.estate.end().to_string());
        self.verb(&["assess", "--json", "--from", &from, "--to", &to]).json()
    }

    /// Imports a sheet filled in by somebody.
    fn answer(&self, sheet: &str, by: &str, answers: &[(&str, &str, &str, &str)]) -> PathBuf {
        let cells = fill(&self.path("sheets").join(sheet), by, answers);
        let saved = self.path(&format!("{by}-{sheet}"));
        save(&cells, &saved);
        saved
    }

    fn take(&self, sheets: &[&Path]) -> Done {
        let mut arguments = vec!["sheets", "import", "--by", "Consultant"];
        arguments.extend(sheets.iter().map(|sheet| sheet.to_str().unwrap()));
        self.verb(&arguments)
    }
}

fn first_wave(assessment: &Value) -> Vec<&str> {
    let servers = assessment["waves"][0]["servers"].as_array().unwrap();
    servers.iter().map(|server| server.as_str().unwrap()).collect()
}

fn server<'a>(assessment: &'a Value, name: &str) -> &'a Value {
    let servers = assessment["readiness"]["servers"].as_array().unwrap();
    servers.iter().find(|server| server["server"] == name).unwrap()
}

#[test]
fn an_owners_veto_moves_a_server_out_of_the_first_wave() {
    let engagement = Engagement::measured();
    let before = engagement.assess();
    assert!(first_wave(&before).contains(&"srv-000"), "{:?}", before["waves"]);
    let sheets = engagement.path("sheets");
    let exported = engagement.verb(&["sheets", "export", "--out", sheets.to_str().unwrap()]);
    assert_eq!(exported.code(), 0, "{}", exported.stderr);

    // Hostile text is there, and is text.
    let hostile = cells_of(&sheets.join("cmd-c-calc-a0.xlsx"));
    assert!(hostile.values().any(|text| text == FORMULA) && hostile.values().any(|text| text == SCRIPT));

    let words = "it is the till; =1+1 <script>alert(2)</script>";
    let no = [("srv-000", "move", "no", words), ("srv-001", "move", "yes", "")];
    let filled = engagement.answer("it.xlsx", "Ada", &no);
    let taken = engagement.take(&[&filled]);
    assert_eq!(
        (taken.code(), taken.stdout.lines().next().unwrap()),
        (0, "2 answers taken, 0 known already, 1 decisions made")
    );

    let after = engagement.assess();
    assert!(!after["waves"].to_string().contains("srv-000"), "{:?}", after["waves"]);
    assert_ne!(before["inputs_sha256"], after["inputs_sha256"]);
    let stay = &after["consolidation"]["stay"][0];
    assert_eq!((&stay["server"], &stay["reason"]), (&"srv-000".into(), &"vetoed".into()));
    let why = &server(&after, "srv-000")["findings"][0];
    assert_eq!(why["message_id"], "decisions.veto");
    assert_eq!((&why["args"]["by"], &why["args"]["words"]), (&"Ada".into(), &words.into()));
    assert_eq!(after["decisions"][0]["effect"], "followed");
    let page = engagement.path("report.html");
    assert_eq!(engagement.verb(&["report", "--format", "html", "--out", page.to_str().unwrap()]).code(), 0);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("Ada has vetoed its move") && page.contains("it is the till"));
    assert!(!page.contains("<script>alert"), "hostile text stays text");

    // The same sheet again changes nothing; a re-scan does not forget; withdrawn, it no longer counts.
    assert!(engagement.take(&[&filled]).stdout.starts_with("0 answers taken, 2 known already"));
    let files = engagement.path("csv");
    assert_eq!(engagement.verb(&["import", "csv", files.to_str().unwrap()]).code(), 0);
    assert!(!first_wave(&engagement.assess()).contains(&"srv-000"));
    assert_eq!(engagement.verb(&["decide", "withdraw", "1", "--by", "Ada"]).code(), 0);
    assert!(first_wave(&engagement.assess()).contains(&"srv-000"));
    assert!(engagement.verb(&["decide", "list", "--all"]).stdout.contains("withdrawn by Ada"));
}

#[test]
fn answers_that_clash_are_shown_and_none_is_taken() {
    let engagement = Engagement::measured();
    let _ = engagement.assess();
    let sheets = engagement.path("sheets");
    let export = || engagement.verb(&["sheets", "export", "--out", sheets.to_str().unwrap()]);
    assert_eq!(export().code(), 0);
    let ada = engagement.answer(
        "it.xlsx",
        "Ada",
        &[("srv-000", "move", "no", "the till"), ("srv-001", "move", "yes", "")],
    );
    let bob = engagement.answer("it.xlsx", "Bob", &[("srv-000", "move", "yes", "")]);
    let refused = engagement.take(&[&ada, &bob]);
    assert_eq!(refused.code(), 1);
    assert!(refused.stdout.contains("two answers: \"yes\" here, \"no\" of Ada"), "{}", refused.stdout);
    let none = |what: &str| {
        assert_eq!(engagement.verb(&["decide", "list", "--json"]).json(), serde_json::json!([]), "{what}");
        let facts = engagement.verb(&["facts", "show", "srv-001", "--json"]).json();
        assert_eq!(facts["owner_agreed"][0]["source"], "import csv servers.csv:3", "{what}");
    };
    none("after two answers");

    // A server that changed hands since the export, and one nobody knows.
    let owners = engagement.file("owners.csv", "server,owner\nsrv-000,Finance\n");
    assert_eq!(engagement.verb(&["facts", "import", &owners, "--by", "Cleo"]).code(), 0);
    let refused = engagement.take(&[&ada]);
    assert_eq!(refused.code(), 1);
    assert!(refused.stdout.contains("has changed since the sheet was exported"), "{}", refused.stdout);
    none("after a change");
    let mut cells = cells_of(&ada);
    let row = row_of(&cells, "srv-000", "move");
    cells.insert(("Questions".into(), row, 0), "srv-00O".into());
    let renamed = engagement.path("renamed.xlsx");
    save(&cells, &renamed);
    let refused = engagement.take(&[&renamed]);
    assert!(
        refused.stdout.contains("there is no server \"srv-00O\"; was \"srv-000\" meant?"),
        "{}",
        refused.stdout
    );
    none("after an unknown server");
}

#[test]
fn bad_decisions_are_named_and_an_issued_assessment_names_its_signer() {
    let engagement = Engagement::measured();
    let _ = engagement.assess();
    let bad = engagement
        .file("d.csv", "server,kind,rule,by,words\nsrv-000,veto,,Ada,no\nsrv-001,exception,apliance,Ada,x\n");
    let refused = engagement.verb(&["decide", "import", &bad, "--by", "Ada"]);
    assert_eq!(refused.code(), 1);
    assert!(refused.stdout.contains("d.csv:3:rule: there is no rule \"apliance\"; was \"appliance\" meant?"));
    assert_eq!(engagement.verb(&["decide", "list", "--json"]).json(), serde_json::json!([]));
    let unknown = engagement.verb(&["decide", "veto", "srv-0000", "--by", "Ada", "--why", "x"]);
    assert_eq!(unknown.code(), 1);
    assert!(unknown.stderr.contains("was \"srv-000\" meant?"), "{}", unknown.stderr);

    let sign = |verb: &str, by: &str| engagement.verb(&["assessments", verb, "1", "--by", by]);
    assert_eq!(sign("issue", "Cleo").code(), 1, "a draft is reviewed first");
    assert_eq!(sign("review", "Bob").code(), 0);
    assert_eq!(sign("issue", "Cleo").code(), 0);
    assert_eq!(sign("issue", "Dora").code(), 1, "once is enough");
    let listed = engagement.verb(&["assessments", "--json"]).json();
    assert_eq!((&listed[0]["reviewed"]["by"], &listed[0]["issued"]["by"]), (&"Bob".into(), &"Cleo".into()));
    let page = engagement.path("report.html");
    assert_eq!(
        engagement.verb(&["report", "1", "--format", "html", "--out", page.to_str().unwrap()]).code(),
        0
    );
    assert!(std::fs::read_to_string(page).unwrap().contains("issued, signed by Cleo on"));
}

#[test]
fn a_cmdb_is_mapped_and_compared() {
    let engagement = Engagement::measured();
    let mapping = "server = \"Name\"\n[columns.\"RAM GB\"]\nfact = \"memory_byte\"\ntimes = 1073741824\n";
    let file = engagement.file("m.toml", mapping);
    let refused = engagement.verb(&["facts", "mapping", "now", &file, "--by", "Ada"]);
    assert_eq!(refused.code(), 1);
    assert!(refused.stderr.contains("m.toml:3: there is no fact \"memory_byte\""), "{}", refused.stderr);
    let file = engagement.file("m.toml", &mapping.replace("memory_byte\"", "memory_bytes\""));
    assert_eq!(engagement.verb(&["facts", "mapping", "now", &file, "--by", "Ada"]).code(), 0);

    let take = |text: &str| {
        let file = engagement.file("cmdb.csv", text);
        engagement.verb(&["facts", "import", &file, "--mapping", "now", "--by", "Ada"])
    };
    let refused = take("Name,RAM GB\nsrv-000,16\nsrv-001,lots\n");
    assert_eq!(refused.code(), 1, "{}{}", refused.stdout, refused.stderr);
    assert!(
        refused.stdout.contains("cmdb.csv:3:RAM GB: \"lots\" is not a number of bytes"),
        "{}",
        refused.stdout
    );
    let reconcile = || engagement.verb(&["facts", "reconcile", "--json"]).json();
    assert_eq!(reconcile(), serde_json::json!([]), "nothing of the file was taken");

    assert_eq!(take("Name,RAM GB\nsrv-000,16\nsrv-001,32\nghost,8\n").code(), 0);
    let found = reconcile();
    let reasons: Vec<String> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|d| format!("{} {}", d["reason"].as_str().unwrap(), d["server"].as_str().unwrap()))
        .collect();
    let expected = [
        "only-in-cmdb ghost",
        "only-by-import srv-002",
        "only-by-import srv-003",
        "only-by-import srv-004",
        "only-by-import srv-005",
        "differs srv-000",
    ];
    assert_eq!(reasons, expected);
    let says = found[5]["words"].as_str().unwrap().replace('\u{a0}', " ");
    assert!(says.starts_with("memory_bytes differs: ") && says.contains("cmdb now says 16 GiB"), "{says}");
    let table = engagement.verb(&["facts", "reconcile"]).stdout;
    assert!(table.contains("differences: 1 differs, 4 only-by-import, 1 only-in-cmdb"), "{table}");
}
