//! The checklist goes out, is answered, and comes back.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use cairn_assess::estate::Estate;
use cairn_assess::policy::Policy;

const NOW: Timestamp = Timestamp(1_795_622_400);

fn written(estate: &Estate) -> String {
    let assessment = cairn_assess::assess(estate, &Policy::default(), NOW);
    let mut text = Vec::new();
    write(&assessment.checklist, Messages::english(), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn every_point_is_worded_and_an_empty_sheet_says_nothing() {
    let sheet = written(&Estate::default());
    assert_eq!(sheet.lines().count(), 61);
    assert!(!sheet.contains("[checklist."), "{sheet}");
    assert_eq!(read("c.csv", sheet.as_bytes(), NOW).unwrap(), []);
}

#[test]
fn what_people_answer_comes_back() {
    let sheet = written(&Estate::default()).replace(
        "\"The image or recipe, and two hosts built by it.\",,,,",
        "\"The image or recipe, and two hosts built by it.\",yes,=Ada,2026-11-01,build 7 and 8",
    );
    let answers = read("c.csv", sheet.as_bytes(), NOW).unwrap();
    assert_eq!(answers.len(), 1);
    assert_eq!(
        (answers[0].point.as_str(), answers[0].met, answers[0].by.as_str()),
        ("provisioning.2", true, "=Ada")
    );
    let again = written(&Estate { answers: answers.clone(), ..Estate::default() });
    assert!(again.contains("yes,'=Ada,2026-11-01,build 7 and 8"), "{again}");
    assert_eq!(read("c.csv", again.as_bytes(), NOW).unwrap(), answers);
}

fn check(content: &str, expected: &[&str]) {
    let error = read("c.csv", content.as_bytes(), NOW).unwrap_err().to_string();
    for part in expected {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert!(error.contains("was kept"), "{error}");
}

#[test]
fn faults_name_line_field_and_the_nearest_name_and_nothing_is_kept() {
    check(
        "pont,met,by,on\n",
        &["c.csv:1: there is no column \"pont\"; was \"point\" meant?", "\"point\" is missing"],
    );
    let rows = "point,met,by,on\nsecurity.1,yes,ada,2026-11-01\nsecurty.2,yes,ada,2026-11-01\nsecurity.3,perhaps,,\n\
                security.4,no,,2026-11-01\nsecurity.5,no,ada,1.11.2026\nsecurity.6,no,ada,2036-01-01\n\
                security.1,no,ada,2026-11-01\n";
    check(
        rows,
        &[
            "c.csv:3:point: there is no point \"securty.2\"; was \"security.2\" meant?",
            "c.csv:4:met: \"perhaps\" is neither yes nor no",
            "c.csv:5:by: an answer needs a name",
            "c.csv:6:on: \"1.11.2026\" is no date",
            "c.csv:7:on: 2036-01-01 is to come",
            "c.csv:8:point: security.1 is answered on line 2 already",
        ],
    );
    check("point,met,by,on\nsecurity.1,yes,ada\n", &["c.csv: CSV error"]);
}
