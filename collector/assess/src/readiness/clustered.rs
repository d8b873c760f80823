//! It is no node of a failover cluster.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

const POINTS: f64 = 2.0;

pub(super) const RULE: Rule = Rule {
    id: "clustered",
    title: "It is no node of a failover cluster",
    part: Part::Ease,
    rationale: "Nodes of a cluster move one by one, stay on different hosts, and their heartbeat must bear the move.",
    source: "Candidate practice: clustered servers are reviewed; points are ours.",
    date: "2026",
    confirm: Who::Administrator,
    facts: &["cluster"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    // Only `none` says that there is no cluster; silence says nothing.
    let (message, points) = match subject.server.text("cluster") {
        Some(cluster) if cluster.eq_ignore_ascii_case("none") => ("none", POINTS),
        Some(_) => ("node", 0.0),
        None => ("unknown", 0.0),
    };
    let severity = if points == 0.0 { Severity::Attention } else { Severity::Info };
    let mut finding = Finding::new("clustered", message, severity).points(points, POINTS);
    if message == "node" {
        finding = finding.arg("cluster", subject.server.text("cluster").unwrap_or_default()).remedy();
    }
    Judgement::Points(points, finding)
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("clustered", "cluster", "erp-db", "clustered.node");
        check("clustered", "cluster", "none", "clustered.none");
        check("clustered", "cluster", "", "clustered.unknown");
    }
}
