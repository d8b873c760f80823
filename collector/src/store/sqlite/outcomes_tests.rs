//! The register of outcomes: kept, withdrawn, audited, erased with its server.
// SPDX-License-Identifier: Apache-2.0

use super::super::Store as _;
use super::*;
use crate::store::care::Care as _;
use cairn_schemas::outcome::{Basis, Cause, StepKind, Witness};
use cairn_schemas::time::Window;

fn store() -> SqliteStore {
    SqliteStore::in_memory(&"default".parse().unwrap()).unwrap()
}

fn outcome() -> Outcome {
    Outcome {
        id: 0,
        outcome: "fewer machines".into(),
        owner: "Ada".into(),
        unit: "servers".into(),
        baseline: 20.0,
        baseline_on: Timestamp(5),
        baseline_source: String::new(),
        target: 8.0,
        due: Timestamp(86_400),
        planned: Some(12_000.0),
        value_unit: "EUR/year".into(),
        by: "Bob".into(),
        on: Timestamp(6),
        source: "cairn outcome add".into(),
        realised: Vec::new(),
    }
}

fn realised(on: i64) -> Realisation {
    Realisation {
        indicator: 15.0,
        value: Some(3_000.0),
        basis: Basis::OwnerConfirmed,
        cause: Some(Cause::Customer),
        words: "change freeze".into(),
        by: "Ada".into(),
        on: Timestamp(on),
        source: "cairn outcome realised".into(),
    }
}

fn step(server: &str, step: StepKind) -> Step {
    Step {
        id: 0,
        server: server.into(),
        step,
        on: Timestamp(7),
        by: "Ada".into(),
        witness: Witness::Person,
        ticket: Some("CHG-1".into()),
        words: "beside web2".into(),
        source: "cairn outcome step".into(),
        promise: None,
    }
}

#[test]
fn what_is_entered_is_kept_and_audited() {
    let store = store();
    let entries = Entries {
        outcomes: vec![Outcome { realised: vec![realised(9)], ..outcome() }],
        steps: vec![step("web1", StepKind::Planned), step("web1", StepKind::Moved)],
        ..Entries::default()
    };
    let entered = store.enter(&entries, "Bob", Timestamp(9)).unwrap();
    assert_eq!((&entered.outcomes[..], &entered.steps[..]), (&[1][..], &[1, 2][..]));
    let more = Entries { realised: vec![(1, realised(8))], ..Entries::default() };
    store.enter(&more, "Bob", Timestamp(10)).unwrap();
    let unknown = Entries { realised: vec![(2, realised(8))], ..entries.clone() };
    let refused = store.enter(&unknown, "Bob", Timestamp(10)).unwrap_err();
    assert_eq!(refused.to_string(), "there is no outcome 2");

    assert!(store.withdraw_step(2, "Cleo", Timestamp(11)).unwrap());
    assert!(!store.withdraw_step(2, "Cleo", Timestamp(11)).unwrap(), "once is enough");
    let register = store.outcomes().unwrap();
    let days: Vec<i64> = register.outcomes[0].realised.iter().map(|realised| realised.on.0).collect();
    assert_eq!(days, [8, 9], "by day, not by entry");
    assert_eq!(register.steps.len(), 1, "nothing of what was refused is kept");
    assert_eq!(store.steps().unwrap()[1].withdrawn, Some(("Cleo".into(), Timestamp(11))));
    let log: Vec<String> = store.audit_log().unwrap().into_iter().map(|(_, _, what)| what).collect();
    let expected = [
        "outcome 1 of Ada: from 20 to 8 servers by 1970-01-02",
        "outcome 1 stands at 15 on 1970-01-01, owner confirmed, says Ada",
        "step 1: web1 planned on 1970-01-01, says Ada",
        "step 2: web1 moved on 1970-01-01, says Ada",
        "outcome 1 stands at 15 on 1970-01-01, owner confirmed, says Ada",
        "step 2 of web1 is withdrawn",
    ];
    assert_eq!(log, expected);
}

#[test]
fn a_baseline_that_was_touched_is_not_intact() {
    let store = store();
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let baseline = Baseline {
        engagement: "default".into(),
        server: "web1".into(),
        window: Window { from: Timestamp(0), to: Timestamp(9) },
        frozen_on: Timestamp(9),
        by: "Ada".into(),
        tolerance_ratio: 0.1,
        cpu_limit_ratio: 0.8,
        metrics: Vec::new(),
    };
    let json = serde_json::to_string(&baseline).unwrap();
    let (public_key, signature) = {
        use ring::signature::KeyPair as _;
        (pair.public_key().as_ref().to_vec(), pair.sign(json.as_bytes()).as_ref().to_vec())
    };
    let sealed = Sealed { baseline, json, public_key, signature };
    assert_eq!(store.put_baseline(&sealed, Timestamp(9)).unwrap(), 1);
    let intact = || store.outcomes().unwrap().baselines[0].is_intact;
    assert!(intact());
    store.connection().execute("update baseline set json = replace(json, '0.1', '0.9')", []).unwrap();
    assert!(!intact());
}

#[test]
fn an_erased_server_takes_its_steps_with_it() {
    let store = store();
    let steps = vec![step("web1", StepKind::Planned), step("web2", StepKind::Planned)];
    let delay = Delay {
        server: "web2".into(),
        cause: Cause::Ours,
        words: "no time".into(),
        by: "Ada".into(),
        on: Timestamp(7),
        source: "cairn outcome late".into(),
    };
    let entries = Entries { steps, delays: vec![delay], ..Entries::default() };
    store.enter(&entries, "Bob", Timestamp(9)).unwrap();
    let done = store.erasable("web2", false).unwrap().unwrap();
    assert_eq!((done.removed.get("step"), done.removed.get("reason for a delay")), (Some(&1), Some(&1)));
    assert_eq!(done.mentioned_by, ["step 1 of web1"]);
}
