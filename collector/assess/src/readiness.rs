//! Readiness: gates, the score in its five parts, and what must be done or confirmed. Each rule is a file of
//! its own; `RULES` is the one ordered list of them (design 7.4).
// SPDX-License-Identifier: Apache-2.0

use crate::decisions;
use crate::estate::Server;
use crate::policy::Policy;
use cairn_schemas::assessment::{
    Category, Coverage, HostCapacity, ScoreParts, ServerCapacity, Size, Utilisation,
};
use cairn_schemas::digest::sha256_hex;
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::time::Timestamp;

mod already_virtual;
mod appliance;
mod architecture;
mod short_coverage;
mod special_hardware;
mod vendor_support;

mod fit;
mod ownership;
mod room_to_grow;
mod steadiness;

mod clustered;
mod disk_size;
mod firmware;
mod os_age;
mod shared_disk;
mod time_critical;

mod confirm_memory;
mod idle;
mod move_needs;
mod numa_width;
mod retiring;
mod two_machines;

mod gate;

pub use ownership::is_it_owned;

/// Every rule: gates, parts of the score, ease, observations.
pub static RULES: &[Rule] = &[
    special_hardware::RULE,
    architecture::RULE,
    already_virtual::RULE,
    vendor_support::RULE,
    appliance::RULE,
    short_coverage::RULE,
    fit::RULE,
    steadiness::RULE,
    room_to_grow::RULE,
    firmware::RULE,
    disk_size::RULE,
    shared_disk::RULE,
    clustered::RULE,
    os_age::RULE,
    time_critical::RULE,
    ownership::RULE,
    confirm_memory::RULE,
    move_needs::RULE,
    two_machines::RULE,
    numa_width::RULE,
    retiring::RULE,
    idle::RULE,
];

/// One rule: what it is called, why it exists, who says so, and how it judges.
#[derive(Debug)]
pub struct Rule {
    /// Its id, equal to its file name with hyphens.
    pub id: &'static str,
    /// One line for lists.
    pub title: &'static str,
    /// Where its points go.
    pub part: Part,
    /// Why it exists.
    pub rationale: &'static str,
    /// Who says so; *ours* where we do.
    pub source: &'static str,
    /// Judges a server.
    pub judge: fn(&Subject<'_>) -> Judgement,
}

/// Where the points of a rule go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// None: it opens or closes.
    Gate,
    /// Of 40.
    Fit,
    /// Of 15.
    Steadiness,
    /// Of 15.
    Room,
    /// Of 15, shared by the ease rules.
    Ease,
    /// Of 15.
    Ownership,
    /// None: it only says something.
    Observation,
}

/// What a rule looks at.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The server.
    pub server: &'a Server,
    /// The policy.
    pub policy: &'a Policy,
    /// The moment of the assessment.
    pub now: Timestamp,
    /// What it has.
    pub capacity: &'a ServerCapacity,
    /// What it used.
    pub utilisation: &'a Utilisation,
    /// What it would get.
    pub size: Option<&'a Size>,
    /// How much was measured.
    pub coverage: &'a Coverage,
    /// The host it is judged against.
    pub host: HostCapacity,
}

/// What a rule says.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// A gate that is known to be open.
    Clear,
    /// A gate that is proven closed.
    Blocked(Finding),
    /// A gate whose facts are missing: never good, never a proof.
    Open(Finding),
    /// Points of the score; 0 where the rule cannot know.
    Points(f64, Finding),
    /// Nothing for the score.
    Said(Finding),
    /// Nothing at all.
    Silent,
}

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
        if let Some(reason) = subject.policy.rules_off.get(rule.id) {
            let off = Finding::new("rules", "off", Severity::Attention);
            findings.push(off.arg("rule", rule.id).arg("reason", reason.as_str()));
            continue;
        }
        match decisions::heard(subject, rule.id, (rule.judge)(subject), &mut findings) {
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

/// Rules a policy switches off that do not exist: a slip of the pen would otherwise leave them on unseen.
#[must_use]
pub fn rules_unknown(policy: &Policy) -> Vec<Finding> {
    let unknown = policy.rules_off.keys().filter(|id| RULES.iter().all(|rule| rule.id != id.as_str()));
    let say =
        |id: &String| Finding::new("rules", "no-such-rule", Severity::Attention).arg("rule", id.as_str());
    unknown.map(say).collect()
}

/// SHA-256 over ids, titles, rationales and sources, in order: other rules, other hash.
#[must_use]
pub fn rules_sha256() -> String {
    let text: Vec<String> =
        RULES.iter().map(|r| format!("{}\n{}\n{}\n{}\n", r.id, r.title, r.rationale, r.source)).collect();
    sha256_hex(text.concat().as_bytes())
}

#[cfg(test)]
pub(crate) mod testing;

#[cfg(test)]
#[path = "readiness/readiness_tests.rs"]
mod tests;
