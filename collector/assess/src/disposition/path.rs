//! What becomes of a server, and by which method. The method rests on facts alone, never on how much there is to
//! copy: otherwise more of it could make a move shorter.
// SPDX-License-Identifier: Apache-2.0

use crate::constraint::known;
use crate::decisions;
use crate::estate::Server;
use cairn_schemas::assessment::{Category, Method, Path, ServerReadiness};
use cairn_schemas::finding::{Finding, Severity};

/// Gates that a rebuild opens: what runs on another processor, or on an operating system no hypervisor carries.
const REBUILDS: [&str; 2] = ["architecture", "guest-os"];
/// Findings after which its owner is asked whether anybody needs it.
const MAY_RETIRE: [&str; 3] = ["zombie", "retiring", "idle"];

/// `stay` is why the plan leaves it physical, if it does.
pub(super) fn of(server: &ServerReadiness, stay: Option<&str>) -> (Path, Finding) {
    let say = |message| Finding::new("disposition", message, Severity::Info);
    let Some(reason) = stay else { return (Path::Virtualise, say("virtualises")) };
    let proven = || {
        let gates = server.findings.iter().filter(|f| f.severity == Severity::Gate);
        gates.filter(|f| f.message_id.ends_with(".proven") || f.message_id.ends_with(".too-old"))
    };
    let curable = server.category == Category::Blocked
        && !decisions::vetoed(server)
        && proven().next().is_some()
        && proven().all(|gate| REBUILDS.contains(&gate.id.as_str()));
    match proven().next() {
        Some(gate) if curable => (Path::Rebuild, say("rebuilds").arg("rule", gate.id.as_str())),
        _ => (Path::Stay, say("stays").arg("reason", reason.replace('_', " "))),
    }
}

/// That it may not be needed at all, which is cheaper to ask than to move.
pub(super) fn ask_first(server: &ServerReadiness) -> Option<Finding> {
    let said = server.findings.iter().find(|finding| MAY_RETIRE.contains(&finding.id.as_str()))?;
    let finding = Finding::new("disposition", "may-retire", Severity::Attention);
    Some(finding.arg("rule", said.id.as_str()).remedy())
}

/// How a server that becomes a virtual machine is moved (*ours*). Nothing is copied while it runs unless it is known
/// to share no disk, to bear a pause, and what it does.
pub(super) fn method(facts: &Server) -> (Method, Finding) {
    let say = |message, fact: &str| Finding::new("disposition", message, Severity::Info).arg("fact", fact);
    let still = ["shared_disk", "time_critical"];
    if let Some(fact) = still.into_iter().find(|fact| facts.flag(fact) == Some(true)) {
        return (Method::Cold, say("method-cold", fact));
    }
    let unknown = still.into_iter().find(|fact| facts.flag(fact).is_none());
    if let Some(fact) = unknown.or_else(|| known(facts, "role").is_none().then_some("role")) {
        return (Method::Cold, say("method-cold-unknown", fact));
    }
    let database = known(facts, "database").map(|_| "database").or_else(|| {
        let role = known(facts, "role").unwrap_or_default();
        ["database", "domain_controller"].iter().any(|kind| role.eq_ignore_ascii_case(kind)).then_some("role")
    });
    match database {
        Some(fact) => (Method::Replication, say("method-replication", fact)),
        None => (Method::Hot, say("method-hot", "role")),
    }
}
