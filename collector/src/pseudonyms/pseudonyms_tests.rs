//! No name is left, the same name is the same word, and with the key all of them come back.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::report::fixtures::{HOSTILE, one_server, rich};
use cairn_schemas::assessment::Realised;
use serde_json::Value;
use std::collections::BTreeSet;

fn key(byte: u8) -> Pseudonyms {
    Pseudonyms::new(&[byte; KEY_BYTES])
}

/// Every name of the fixtures that must not be found afterwards.
fn names(assessment: &Assessment) -> BTreeSet<String> {
    let servers = assessment.readiness.servers.iter().map(|server| server.server.clone());
    let owners = assessment.readiness.servers.iter().filter_map(|server| server.owner.clone());
    let excluded = assessment.estate.excluded.iter().map(|excluded| excluded.server.clone());
    let hosts =
        assessment.consolidation.iter().flat_map(|plan| plan.placement.iter().map(|host| host.host.clone()));
    let all = servers.chain(owners).chain(excluded).chain(hosts).chain([assessment.engagement.clone()]);
    all.chain(assessment.realised.iter().flat_map(registered)).collect()
}

/// Those of a register of outcomes.
fn registered(register: &Realised) -> Vec<String> {
    let seen = register.servers.iter().filter_map(|server| server.seen_as.clone());
    let sheets = register.before_after.iter();
    let sheets = sheets.flat_map(|sheet| {
        [sheet.server.clone(), sheet.frozen_by.clone()].into_iter().chain(sheet.seen_as.clone())
    });
    let outcomes = register.outcomes.iter().map(|found| &found.outcome);
    let outcomes = outcomes.flat_map(|outcome| {
        let said = outcome.realised.iter().flat_map(|said| [said.words.clone(), said.by.clone()]);
        said.chain([outcome.outcome.clone(), outcome.owner.clone(), outcome.by.clone()]).collect::<Vec<_>>()
    });
    let estate = register.estate.reappeared.iter().chain(&register.estate.grown).cloned();
    seen.chain(sheets).chain(outcomes).chain(estate).collect()
}

#[test]
fn no_name_is_left_anywhere() {
    let assessment = rich(60);
    let mut replaced = key(1).replace(&assessment).unwrap();
    // Models of CPUs and methods of sizing have names that are nobody's; the fixture's mean harm all the same.
    replaced.sizing = None;
    let text = serde_json::to_string(&replaced).unwrap();
    for name in names(&assessment).iter().filter(|name| name.len() > 2) {
        let quoted = serde_json::Value::from(name.as_str()).to_string();
        assert!(!text.contains(quoted.trim_matches('"')), "{name} is left");
    }
    for name in ["Keller", "hamburg", "0529"] {
        assert!(!text.contains(name), "{name} is left");
    }
}

#[test]
fn the_same_key_gives_the_same_words_and_another_key_others() {
    let assessment = rich(20);
    let [one, again, other] = [1, 1, 2].map(|byte| key(byte).replace(&assessment).unwrap());
    assert!(one == again);
    assert_ne!(one.readiness.servers[0].server, other.readiness.servers[0].server);
    let figures =
        |a: &Assessment| (a.readiness.score, a.value.annual_cash, a.estate.servers, a.figures.clone());
    assert_eq!(figures(&one), figures(&assessment), "a figure changed");
    let placed = one.consolidation.as_ref().unwrap().placement.iter().flat_map(|host| &host.servers);
    let known: BTreeSet<_> = one.readiness.servers.iter().map(|server| &server.server).collect();
    let register = one.realised.as_ref().unwrap();
    let promised = register.servers.iter().map(|server| &server.server);
    assert!(
        placed.into_iter().chain(promised).all(|server| known.contains(server)),
        "a server has two pseudonyms"
    );
    let copy = register.servers.iter().find_map(|server| server.seen_as.clone()).unwrap();
    let args: Vec<_> =
        register.servers.iter().flat_map(|server| &server.why).flat_map(|why| &why.args).collect();
    let said = |name: &str| {
        let of = args.iter().filter(|(arg, _)| *arg == name);
        of.map(|(_, arg)| serde_json::to_value(arg).unwrap().as_str().unwrap().to_owned())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(said("copy"), BTreeSet::from([copy]), "a copy has two pseudonyms");
    assert_eq!(said("since"), BTreeSet::from(["2026-09-12".to_owned()]), "a day is no name");
    assert_eq!(said("cause"), BTreeSet::from(["customer".to_owned()]), "a cause is no name");
}

#[test]
fn names_come_back_as_the_file_needs_them() {
    let mut pseudonyms = key(1);
    let replaced = pseudonyms.replace(&rich(60)).unwrap();
    let hostile = pseudonyms.names.iter().find(|(_, name)| *name == HOSTILE).unwrap().0.clone();
    let check = |file: &str, text: String, expected: &str, counts: (usize, usize)| {
        let (restored, put, left) = restore(&text, file, &pseudonyms);
        assert_eq!((restored.as_str(), (put, left)), (expected, counts), "{file}");
    };
    check(
        "a.html",
        format!("<td>{hostile}</td>"),
        "<td>=cmd()&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62;</td>",
        (1, 0),
    );
    check("a.csv", format!("{hostile},1\n"), "\"'=cmd()<script>alert(\"\"x\"\")</script>\",1\n", (1, 0));
    check("a.json", format!("\"{hostile}\""), "\"=cmd()<script>alert(\\\"x\\\")</script>\"", (1, 0));
    check("a.txt", "server-abcdefghij stays".into(), "server-abcdefghij stays", (0, 1));
    let text = serde_json::to_string(&replaced).unwrap();
    let back: Assessment = serde_json::from_str(&restore(&text, "x.json", &pseudonyms).0).unwrap();
    assert_eq!(names(&back), names(&rich(60)));
}

#[test]
fn every_text_of_the_assessment_is_listed_as_a_name_or_as_none() {
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/json/assessment.json")).unwrap();
    let change: Value = serde_json::from_str(include_str!("../../../schemas/json/change.json")).unwrap();
    let mut fields = BTreeSet::new();
    for schema in [&schema, &change] {
        texts(schema, &words_of(schema), &mut fields);
    }
    assert!(fields.contains("server") && fields.len() > 60, "the schema was not understood");
    let strange: Vec<_> = fields.iter().filter(|field| !fields::is_listed(field)).collect();
    assert!(strange.is_empty(), "list these in pseudonyms/fields.rs: {strange:?}");
}

/// How a schema refers to its types that are written as text: words of a list, moments.
fn words_of(schema: &Value) -> Vec<String> {
    let types = schema["$defs"].as_object().unwrap();
    let is_text = |of: &Value| {
        let one_of = of["oneOf"].as_array().into_iter().flatten();
        of["type"] == "string" || one_of.into_iter().any(|word| !word["const"].is_null())
    };
    types.iter().filter(|(_, of)| is_text(of)).map(|(name, _)| format!("\"#/$defs/{name}\"")).collect()
}

/// Names of properties that are texts or lists of texts.
fn texts(schema: &Value, words: &[String], found: &mut BTreeSet<String>) {
    let is_text = |value: &Value| {
        let shown = value.to_string();
        value["type"] == "string"
            || value["items"]["type"] == "string"
            || shown.contains("[\"string\",\"null\"]")
            || words.iter().any(|word| shown.contains(word))
    };
    if let Value::Object(fields) = schema {
        if let Some(Value::Object(properties)) = fields.get("properties") {
            found.extend(properties.iter().filter(|(_, value)| is_text(value)).map(|(name, _)| name.clone()));
        }
        fields.values().for_each(|inner| texts(inner, words, found));
    } else if let Value::Array(items) = schema {
        items.iter().for_each(|inner| texts(inner, words, found));
    }
}

#[test]
fn a_key_file_is_read_back_and_a_broken_one_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    std::fs::write(&path, key_file([7; KEY_BYTES])).unwrap();
    let words = |mut key: Pseudonyms| key.replace(&one_server()).unwrap().readiness.servers[0].server.clone();
    assert_eq!(words(Pseudonyms::read(&path).unwrap()), words(key(7)));
    for (text, said) in [("", ":1: this is no key"), ("cairn-pseudonym-key/1\nabc\n", ":2: a key is 64")] {
        std::fs::write(&path, text).unwrap();
        let error = Pseudonyms::read(&path).err().unwrap().to_string();
        assert!(error.contains(said), "{error}");
    }
}
