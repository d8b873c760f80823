//! The chosen hypervisor carries its operating system.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who, gate, os_name};
use cairn_schemas::finding::{Finding, Severity};

/// What a policy names while no hypervisor is chosen.
const ANY: &str = "any";

/// A hypervisor, a family of guests, and its oldest release that the maker supports.
type Supported = (&'static str, &'static str, u32);

/// What makers say of guests: Microsoft for Hyper-V of Windows Server 2022, Red Hat for KVM of RHEL 9 (2026),
/// SUSE for KVM of SLES 12 (2018), whose list reaches back furthest. Later releases count as supported.
const SUPPORTED: &[Supported] = &[
    ("hyper-v-2022", "windows server", 2008),
    ("hyper-v-2022", "red hat enterprise linux", 5),
    ("hyper-v-2022", "centos linux", 5),
    ("hyper-v-2022", "centos stream", 8),
    ("hyper-v-2022", "oracle linux server", 6),
    ("hyper-v-2022", "debian gnu/linux", 8),
    ("hyper-v-2022", "ubuntu", 16),
    ("hyper-v-2022", "suse linux enterprise server", 11),
    ("rhel-9-kvm", "windows server", 2016),
    ("rhel-9-kvm", "red hat enterprise linux", 7),
    ("rhel-9-kvm", "centos stream", 8),
    ("rhel-9-kvm", "ubuntu", 20),
    ("rhel-9-kvm", "suse linux enterprise server", 12),
    ("sles-12-kvm", "windows server", 2008),
    ("sles-12-kvm", "red hat enterprise linux", 5),
    ("sles-12-kvm", "suse linux enterprise server", 10),
];

pub(super) const RULE: Rule = Rule {
    id: "guest-os",
    title: "The chosen hypervisor carries its operating system",
    part: Part::Gate,
    rationale: "A guest that the hypervisor's maker does not support gets no drivers and no help. What is on no list is asked for, not refused.",
    source: "Makers' lists of guests: Hyper-V of Windows Server 2022, RHEL 9 KVM, SLES 12 KVM; platform compatibility in candidate rules to 2010.",
    date: "2026",
    confirm: Who::Administrator,
    facts: &["hypervisor_support", "os"],
    judge,
};

/// Names a policy may give as its hypervisor.
pub fn hypervisors() -> Vec<&'static str> {
    let mut names: Vec<_> = SUPPORTED.iter().map(|(hypervisor, ..)| *hypervisor).chain([ANY]).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What the lists say of a guest.
#[derive(PartialEq)]
enum Listed {
    Supported,
    TooOld,
    Nowhere,
}

fn judge(subject: &Subject<'_>) -> Judgement {
    let chosen = subject.policy.readiness.hypervisor.as_str();
    let os = subject.server.text("os").unwrap_or_default();
    let listed = listed(os, chosen);
    // A person's word counts where the lists do not say yes: forgotten, it can then only make things worse.
    if listed != Listed::Supported && subject.server.text("hypervisor_support").is_some() {
        return gate::by_fact(subject, "guest-os", "hypervisor_support", |value| gate::is(value, "ok"));
    }
    let complete = |finding: Finding| finding.arg("hypervisor", chosen).arg("os", os).remedy();
    match listed {
        Listed::Supported => Judgement::Clear,
        Listed::TooOld => Judgement::Blocked(complete(Finding::new("guest-os", "too-old", Severity::Gate))),
        Listed::Nowhere if os.is_empty() => {
            Judgement::Open(complete(Finding::new("guest-os", "unknown", Severity::Gate)))
        }
        Listed::Nowhere => Judgement::Open(complete(Finding::new("guest-os", "not-listed", Severity::Gate))),
    }
}

/// While no hypervisor is chosen, nothing is too old for all of them.
fn listed(os: &str, chosen: &str) -> Listed {
    let name = os_name::plain(os);
    let lists = SUPPORTED.iter().filter(|(hypervisor, ..)| chosen == ANY || *hypervisor == chosen);
    let found: Vec<bool> =
        lists.filter_map(|(_, family, oldest)| Some(os_name::release(&name, family)? >= *oldest)).collect();
    match (found.contains(&true), found.is_empty() || chosen == ANY) {
        (true, _) => Listed::Supported,
        (false, true) => Listed::Nowhere,
        (false, false) => Listed::TooOld,
    }
}

#[cfg(test)]
mod tests {
    use super::hypervisors;
    use crate::policy::Policy;
    use crate::readiness::testing::{check, check_server, judge_by, message};
    use crate::testing::{ordinary, server};

    #[test]
    fn without_a_choice_nothing_is_refused() {
        check("guest-os", "os", "Debian GNU/Linux 12", "clear");
        check("guest-os", "os", "Windows Server 2003 R2", "guest-os.not-listed");
        check("guest-os", "os", "TempleOS", "guest-os.not-listed");
        check("guest-os", "os", "", "guest-os.unknown");
        check("guest-os", "hypervisor_support", "forbidden", "clear");
    }

    #[test]
    fn a_person_is_asked_where_the_lists_are_silent() {
        let check = |facts: &[(&str, &str)], expected: &str| {
            let mut subject = ordinary("odd", 1, 0.1, 1e9);
            subject.facts.remove("os");
            subject.facts.extend(server("", facts).facts);
            check_server("guest-os", &subject, expected);
        };
        check(&[("hypervisor_support", "ok")], "clear");
        check(&[("os", "TempleOS"), ("hypervisor_support", "ok")], "clear");
        check(&[("os", "TempleOS"), ("hypervisor_support", "forbidden")], "guest-os.proven");
    }

    #[test]
    fn the_chosen_hypervisor_decides() {
        let mut policy = Policy::default();
        let mut check = |hypervisor: &str, os: &str, expected: &str| {
            policy.readiness.hypervisor = hypervisor.into();
            let mut subject = ordinary("web", 1, 0.1, 1e9);
            subject.facts.extend(server("", &[("os", os)]).facts);
            assert_eq!(message(&judge_by("guest-os", &subject, &policy)), expected, "{hypervisor}: {os}");
        };
        check("rhel-9-kvm", "Windows Server 2012 R2", "guest-os.too-old");
        check("hyper-v-2022", "Windows Server 2012 R2", "clear");
        check("rhel-9-kvm", "Debian GNU/Linux 12", "guest-os.not-listed");
        assert_eq!(hypervisors(), ["any", "hyper-v-2022", "rhel-9-kvm", "sles-12-kvm"]);
    }
}
