//! Exclusion: who is outside the count of physical servers, each with proof (design 7.8).
// SPDX-License-Identifier: Apache-2.0

use crate::estate::{Estate, Server};
use crate::realised;
use cairn_schemas::assessment::{Assessment, Excluded, ExclusionReason, ServerReadiness};
use cairn_schemas::fact::Fact;
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::outcome::Step;
use cairn_schemas::time::Timestamp;

/// Servers outside the count, ascending by name.
#[must_use]
pub fn excluded(estate: &Estate, now: Timestamp) -> Vec<Excluded> {
    let moved = realised::moves(&estate.outcomes, now);
    let excluded =
        |server: &Server| exclusion(server).or_else(|| gone(server, moved.get(server.name.as_str())?));
    estate.servers.iter().filter_map(excluded).collect()
}

/// A server whose workload has moved: it is planned no second time.
fn gone(server: &Server, step: &Step) -> Option<Excluded> {
    let evidence = format!("moved on {}, says {} ({})", step.on.date(), step.by, step.source);
    Some(Excluded { server: server.name.clone(), reason: ExclusionReason::Moved, evidence, measured: None })
}

/// Virtual workloads over all workloads; hypervisor hosts are no workload, nor is what a workload has left behind that
/// was seen elsewhere. `None` when there is none.
#[must_use]
pub fn virtualised_share(estate: &Estate, excluded: &[Excluded]) -> Option<f64> {
    let count = |reason| excluded.iter().filter(|e| e.reason == reason).count();
    let copies = realised::copies(estate);
    let left = excluded.iter().filter(|e| e.reason == ExclusionReason::Moved);
    let left = left.filter(|e| copies.contains_key(e.server.as_str())).count();
    let workloads = estate.servers.len() - count(ExclusionReason::Hypervisor) - left;
    (workloads > 0).then(|| count(ExclusionReason::AlreadyVirtual) as f64 / workloads as f64)
}

/// Retirements, confirmed and possible: they flatter every ratio, and are told apart from it.
#[must_use]
pub fn retirements(assessment: &Assessment) -> Option<Finding> {
    let says =
        |server: &ServerReadiness, rule: &str| server.findings.iter().any(|finding| finding.id == rule);
    let servers = &assessment.readiness.servers;
    let count = |rules: &[&str]| {
        servers.iter().filter(|server| rules.iter().any(|rule| says(server, rule))).count() as f64
    };
    let excluded = assessment.estate.excluded.iter();
    let confirmed = excluded.filter(|e| e.reason == ExclusionReason::Retiring).count() as f64;
    let candidates = count(&["idle", "zombie", "retiring"]);
    if confirmed + candidates == 0.0 {
        return None;
    }
    let finding = Finding::new("retirements", "apart", Severity::Info)
        .arg("confirmed", confirmed)
        .arg("candidates", candidates)
        .arg("zombies", count(&["zombie"]))
        .arg("said", count(&["retiring"]));
    Some(if candidates > 0.0 { finding.remedy() } else { finding })
}

fn exclusion(server: &Server) -> Option<Excluded> {
    let proof = |name: &str, fact: &Fact| match fact.value.as_text() {
        Some(text) => format!("{name} = {text} ({})", fact.source),
        None => format!("{name} ({})", fact.source),
    };
    let yes = |name| server.fact(name).filter(|_| server.flag(name) == Some(true));
    let virtual_ = server.text("virtualization").filter(|v| !v.eq_ignore_ascii_case("none"));
    let (reason, evidence) = if let (Some(_), Some(fact)) = (virtual_, server.fact("virtualization")) {
        (ExclusionReason::AlreadyVirtual, proof("virtualization", fact))
    } else if let Some(fact) = yes("hypervisor_role") {
        (ExclusionReason::Hypervisor, proof("hypervisor_role", fact))
    } else {
        // A retirement counts only once a person has confirmed it.
        let fact = yes("retire")?;
        let by = fact.confirmed_by.as_deref()?;
        (ExclusionReason::Retiring, format!("retire, confirmed by {by} ({})", fact.source))
    };
    Some(Excluded { server: server.name.clone(), reason, evidence, measured: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ordinary;

    fn check(fact: &str, value: &str, expected: Option<ExclusionReason>) {
        let mut server = ordinary("s", 1, 0.1, 1e9);
        server.facts.extend(crate::testing::server("", &[(fact, value)]).facts);
        assert_eq!(exclusion(&server).map(|e| e.reason), expected, "{fact} = {value}");
    }

    #[test]
    fn only_proof_excludes() {
        check("virtualization", "none", None);
        check("virtualization", "kvm", Some(ExclusionReason::AlreadyVirtual));
        check("hypervisor_role", "true", Some(ExclusionReason::Hypervisor));
        check("retire", "true", Some(ExclusionReason::Retiring));
        let mut unconfirmed = ordinary("s", 1, 0.1, 1e9);
        unconfirmed.facts.extend(crate::testing::server("", &[("retire", "true")]).facts);
        unconfirmed.facts.get_mut("retire").unwrap()[0].confirmed_by = None;
        assert_eq!(exclusion(&unconfirmed), None);
    }
}
