//! A virtual machine that would be wider than one NUMA node of the host.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "numa-width",
    title: "Wider than one NUMA node",
    part: Part::Observation,
    rationale: "Memory of another node is slower; the application must be told of it, or sized down.",
    source: "Ours; every socket of the host template counts as one node.",
    date: "2026",
    confirm: Who::Owner,
    facts: &[],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let Some(size) = subject.size else { return Judgement::Silent };
    let template = &subject.policy.template;
    let nodes = template.cpu_sockets.max(1.0);
    let (threads, memory) = (template.cpu_threads / nodes, template.memory_bytes / nodes);
    if f64::from(size.vcpu) <= threads && size.memory_bytes <= memory {
        return Judgement::Silent;
    }
    let finding = Finding::new("numa-width", "wider", Severity::Attention)
        .arg("vcpu", f64::from(size.vcpu))
        .arg("memory", size.memory_bytes)
        .arg("threads", threads)
        .arg("node_memory", memory);
    Judgement::Said(finding.remedy())
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::{judge, message};
    use crate::testing::ordinary;

    #[test]
    fn a_node_has_half_of_a_two_socket_host() {
        // 549.8 GB a node; 20 % growth and 10 % cache come on top of what was measured.
        let said = |bytes| message(&judge("numa-width", &ordinary("web", 4, 0.1, bytes))).to_owned();
        assert_eq!(said(400e9), "silent");
        assert_eq!(said(420e9), "numa-width.wider");
    }
}
