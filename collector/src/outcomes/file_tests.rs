//! Registers from files: whole or not at all, and everything that is wrong by file, line and field.
// SPDX-License-Identifier: Apache-2.0

use super::*;

const NOW: Timestamp = Timestamp(1_795_000_000);

fn read(text: &str) -> Result<Entries, Vec<String>> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("r.csv");
    std::fs::write(&path, text).unwrap();
    let servers = ["web1".to_owned(), "web2".to_owned()];
    let said = |problem: &Problem| problem.to_string().rsplit('/').next().unwrap().to_owned();
    let read = read_file(&path, &servers, Chains::default(), "Bob", NOW).unwrap();
    read.map_err(|wrong| wrong.iter().map(said).collect())
}

#[test]
fn good_files_are_taken() {
    let steps = "server,step,on,due,ticket,annual_cash\nweb1,planned,2026-06-01,2026-09-01,,500\n\
                 web1,Moved,2026-07-01,,CHG-7,\nweb1,powered off,2026-07-01,,,\n";
    let entries = read(steps).unwrap();
    assert_eq!((entries.steps.len(), entries.steps[1].ticket.as_deref()), (3, Some("CHG-7")));
    assert_eq!((entries.steps[1].by.as_str(), entries.steps[1].witness), ("Bob", Witness::Import));
    assert_eq!(entries.steps[2].source, "file r.csv:4");
    let outcomes = "outcome,owner,unit,baseline,baseline_on,target,due,planned,indicator,realised,basis,on\n\
                    fewer machines,Ada,servers,20,2026-06-01,8,2026-12-31,1000,15,400,measured,2026-09-01\n";
    assert_eq!(read(outcomes).unwrap().outcomes[0].realised[0].value, Some(400.0));
    assert_eq!(read("server,cause,words\nweb2,customer,freeze\n").unwrap().delays.len(), 1);
}

#[test]
fn moments_are_taken_with_their_figures_and_whose_words_they_are() {
    let text = "moment,on,owner,words,evidence,downtime_minutes_before,downtime_minutes_after,recovery_minutes_tested\n\
                first-maintenance-without-downtime,2026-06-01,Ada,\"nobody noticed, at noon\",CHG-7,90,0,\n\
                first-recovery-test,2026-07-01,,,,,,42\ncatalogue-in-use,2026-08-01,,,,,,\n";
    let moments = read(text).unwrap().moments;
    let figures = |at: usize| -> Vec<(&str, f64)> {
        moments[at].figures.iter().map(|figure| (figure.figure.as_str(), figure.amount)).collect()
    };
    assert_eq!(figures(0), [("downtime_minutes_before", 90.0), ("downtime_minutes_after", 0.0)]);
    assert_eq!((figures(1), figures(2)), (vec![("recovery_minutes_tested", 42.0)], vec![]));
    let said = (moments[0].owner.as_str(), moments[0].words.as_str(), moments[0].evidence.as_str());
    assert_eq!(said, ("Ada", "nobody noticed, at noon", "CHG-7"));
    assert_eq!((moments[1].by.as_str(), moments[1].on.date().to_string().as_str()), ("Bob", "2026-07-01"));
}

fn check(text: &str, expected: &str) {
    let lines: Vec<&str> = expected.split(" | ").collect();
    assert_eq!(read(text).unwrap_err(), lines, "{text}");
}

#[test]
fn bad_files_are_named_by_line_and_field() {
    let with = |row: &str| format!("server,step,on,due\nweb1,planned,2026-06-01,2026-09-01\n{row}\n");
    check(
        &with("wbe1,moved,2026-07-01,"),
        "r.csv:3:server: there is no server \"wbe1\"; was \"web1\" meant?",
    );
    check(
        &with("web1,movd,2026-07-01,"),
        "r.csv:3:step: \"movd\" is none of planned, moved, powered_off, decommissioned, contract_ended, \
         licence_returned; was \"moved\" meant?",
    );
    check(
        &with("web1,powered_off,2026-07-01,"),
        "r.csv:3:step: web1 cannot be powered off before it is moved",
    );
    check(&with("web2,moved,2026-07-01,"), "r.csv:3:step: web2 cannot be moved before it is planned");
    check(
        &with("web1,moved,2026-05-01,"),
        "r.csv:3:on: 2026-05-01 is before the day it was planned, 2026-06-01",
    );
    check(&with("web1,moved,2099-01-01,"), "r.csv:3:on: 2099-01-01 lies ahead: it has not happened yet");
    check(&with("web1,moved,1970-01-01,"), "r.csv:3:on: \"1970-01-01\" is before 2000; is the year right?");
    check(
        &with("web1,moved,2026-02-30,"),
        "r.csv:3:on: \"2026-02-30\" is no time; write 2026-11-25 or 2026-11-25T15:00:00Z",
    );
    check(
        &with("web1,planned,2026-06-02,2026-09-01"),
        "r.csv:3:step: web1 is planned since 2026-06-01 already",
    );
    check(&with("web2,planned,2026-06-02,"), "r.csv:3:due: is empty; what is planned is promised for a day");
    check(
        &with("web2,planned,2026-06-02,2026-06-01"),
        "r.csv:3:due: 2026-06-01 is before the day it is promised on, 2026-06-02",
    );
    check(&with("web1,moved,2026-07-01,2026-09-01"), "r.csv:3:due: only a planned step has a day it is due");
    check("server,stepp\n", "r.csv:1:stepp: there is no such column; was \"step\" meant?");
    check(
        "server,cause,words\nweb1,costumer,x\nweb2,ours,\n",
        "r.csv:2:cause: \"costumer\" is none of ours, customer, environment; was \"customer\" meant? | \
         r.csv:3:words: is empty; say why",
    );
    let outcome =
        |row: &str| format!("outcome,owner,unit,baseline,baseline_on,target,due,indicator,basis\n{row}\n");
    check(
        &outcome("a,Ada,servers,many,2026-06-01,8,2026-12-31,,"),
        "r.csv:2:baseline: \"many\" is no number",
    );
    check(
        &outcome("a,,servers,1,2026-06-01,8,2026-12-31,,"),
        "r.csv:2:owner: is empty; somebody wants it and says whether it has arrived",
    );
    check(
        &outcome("a,Ada,servers,1,2026-06-01,8,2026-05-31,,"),
        "r.csv:2:due: 2026-05-31 is not after the day of its baseline, 2026-06-01",
    );
    check(
        &outcome("a,Ada,servers,1,2026-06-01,8,2026-12-31,5,guess"),
        "r.csv:2:basis: \"guess\" is none of measured, owner_confirmed, estimated",
    );
}

#[test]
fn bad_moments_are_named_by_line_and_field() {
    let told = |row: &str| format!("moment,on,owner,words,recovery_minutes_tested,machines_moved\n{row}\n");
    check(
        &told("first-recovry,2026-06-01,,,,"),
        "r.csv:2:moment: there is no moment \"first-recovry\" (`cairn journey phases` names all); was \
         \"first-recovery-test\" meant?",
    );
    check(&told(",2026-06-01,,,,"), "r.csv:2:moment: is empty; `cairn journey phases` names all");
    check(&told("first-recovery-test,,,,,"), "r.csv:2:on: is empty; a moment has a day");
    check(
        &told("first-recovery-test,2099-01-01,,,,"),
        "r.csv:2:on: 2099-01-01 lies ahead: it has not happened yet",
    );
    check(
        &told("first-recovery-test,2026-06-01,Ada,,,"),
        "r.csv:2:words: is empty; its owner is named, and said nothing",
    );
    check(
        &told("first-recovery-test,2026-06-01,,,fast,"),
        "r.csv:2:recovery_minutes_tested: \"fast\" is no number",
    );
    check(&told("first-recovery-test,2026-06-01,,,-1,"), "r.csv:2:recovery_minutes_tested: -1 is below 0");
    check(
        &told("first-recovery-test,2026-06-01,,,42,3"),
        "r.csv:2:machines_moved: is no figure of first-recovery-test, which has recovery_minutes_required, \
         recovery_minutes_tested, machines_recovered",
    );
    check(
        &told("catalogue-in-use,2026-06-01,,,,3"),
        "r.csv:2:machines_moved: catalogue-in-use is told without figures",
    );
    check(
        &told("first-recovery-test,2026-06-01,,,42,\nfirst-recovery-test,2026-06-02,,,42,"),
        "r.csv:3:moment: first-recovery-test stands in this file already: it happens for the first time once",
    );
    check(
        "moment,on,downtime_minute_before\n",
        "r.csv:1:downtime_minute_before: there is no such column; was \"downtime_minutes_before\" meant?",
    );
}
