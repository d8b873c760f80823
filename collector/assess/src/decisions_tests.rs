//! What decisions do, and what they never do.
// SPDX-License-Identifier: Apache-2.0

use crate::assess::assess;
use crate::estate::{Estate, Server};
use crate::policy::Policy;
use crate::testing::{MONDAY, ordinary, server, window};
use cairn_schemas::assessment::{Assessment, Category};
use cairn_schemas::decision::{Decision, DecisionEffect, DecisionKind};
use cairn_schemas::finding::Severity;
use cairn_schemas::time::{DAY_S, Timestamp};
use proptest::prelude::*;

use DecisionKind::{Confirmation, Exception, Veto};

fn decision(id: u64, kind: DecisionKind, rule: &str) -> Decision {
    Decision {
        id,
        kind,
        server: "web".into(),
        rule: (!rule.is_empty()).then(|| rule.to_owned()),
        by: "Ada".into(),
        on: MONDAY,
        expires: None,
        ticket: Some("CHG-7".into()),
        words: "because".into(),
        source: "cairn decide".into(),
        despite_proof: false,
    }
}

fn assessed(server: Server) -> Assessment {
    let now = window(4).to;
    let servers = vec![server, ordinary("other", 4, 0.1, 1e9)];
    let estate = Estate { engagement: "test".into(), window: window(4), servers, ..Estate::default() };
    assess(&estate, &Policy::default(), now)
}

/// `change` and `forget` make the server; the decision is heard about it.
fn check(
    change: &[(&str, &str)],
    forget: &[&str],
    decision: Decision,
    category: Category,
    effect: DecisionEffect,
) {
    let mut web = ordinary("web", 4, 0.10, 10e9);
    web.facts.extend(server("", change).facts);
    web.facts.retain(|name, _| !forget.contains(&name.as_str()));
    web.decisions.push(decision.clone());
    let assessment = assessed(web);
    let web = assessment.readiness.servers.iter().find(|s| s.server == "web").unwrap();
    let what = format!("{decision:?}: {:?}", web.findings);
    assert_eq!((web.category, assessment.decisions[0].effect), (category, effect), "{what}");
    let planned = assessment.waves.iter().any(|wave| wave.servers.contains(&"web".to_owned()));
    assert_eq!(planned, matches!(category, Category::Ready | Category::Conditional), "{what}");
}

#[test]
fn each_kind_does_what_it_says_and_no_more() {
    use Category::{Blocked, Conditional, Ready};
    use DecisionEffect::{Followed, NothingToDo, ProofOverruled, StoppedByProof};
    let open = &["vendor_support"];
    let proven = &[("vendor_support", "forbidden")];
    check(&[], &[], decision(1, Veto, ""), Blocked, Followed);
    check(&[], open, decision(1, Exception, "vendor-support"), Ready, Followed);
    check(&[], open, decision(1, Confirmation, "vendor-support"), Ready, Followed);
    check(&[], open, decision(1, Exception, "appliance"), Conditional, NothingToDo);
    check(proven, &[], decision(1, Exception, "vendor-support"), Blocked, StoppedByProof);
    check(proven, &[], decision(1, Confirmation, "vendor-support"), Blocked, StoppedByProof);
    let knowing = Decision { despite_proof: true, ..decision(1, Exception, "vendor-support") };
    check(proven, &[], knowing, Conditional, ProofOverruled);
    check(&[("owner", "Finance")], &[], decision(1, Confirmation, "ownership"), Ready, Followed);
}

#[test]
fn what_ran_out_or_is_not_yet_made_does_not_count() {
    let end = window(4).to;
    let ran_out = Decision { expires: Some(end), ..decision(1, Veto, "") };
    check(&[], &[], ran_out, Category::Ready, DecisionEffect::Expired);
    let holds = Decision { expires: Some(Timestamp(end.0 + 1)), ..decision(1, Veto, "") };
    check(&[], &[], holds, Category::Blocked, DecisionEffect::Followed);
    let later = Decision { on: Timestamp(end.0 + DAY_S), ..decision(1, Veto, "") };
    check(&[], &[], later, Category::Ready, DecisionEffect::NothingToDo);
}

#[test]
fn a_veto_says_who_and_why_where_the_server_stays() {
    let mut web = ordinary("web", 4, 0.10, 10e9);
    web.decisions.push(decision(1, Veto, ""));
    let assessment = assessed(web.clone());
    let stay = &assessment.consolidation.as_ref().unwrap().stay;
    assert_eq!((stay[0].server.as_str(), stay[0].reason.as_str()), ("web", "vetoed"));
    let said = &assessment.readiness.servers.iter().find(|s| s.server == "web").unwrap().findings[0];
    assert_eq!((said.message_id.as_str(), said.severity), ("decisions.veto", Severity::Gate));
    assert_eq!(said.evidence.as_deref(), Some("cairn decide, CHG-7"));
    web.facts.extend(server("", &[("special_hardware", "USB dongle")]).facts);
    let stay = &assessed(web).consolidation.unwrap().stay;
    assert_eq!(stay[0].reason, "blocked", "what is proven comes before what is forbidden");
}

#[test]
fn proof_is_overruled_loudly() {
    let mut web = ordinary("web", 4, 0.10, 10e9);
    web.facts.extend(server("", &[("special_hardware", "USB dongle")]).facts);
    web.decisions.push(Decision { despite_proof: true, ..decision(1, Exception, "special-hardware") });
    let assessment = assessed(web);
    assert!(assessment.findings.iter().any(|f| f.message_id == "decisions.proofs-overruled"));
    let web = assessment.readiness.servers.iter().find(|s| s.server == "web").unwrap();
    let gates: Vec<&str> =
        web.findings.iter().filter(|f| f.severity == Severity::Gate).map(|f| f.message_id.as_str()).collect();
    assert_eq!(gates, ["decisions.proof-overruled", "special-hardware.proven"]);
}

#[test]
fn decisions_are_part_of_the_inputs() {
    let web = ordinary("web", 4, 0.10, 10e9);
    let mut vetoed = web.clone();
    vetoed.decisions.push(decision(1, Veto, ""));
    let mut otherwise = vetoed.clone();
    otherwise.decisions[0].words = "another reason".into();
    let hashes = [web, vetoed, otherwise].map(|server| assessed(server).inputs_sha256);
    assert!(hashes[0] != hashes[1] && hashes[1] != hashes[2]);
}

fn any_decision() -> impl Strategy<Value = Decision> {
    let rules = prop::sample::select(vec![
        "vendor-support",
        "special-hardware",
        "appliance",
        "ownership",
        "short-coverage",
        "confirm-memory",
        "fit",
    ]);
    let kinds = prop::sample::select(vec![Confirmation, Exception, Veto]);
    (kinds, rules, any::<bool>(), 0_i64..40).prop_map(|(kind, rule, despite_proof, days)| Decision {
        expires: (days < 35).then_some(Timestamp(MONDAY.0 + days * DAY_S)),
        despite_proof: despite_proof && kind == Exception,
        ..decision(0, kind, rule)
    })
}

fn numbered(mut decisions: Vec<Decision>) -> Vec<Decision> {
    decisions.iter_mut().zip(1..).for_each(|(decision, id)| decision.id = id);
    decisions
}

fn of_web(assessment: &Assessment) -> (Option<f64>, Category) {
    let web = assessment.readiness.servers.iter().find(|s| s.server == "web").unwrap();
    (web.score, web.category)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_decision_raises_the_score_of_less_evidence(
        decisions in proptest::collection::vec(any_decision(), 0..5),
        forgotten in proptest::collection::vec(0_usize..32, 0..6),
        changes in prop::sample::subsequence(
            vec![("owner", "Finance"), ("role", "database"), ("special_hardware", "USB dongle")],
            0..3,
        ),
    ) {
        let mut more = ordinary("web", 4, 0.10, 10e9);
        more.facts.extend(server("", &changes).facts);
        more.decisions = numbered(decisions);
        let mut less = more.clone();
        for at in forgotten {
            let name = less.facts.keys().nth(at % less.facts.len()).cloned();
            name.map(|name| less.facts.remove(&name));
        }
        let plain = |server: &Server| Server { decisions: Vec::new(), ..server.clone() };
        let ((with, stands), (with_less, _)) = (of_web(&assessed(more.clone())), of_web(&assessed(less.clone())));
        // A gate whose proof is forgotten gives a score back, decisions or none.
        if stands != Category::Blocked {
            prop_assert!(with_less.unwrap_or(0.0) <= with.unwrap_or(0.0) + 1e-9);
        }
        // A decision gives no point: with or without it a server that is scored has the same score.
        for server in [more, less] {
            let (decided, (undecided, _)) = (of_web(&assessed(server.clone())).0, of_web(&assessed(plain(&server))));
            if let (Some(decided), Some(undecided)) = (decided, undecided) {
                prop_assert!((decided - undecided).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn their_order_is_irrelevant(
        decisions in proptest::collection::vec(any_decision(), 0..6),
        turn in 0_usize..6,
    ) {
        let mut web = ordinary("web", 4, 0.10, 10e9);
        web.facts.remove("vendor_support");
        web.decisions = numbered(decisions);
        let mut turned = web.clone();
        turned.decisions.rotate_left(turn.min(web.decisions.len()));
        turned.decisions.reverse();
        prop_assert_eq!(assessed(web), assessed(turned));
    }
}
