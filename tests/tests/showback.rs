//! What owners are shown: the catalogue and the showback of an imported estate, the same in JSON, CSV, words and reports,
//! and adding up to the cent.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::time::Timestamp;
use cairn_tests::harness::csv::Estate;
use cairn_tests::harness::{Done, FreshDir, cairn, fresh_dir, run};
use serde_json::Value;

fn verb(store: &FreshDir, arguments: &[&str]) -> Done {
    let mut command = cairn(arguments);
    command.arg("--data").arg(store.path()).env("CAIRN_NOW", "2026-11-25T12:00:00Z");
    run(command)
}

/// An assessed estate of servers of three owners and nobody, one of them leased at a rate that no file says.
fn assessed() -> (FreshDir, Value) {
    let (store, files) = (fresh_dir("store"), fresh_dir("csv"));
    let estate =
        Estate { servers: 8, begin: Timestamp::parse_rfc3339("2026-10-19T00:00:00Z").unwrap(), days: 35 };
    estate.write(files.path());
    let path = files.path().join("servers.csv");
    let owners = ["Finance", "Sales", "\"=cmd()\"", ""];
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines = text.lines();
    let mut changed =
        format!("{},application,criticality,lease_end\n", lines.next().unwrap().replace(",owner,", ",was,"));
    changed = changed.replacen("server,", "server,owner,", 1);
    for (n, line) in lines.enumerate() {
        let (name, rest) = line.split_once(',').unwrap();
        let (criticality, lease) = (["high", "low", ""][n % 3], if n == 1 { "2028-01-01" } else { "" });
        changed += &format!("{name},{},{rest},erp,{criticality},{lease}\n", owners[n % 4]);
    }
    std::fs::write(&path, changed).unwrap();
    let imported = verb(&store, &["import", "csv", files.path().to_str().unwrap()]);
    assert_eq!(imported.code(), 0, "{}{}", imported.stdout, imported.stderr);
    let (from, to) = (estate.begin.to_string(), estate.end().to_string());
    let assessment = verb(&store, &["assess", "--json", "--from", &from, "--to", &to]).json();
    (store, assessment)
}

fn cents(line: &Value, what: &str) -> i64 {
    line[what]["base"].as_i64().unwrap_or_else(|| panic!("{what} of {line}"))
}

#[test]
fn owners_are_shown_what_adds_up_however_they_are_told() {
    let (store, assessment) = assessed();
    let catalogue = verb(&store, &["catalogue", "--json"]).json();
    let showback = verb(&store, &["showback", "1", "--json"]).json();
    assert_eq!((&catalogue, &showback), (&assessment["service_catalogue"], &assessment["showback"]));

    let (owners, total) = (showback["owners"].as_array().unwrap(), &showback["total"]);
    assert_eq!(owners.len(), 4);
    assert!(
        owners[3]["owner"].is_null() && owners[3]["count"] == 2,
        "nobody's servers are a line of their own"
    );
    for what in ["today", "proposed", "today_labour", "proposed_labour"] {
        for lines in [owners, showback["applications"].as_array().unwrap()] {
            assert_eq!(lines.iter().map(|line| cents(line, what)).sum::<i64>(), cents(total, what), "{what}");
        }
    }
    let sold: i64 = catalogue["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| cents(entry, "rate") * entry["count"].as_i64().unwrap())
        .sum();
    assert_eq!(sold, cents(total, "proposed"), "all of them move");
    assert_eq!(sold + cents(&showback, "unsold"), cents(&catalogue["pool"], "cash"));
    assert_eq!(total["today_missing"][0]["input"], "annual_lease_cost");
    assert!(total["change"].is_null(), "what is not known is no difference");

    let csv = verb(&store, &["showback", "--csv"]).stdout;
    let today = format!("{:.2}", cents(total, "today") as f64 / 100.0);
    let all = csv.lines().last().unwrap();
    assert!(all.starts_with("all,") && all.contains(&format!(",{today},")), "{all}");
    assert!(csv.contains("'=cmd()") && !csv.contains(",=cmd()"), "{csv}");
    assert_eq!(
        verb(&store, &["catalogue", "--csv"]).stdout.lines().count(),
        1 + catalogue["entries"].as_array().unwrap().len()
    );
    let words = verb(&store, &["showback"]).stdout;
    assert!(words.contains("(owner unknown)") && words.contains("annual_lease_cost (1 server)"), "{words}");
    assert!(verb(&store, &["showback", "--applications"]).stdout.contains("erp"));
    assert!(verb(&store, &["catalogue"]).stdout.contains("s-gold"));
    assert_eq!(verb(&store, &["catalogue", "9"]).code(), 3);
    assert_eq!(verb(&store, &["showback", "--csv", "--json"]).code(), 2);
    let why = verb(&store, &["explain", "1", "service_rate:s-gold", "--json"]).json();
    assert!(why["constants"].as_array().unwrap().iter().any(|constant| constant["id"] == "pool_cpu_share"));
}
