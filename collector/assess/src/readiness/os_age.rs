//! OS age: whether its operating system is still supported.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who, os_name};
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::time::Timestamp;

const POINTS: f64 = 2.0;

/// Operating systems and the last day of ordinary support, as their makers published it; as of 2026-09.
const END_OF_SUPPORT: &[(&str, &str)] = &[
    ("windows server 2003", "2015-07-14"),
    ("windows server 2008", "2020-01-14"),
    ("windows server 2012", "2023-10-10"),
    ("windows server 2016", "2027-01-12"),
    ("windows server 2019", "2029-01-09"),
    ("windows server 2022", "2031-10-14"),
    ("windows server 2025", "2034-10-10"),
    ("red hat enterprise linux 5", "2017-03-31"),
    ("red hat enterprise linux 6", "2020-11-30"),
    ("red hat enterprise linux 7", "2024-06-30"),
    ("red hat enterprise linux 8", "2029-05-31"),
    ("red hat enterprise linux 9", "2032-05-31"),
    ("centos linux 6", "2020-11-30"),
    ("centos linux 7", "2024-06-30"),
    ("centos linux 8", "2021-12-31"),
    ("debian gnu/linux 10", "2024-06-30"),
    ("debian gnu/linux 11", "2026-08-31"),
    ("debian gnu/linux 12", "2028-06-30"),
    ("debian gnu/linux 13", "2030-06-30"),
    ("ubuntu 16.04", "2021-04-30"),
    ("ubuntu 18.04", "2023-05-31"),
    ("ubuntu 20.04", "2025-05-31"),
    ("ubuntu 22.04", "2027-04-30"),
    ("ubuntu 24.04", "2029-04-30"),
    ("suse linux enterprise server 11", "2019-03-31"),
    ("suse linux enterprise server 12", "2024-10-31"),
    ("suse linux enterprise server 15", "2031-07-31"),
];

pub(super) const RULE: Rule = Rule {
    id: "os-age",
    title: "Its operating system is supported",
    part: Part::Ease,
    rationale: "An operating system without support may lack drivers for virtual devices and nobody will help.",
    source: "Makers' published life cycles, as of 2026-09; points are ours.",
    date: "2026-09",
    confirm: Who::Administrator,
    facts: &["os"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let os = subject.server.text("os").unwrap_or_default();
    let end = end_of_support(os);
    let (message, points) = match end {
        Some(end) if ended(end, subject.now) => ("ended", 0.0),
        Some(_) => ("supported", POINTS),
        None => ("unknown", 0.0),
    };
    let severity = if points == 0.0 { Severity::Attention } else { Severity::Info };
    let mut finding = Finding::new("os-age", message, severity).arg("os", os).points(points, POINTS);
    if let Some(end) = end {
        finding = finding.arg("end", end);
    }
    Judgement::Points(points, if points == 0.0 { finding.remedy() } else { finding })
}

fn end_of_support(os: &str) -> Option<&'static str> {
    let name = os_name::plain(os);
    // A release must end where the name ends: 1 is not 10.
    let release = |known: &str| {
        let rest = name.strip_prefix(known)?;
        (!rest.starts_with(|c: char| c.is_ascii_digit())).then_some(())
    };
    END_OF_SUPPORT.iter().find(|(known, _)| release(known).is_some()).map(|(_, end)| *end)
}

fn ended(day: &str, now: Timestamp) -> bool {
    Timestamp::parse_rfc3339(&format!("{day}T23:59:59Z")).is_ok_and(|end| end < now)
}

#[cfg(test)]
mod tests {
    use super::END_OF_SUPPORT;
    use crate::readiness::testing::check;
    use cairn_schemas::time::Timestamp;

    #[test]
    fn judges() {
        check("os-age", "os", "Debian GNU/Linux 12 (bookworm)", "os-age.supported");
        check("os-age", "os", "CentOS Linux 7 (Core)", "os-age.ended");
        check("os-age", "os", "Microsoft Windows Server 2012 R2 Standard", "os-age.ended");
        check("os-age", "os", "RHEL 9.4", "os-age.supported");
        check("os-age", "os", "Debian 12", "os-age.supported");
        check("os-age", "os", "Debian GNU/Linux 121", "os-age.unknown");
        check("os-age", "os", "TempleOS", "os-age.unknown");
        check("os-age", "os", "", "os-age.unknown");
    }

    #[test]
    fn every_date_is_a_date() {
        for (name, day) in END_OF_SUPPORT {
            assert!(Timestamp::parse_rfc3339(&format!("{day}T00:00:00Z")).is_ok(), "{name}");
        }
    }
}
