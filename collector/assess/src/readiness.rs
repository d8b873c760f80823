//! Readiness: gates, the score in its five parts, and what must be done or confirmed. Each rule is a file of
//! its own; `RULES` is the one ordered list of them (design 7.4).
// SPDX-License-Identifier: Apache-2.0

use crate::decisions;
use crate::policy::Policy;
use cairn_schemas::assessment::{Category, ScoreParts};
use cairn_schemas::digest::sha256_hex;
use cairn_schemas::finding::{Finding, Severity};

mod already_virtual;
mod appliance;
mod architecture;
mod guest_os;
mod short_coverage;
mod special_hardware;
mod vendor_support;

mod fit;
mod ownership;
mod room_to_grow;
mod steadiness;

mod clustered;
mod disk_size;
mod drivers;
mod firmware;
mod os_age;
mod shared_disk;
mod time_critical;

mod attached_device;
mod confirm_memory;
mod encrypted_disk;
mod move_needs;
mod numa_width;
mod storage_network;
mod thirty_two_bit;
mod two_machines;

mod month_end_unseen;
mod often_off;
mod saturated_cpu;
mod saturated_disk;
mod saturated_memory;
mod saturated_network;
mod short_peaks;

mod availability;
mod contract_end;
mod data_class;
mod licence_pool;
mod security_zone;

mod idle;
mod retiring;
mod zombie;

mod gate;
mod os_name;
mod rule;
mod saturation;

pub use guest_os::hypervisors;
pub use ownership::is_it_owned;
pub use rule::{Judgement, Part, Rule, Subject, Who};

/// Every rule: gates, parts of the score, ease, what the load says, what the move needs, what people must
/// settle, and what may be switched off instead.
pub static RULES: &[Rule] = &[
    special_hardware::RULE,
    architecture::RULE,
    already_virtual::RULE,
    vendor_support::RULE,
    appliance::RULE,
    guest_os::RULE,
    short_coverage::RULE,
    fit::RULE,
    steadiness::RULE,
    room_to_grow::RULE,
    firmware::RULE,
    drivers::RULE,
    disk_size::RULE,
    shared_disk::RULE,
    clustered::RULE,
    os_age::RULE,
    time_critical::RULE,
    ownership::RULE,
    confirm_memory::RULE,
    saturated_cpu::RULE,
    saturated_memory::RULE,
    saturated_disk::RULE,
    saturated_network::RULE,
    short_peaks::RULE,
    month_end_unseen::RULE,
    often_off::RULE,
    numa_width::RULE,
    thirty_two_bit::RULE,
    storage_network::RULE,
    encrypted_disk::RULE,
    attached_device::RULE,
    move_needs::RULE,
    two_machines::RULE,
    availability::RULE,
    security_zone::RULE,
    data_class::RULE,
    licence_pool::RULE,
    contract_end::RULE,
    retiring::RULE,
    idle::RULE,
    zombie::RULE,
];

/// What all rules together say of one server.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Where it stands.
    pub category: Category,
    /// 0 to 100; `None` when blocked or unknown.
    pub score: Option<f64>,
    /// Parts of the score, with it.
    pub parts: Option<ScoreParts>,
    /// Proven gates first, then open ones, then what costs points, then the rest.
    pub findings: Vec<Finding>,
}

/// Judges a server by every rule the policy leaves on. `sized`: CPU and memory are known well enough to plan.
#[must_use]
pub fn judge(subject: &Subject<'_>, sized: bool) -> Verdict {
    let mut parts = ScoreParts::default();
    let mut findings: Vec<Finding> = (!sized).then(|| unsized_for_want_of(subject)).into_iter().collect();
    let mut proven = Vec::new();
    let mut open = false;
    for rule in RULES {
        if subject.policy.rules_off.contains_key(rule.id) {
            continue;
        }
        match decisions::heard(subject, rule.id, rule.judged(subject), &mut findings) {
            Judgement::Clear | Judgement::Silent => {}
            Judgement::Blocked(finding) => proven.push(finding),
            Judgement::Open(finding) => {
                open = true;
                findings.push(finding);
            }
            Judgement::Points(points, finding) => {
                add(&mut parts, rule.part, points);
                findings.push(finding);
            }
            Judgement::Said(finding) => findings.push(finding),
        }
    }
    proven.extend(decisions::vetoes(subject));
    findings.extend(decisions::expired(subject));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let blocked = !proven.is_empty();
    proven.append(&mut findings);
    let score = parts.fit + parts.steadiness + parts.room + parts.ease + parts.ownership;
    let category = match (sized, blocked, open) {
        (_, true, _) => Category::Blocked,
        (false, ..) => Category::Unknown,
        (true, false, false) if score >= subject.policy.journey.ready_score_min => Category::Ready,
        _ => Category::Conditional,
    };
    let scored = matches!(category, Category::Ready | Category::Conditional);
    Verdict { category, score: scored.then_some(score), parts: scored.then_some(parts), findings: proven }
}

/// Names what keeps a server from being planned: no cores to multiply by, or no memory to plan with.
fn unsized_for_want_of(subject: &Subject<'_>) -> Finding {
    let message = if subject.capacity.cpu_mhz.is_none() { "no-cpu" } else { "no-memory" };
    Finding::new("sizing", message, Severity::Gate).remedy()
}

fn add(parts: &mut ScoreParts, part: Part, points: f64) {
    match part {
        Part::Fit => parts.fit += points,
        Part::Steadiness => parts.steadiness += points,
        Part::Room => parts.room += points,
        Part::Ease => parts.ease += points,
        Part::Ownership => parts.ownership += points,
        Part::Gate | Part::Observation => {}
    }
}

/// A rule by its id.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

/// What a policy switches off, once for the whole estate: each rule with its reason, and what is no rule, which a
/// slip of the pen would otherwise leave on unseen.
#[must_use]
pub fn rules_off(policy: &Policy) -> Vec<Finding> {
    let say = |(id, reason): (&String, &String)| match rule(id) {
        Some(rule) => Finding::new("rules", "off", Severity::Attention)
            .arg("rule", rule.id)
            .arg("title", rule.title)
            .arg("reason", reason.as_str()),
        None => Finding::new("rules", "no-such-rule", Severity::Attention).arg("rule", id.as_str()),
    };
    policy.rules_off.iter().map(say).collect()
}

/// SHA-256 over ids, titles, rationales, sources and dates, in order: other rules, other hash.
#[must_use]
pub fn rules_sha256() -> String {
    let text = |r: &Rule| format!("{}\n{}\n{}\n{}\n{}\n", r.id, r.title, r.rationale, r.source, r.date);
    sha256_hex(RULES.iter().map(text).collect::<String>().as_bytes())
}

#[cfg(test)]
pub(crate) mod testing;

#[cfg(test)]
#[path = "readiness/readiness_tests.rs"]
mod tests;
