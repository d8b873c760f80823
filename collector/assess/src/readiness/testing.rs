//! Judging one rule on a server in which one fact differs.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, RULES, Subject};
use crate::estate::Server;
use crate::policy::Policy;
use crate::testing::{ordinary, server, window};
use crate::{capacity_of, coverage, profile, sizing};

/// What a rule says of a server under the standard policy.
pub(crate) fn judge(rule: &str, server: &Server) -> Judgement {
    judge_by(rule, server, &Policy::default())
}

/// What a rule says of a server.
pub(crate) fn judge_by(rule: &str, server: &Server, policy: &Policy) -> Judgement {
    judge_knowing(rule, server, server, policy)
}

/// What a rule says when `known` is all it may read of a server; load, capacity and size are the server's.
pub(crate) fn judge_knowing(rule: &str, server: &Server, known: &Server, policy: &Policy) -> Judgement {
    let rule = RULES.iter().find(|r| r.id == rule).unwrap();
    let window = window(4);
    let coverage = coverage::of_server(server, window, &policy.coverage);
    let utilisation = profile::utilisation(server);
    let candidate = sizing::candidate(server, 0, &server.weeks, window, policy, 0.20);
    let size = candidate.and_then(|c| sizing::size(server, &c, true, policy));
    let subject = Subject {
        server: known,
        policy,
        now: window.to,
        capacity: &capacity_of(server, window.to, policy),
        utilisation: &utilisation,
        size: size.as_ref(),
        coverage: &coverage,
        host: policy.template.capacity(&policy.normalisation),
    };
    rule.judged(&subject)
}

/// Message of a judgement: its `message_id`, or `clear` and `silent`.
pub(crate) fn message(judgement: &Judgement) -> &str {
    match judgement {
        Judgement::Clear => "clear",
        Judgement::Silent => "silent",
        Judgement::Blocked(f) | Judgement::Open(f) | Judgement::Points(_, f) | Judgement::Said(f) => {
            &f.message_id
        }
    }
}

/// Points of a judgement.
pub(crate) fn points(judgement: &Judgement) -> f64 {
    if let Judgement::Points(points, _) = judgement { *points } else { f64::NAN }
}

/// Sets one fact of an ordinary server (empty text: forgets it) and checks what a rule says.
pub(crate) fn check(rule: &str, fact: &str, value: &str, expected: &str) {
    let mut subject = ordinary("web", 4, 0.10, 10e9);
    if value.is_empty() {
        subject.facts.remove(fact);
    } else {
        subject.facts.extend(server("", &[(fact, value)]).facts);
    }
    assert_eq!(message(&judge(rule, &subject)), expected, "{fact} = {value:?}");
}

/// Checks what a rule says of a server.
pub(crate) fn check_server(rule: &str, server: &Server, expected: &str) {
    assert_eq!(message(&judge(rule, server)), expected, "{}", server.name);
}
