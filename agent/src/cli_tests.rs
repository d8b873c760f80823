//! Verbs from outside: what is printed where, and with which exit code.
// SPDX-License-Identifier: Apache-2.0

use super::*;

pub(super) fn called(args: &[&str]) -> (Exit, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let terminal = Terminal { out: &mut out, err: &mut err, colour: false };
    let exit = run(args.iter().map(OsString::from), &|_| None, terminal);
    (exit, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

#[test]
fn exit_codes_and_streams() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path().to_str().unwrap();
    let check = |args: &[&str], exit, said: &str| {
        let (got, out, err) = called(args);
        assert_eq!(got, exit, "{args:?}: {out}{err}");
        let stream = if exit == Exit::Done { &out } else { &format!("{out}{err}") };
        assert!(stream.contains(said), "{args:?}: {stream}");
    };
    check(&[], Exit::Done, "Verbs:");
    check(&["run", "--help"], Exit::Done, "--batch-every");
    check(&["dance"], Exit::Usage, "no verb \"dance\"");
    check(&["once", "--for", "3"], Exit::Usage, "--for does not belong");
    check(&["run", "--for", "0"], Exit::Usage, "--for 0 is not within");
    check(&["run", "--slot-s", "7"], Exit::Usage, "--slot-s 7 is no whole part of a minute");
    check(&["collect", "--data", data], Exit::Usage, "collect needs --out");
    check(&["collect", "--duration", "14"], Exit::Usage, "--duration 14: give a number and s, m, h or d");
    check(&["collect", "--duration", "400d"], Exit::Usage, "--duration 34560000 is not within");
    check(
        &["collect", "--out", "/proc/version", "--data", data],
        Exit::Failed,
        "cannot go on with /proc/version",
    );
    check(&["run", "--data", data], Exit::NotEnrolled, "enroll --join-file");
    check(&["status", "--data", data], Exit::NotEnrolled, "enrolled");
    check(&["enroll", "--data", data], Exit::Usage, "--join-file");
    check(
        &["enroll", "--data", data, "--join-file", "/nonexistent"],
        Exit::Failed,
        "cannot read /nonexistent",
    );
    check(&["explain"], Exit::Done, "Never: command lines");
    check(&["once", "--privileged"], Exit::Usage, "--privileged does not belong");
    let tree = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/stacked");
    check(
        &["inventory", "--privileged", "--root", tree, "--data", data],
        Exit::Done,
        "privileged.json: nothing",
    );
    let nowhere = ["inventory", "--privileged", "--root", tree, "--data", "/dev/null/nowhere"];
    check(&nowhere, Exit::Failed, "cannot write /dev/null/nowhere/privileged.json");
}

#[test]
fn an_unreachable_collector_is_its_own_exit_code_and_the_secret_stays_unsaid() {
    let data = tempfile::tempdir().unwrap();
    let join = data.path().join("join");
    // Port 1 of loopback: nobody listens, nothing leaves the machine.
    std::fs::write(&join, "http://127.0.0.1:1#id.s3cret").unwrap();
    let path = data.path().to_str().unwrap();
    let (exit, out, err) = called(&["enroll", "--data", path, "--join-file", join.to_str().unwrap()]);
    assert_eq!(exit, Exit::Unreachable, "{err}");
    assert!(err.contains("127.0.0.1:1") && !format!("{out}{err}").contains("s3cret"));
}

#[test]
fn joining_twice_is_refused_or_on_request_nothing() {
    let data = tempfile::tempdir().unwrap();
    let identity = crate::identity::Identity {
        url: "https://collector:8440".into(),
        engagement: "default".into(),
        agent_id: cairn_schemas::identity::Id128([7; 16]),
        ca_spki_sha256: None,
        fingerprint: None,
        moved: None,
    };
    identity.store(data.path()).unwrap();
    let enroll = ["enroll", "--join-file", "/nonexistent", "--data", data.path().to_str().unwrap()];
    let (exit, _, err) = called(&enroll);
    assert!(exit == Exit::Failed && err.contains("already enrolled at https://collector:8440"), "{err}");
    let (exit, out, err) = called(&[&enroll[..], &["--unless-enrolled"]].concat());
    assert!(exit == Exit::Done && out.contains("already"), "{out}{err}");
}
