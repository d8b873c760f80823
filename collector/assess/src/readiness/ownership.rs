//! Ownership: whose consent a move needs.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use crate::estate::Server;
use cairn_schemas::finding::{Finding, Severity};

const POINTS: f64 = 15.0;

pub(super) const RULE: Rule = Rule {
    id: "ownership",
    title: "Somebody may decide",
    part: Part::Ownership,
    rationale: "What IT owns needs no permission; what others own needs an owner who has agreed.",
    source: "Viarengo, The virtualization journey (2010): phase 1 rests on ownership, not on sponsorship; points are ours.",
    date: "2010",
    confirm: Who::Owner,
    facts: &["owner", "owner_agreed"],
    judge,
};

/// Whether the IT department itself owns a server.
#[must_use]
pub fn is_it_owned(server: &Server) -> bool {
    let names = ["it", "it department", "it operations", "information technology"];
    server.text("owner").is_some_and(|owner| names.iter().any(|name| owner.trim().eq_ignore_ascii_case(name)))
}

fn judge(subject: &Subject<'_>) -> Judgement {
    let server = subject.server;
    let (message, points) = match server.text("owner") {
        _ if is_it_owned(server) => ("it", 15.0),
        Some(_) if server.flag("owner_agreed") == Some(true) => ("agreed", 10.0),
        Some(_) => ("named", 5.0),
        None => ("unknown", 0.0),
    };
    let severity = if points < 10.0 { Severity::Attention } else { Severity::Info };
    let mut finding = Finding::new("ownership", message, severity).points(points, POINTS);
    if let Some(owner) = server.text("owner") {
        finding = finding.arg("owner", owner);
    }
    if points < 10.0 {
        finding = finding.remedy();
    }
    Judgement::Points(points, finding)
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("ownership", "owner", "it", "ownership.it");
        check("ownership", "owner", "Finance", "ownership.named");
        check("ownership", "owner", "", "ownership.unknown");
    }
}
