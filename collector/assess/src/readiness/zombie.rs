//! Zombie: an idle server that nobody has logged in to, whose owner is asked and has not answered.
// SPDX-License-Identifier: Apache-2.0

use super::idle::cpu_p95_of_idle;
use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::time::{DAY_S, Timestamp};

pub(super) const RULE: Rule = Rule {
    id: "zombie",
    title: "Runs for nobody",
    part: Part::Observation,
    rationale: "Idle for weeks, a month-end among them, and without a session: it waits for its owner's word, and counts as a retirement only with it.",
    source: "Azure Migrate calls a server zombie when it uses nothing at all (2024); sessions and the owner's word are ours.",
    date: "2024",
    confirm: Who::Owner,
    facts: &["last_login", "owner_asked", "retire"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    // An owner who has answered, either way, has settled it.
    if subject.server.flag("retire").is_some() {
        return Judgement::Silent;
    }
    let (Some(p95), Some(days)) = (cpu_p95_of_idle(subject), days_without_session(subject)) else {
        return Judgement::Silent;
    };
    if days < subject.policy.readiness.idle_days {
        return Judgement::Silent;
    }
    let finding = match subject.server.text("owner_asked") {
        Some(day) => Finding::new("zombie", "asked", Severity::Attention).arg("day", day),
        None => Finding::new("zombie", "not-asked", Severity::Attention),
    };
    Judgement::Said(finding.arg("p95", p95).arg("days", days).remedy())
}

/// Whole days since somebody last logged in; `None` where nobody keeps count.
fn days_without_session(subject: &Subject<'_>) -> Option<f64> {
    let text = subject.server.text("last_login")?;
    let moment = if text.len() == 10 { format!("{text}T23:59:59Z") } else { text.to_owned() };
    let last = Timestamp::parse_rfc3339(&moment).ok()?;
    Some(((subject.now.0 - last.0) as f64 / DAY_S as f64).floor())
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check_server;
    use crate::testing::{ordinary, server, week};
    use cairn_schemas::assessment::Resource;

    #[test]
    fn only_the_owner_makes_it_a_retirement() {
        let check = |weeks, facts: &[(&str, &str)], expected: &str| {
            let mut idle = ordinary("idle", 0, 0.0, 0.0);
            let value = |resource, _| if resource == Resource::Cpu { 0.005 } else { 1e3 };
            idle.weeks = (0..weeks).map(|n| week(n, value)).collect();
            idle.facts.extend(server("", facts).facts);
            check_server("zombie", &idle, expected);
        };
        let long_ago = ("last_login", "2025-01-31");
        check(5, &[], "silent");
        check(5, &[("last_login", "2026-11-20")], "silent");
        check(5, &[long_ago], "zombie.not-asked");
        check(5, &[long_ago, ("owner_asked", "2026-11-10")], "zombie.asked");
        check(5, &[long_ago, ("retire", "false")], "silent");
        // No month-end among them.
        check(4, &[long_ago], "silent");
    }
}
