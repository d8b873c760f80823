//! A CMDB's export is taken whole or not at all, and never above what was seen.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::engagements::Engagements;
use crate::store::Store as _;
use crate::store::register::Register as _;
use crate::store::sqlite::SqliteStore;
use cairn_schemas::fact::{FactValue, latest};

const NOW: Timestamp = Timestamp(1_795_000_000);
const MAPPING: &str = r#"
server = "Name"
updated = "Changed"
ignore = ["Sys ID"]
[columns."RAM (GB)"]
fact = "memory_bytes"
times = 1073741824
skip = ["n/a"]
[columns.Status]
fact = "retire"
words = { "In use" = "no", "Retiring" = "yes" }
[columns.Rack]
fact = "tag.rack"
"#;

fn imported(store: &SqliteStore, text: &str) -> ImportReport {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cmdb.csv");
    std::fs::write(&path, text).unwrap();
    let mut context = Context {
        store,
        engagements: &Engagements::new(dir.path()),
        expect_keys: &[],
        server: None,
        now: NOW,
        progress: &mut |_, _| (),
    };
    let mapping = parse("m.toml", MAPPING).unwrap();
    import(&path, ("now", &mapping), "Ada", &mut context).unwrap()
}

fn store() -> SqliteStore {
    SqliteStore::in_memory(&"default".parse().unwrap()).unwrap()
}

#[test]
fn columns_words_and_units_are_mapped() {
    let store = store();
    let text = "Name,RAM (GB),Status,Rack,Sys ID,Changed,Colour\nweb1,64,in use,r7,x,2026-01-02 03:04:05,red\nweb2,N/A,,,,,\n";
    let report = imported(&store, text);
    assert!(!report.is_partial(), "{:?}", report.problems);
    let facts = store.facts("web1").unwrap();
    let memory = latest(&facts, "memory_bytes").unwrap();
    assert_eq!((memory.value.as_number(), memory.unit.as_str()), (Some(64.0 * 1_073_741_824.0), "bytes"));
    assert_eq!(
        (memory.source.as_str(), memory.observed_at.date().as_str()),
        ("cmdb now cmdb.csv:2", "2026-01-02")
    );
    assert_eq!(latest(&facts, "retire").unwrap().value, FactValue::Bool(false));
    assert_eq!(latest(&facts, "tag.rack").unwrap().value.as_text(), Some("r7"));
    assert!(report.files[0].notes[0].contains("\"Colour\""), "{:?}", report.files[0].notes);
    assert!(store.audit_log().unwrap().last().unwrap().2.contains("by mapping now"));
}

#[test]
fn one_bad_row_and_nothing_is_taken() {
    let check = |text: &str, expected: &str| {
        let store = store();
        let report = imported(&store, text);
        let said = report.problems[0].to_string();
        assert!(said.rsplit('/').next().unwrap().starts_with(expected), "{said}");
        assert!(report.is_failure() && store.all_facts().unwrap().is_empty());
    };
    let header = "Name,RAM (GB),Status,Rack,Changed\n";
    let row = |row: &str| format!("{header}web1,64,In use,r7,\n{row}\n");
    check(
        &row("web2,64,Retirng,r7,"),
        "cmdb.csv:3:Status: \"Retirng\" is none of the words of the mapping, In use, Retiring; was \"Retiring\" meant?",
    );
    check(&row("web2,many,,,"), "cmdb.csv:3:RAM (GB): \"many\" is not a number of bytes");
    check(&row("web2,64,,,yesterday"), "cmdb.csv:3:Changed: \"yesterday\" is no time");
    check(&row("web1,32,,,"), "cmdb.csv:3:memory_bytes: the server has another value at cmdb now cmdb.csv:2");
    check(&row(",64,,,"), "cmdb.csv:3:server: is empty");
    check(
        "Name,RAM GB,Status,Rack,Changed\n",
        "cmdb.csv:1:RAM (GB): the mapping names this column and the file has none; was \"RAM GB\" meant?",
    );
}

#[test]
fn what_an_agent_saw_or_a_person_confirmed_stays() {
    let store = store();
    let fact = |bytes: f64, source: &str, by: Option<&str>| Fact {
        value: FactValue::Number(bytes),
        unit: "bytes".into(),
        source: source.into(),
        observed_at: Timestamp(9),
        valid_from: None,
        confirmed_by: by.map(str::to_owned),
    };
    store.put_facts("web1", &[("memory_bytes".into(), fact(1e9, "agent", None))]).unwrap();
    store.put_facts("web2", &[("memory_bytes".into(), fact(2e9, "person", Some("Ada")))]).unwrap();
    let text = "Name,RAM (GB),Status,Rack,Changed\nweb1,64,,,\nweb2,64,,,\nweb3,64,,,\n";
    let report = imported(&store, text);
    assert!(report.files[0].notes.iter().any(|note| note.starts_with("2 values stand beside")));
    let believed =
        |server: &str| latest(&store.facts(server).unwrap(), "memory_bytes").unwrap().value.as_number();
    assert_eq!((believed("web1"), believed("web2")), (Some(1e9), Some(2e9)));
    assert_eq!(believed("web3"), Some(64.0 * 1_073_741_824.0));
    let origins = |server: &str| -> Vec<String> {
        store.statements().unwrap()[server].iter().map(|said| said.origin.clone()).collect()
    };
    assert_eq!(origins("web1"), ["agent", "cmdb now"]);
    // The next export is all the CMDB says.
    imported(&store, "Name,RAM (GB),Status,Rack,Changed\nweb3,64,,,\n");
    assert_eq!(origins("web1"), ["agent"]);
}
