//! Assessments made by hand, for the tests of the report: a rich one, one server, none assessable, and one with
//! everything missing. Hostile names are in the rich one on purpose.
// SPDX-License-Identifier: Apache-2.0

use crate::messages::Messages;
use cairn_schemas::assessment::*;
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::gap::GapReason;
use cairn_schemas::time::{Timestamp, Window};
use std::collections::BTreeMap;

mod outcome;
mod plan;
mod realised;
mod service;
mod shady;
mod sizing;

pub(crate) use shady::{SHADY, shady};

use outcome::{dispositions, figures, journey, value, waves};
use plan::{cluster, host, plan, rich_plan, spare};

pub(crate) const HOSTILE: &str = "=cmd()<script>alert(\"x\")</script>";
const GIB: f64 = 1_073_741_824.0;
const DAY: i64 = 86_400;

/// The wording of the reports, with sentences for the findings made here.
pub(crate) fn words() -> Messages {
    let own = r#"
        "fixture-fit.good" = "The worst resource takes {share:percent} of a host."
        "fixture-owner.named" = "An owner is named."
        "fixture-memory.unconfirmed" = "Planned at installed memory: a {role} keeps what it is given."
        "fixture-memory.remedy" = "Confirm how much memory the {role} needs."
        "fixture-dongle.proven" = "{device} is plugged in; a virtual machine loses it when it moves."
        "fixture-dongle.remedy" = "Move the licence to a network dongle or a file, or accept that the server stays."
        "fixture-trigger.missing" = "Nobody has recorded a business trigger, a refresh or a move of the data centre say."
        "fixture-share.counted" = "{virtual:int} of {all:int} workloads run virtual."
    "#;
    let files = [
        ("report", include_str!("../../messages/en/report.toml")),
        ("customer", include_str!("../../messages/en/customer.toml")),
        ("realised", include_str!("../../messages/en/realised.toml")),
        ("service", include_str!("../../messages/en/service.toml")),
        ("fixtures", own),
    ];
    Messages::parse(&files).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn range(low: f64, base: f64, high: f64) -> Range {
    Range { low, base, high }
}

/// Everything that may be missing is missing, and there is no server.
pub(crate) fn bare() -> Assessment {
    Assessment {
        schema: SCHEMA.into(),
        id: 0,
        engagement: "default".into(),
        created: at("2026-11-25T15:00:00Z"),
        window: Window { from: at("2026-11-25T15:00:00Z"), to: at("2026-11-25T15:00:00Z") },
        tool_version: "0.1.0".into(),
        method_version: "1".into(),
        rules_sha256: "0".repeat(64),
        policy: cairn_assess::policy::Policy::default().reference(),
        inputs_sha256: "0".repeat(64),
        estate: EstateSummary { servers: 0, assessed: 0, excluded: vec![], simulated: 0 },
        coverage: Coverage::default(),
        readiness: Readiness { score: None, counts: CategoryCounts::default(), servers: vec![] },
        decisions: vec![],
        differences: vec![],
        sizing: None,
        storage: None,
        consolidation: None,
        value: Value { currency: "USD".into(), years: 5, ..Value::default() },
        waves: vec![],
        wave_method: None,
        dispositions: vec![],
        journey: Journey {
            phase: 0,
            phase_id: "experiment".into(),
            virtualised_share_ratio: None,
            evidence: vec![],
            triggers: vec![],
            opened: vec![],
            phases: vec![],
            sponsors: vec![],
            moments: vec![],
        },
        checklist: Checklist::default(),
        service_catalogue: None,
        showback: None,
        realised: None,
        figures: BTreeMap::new(),
        findings: vec![],
        review: None,
    }
}

/// A server about which nothing is known.
fn unknown(name: &str) -> ServerReadiness {
    ServerReadiness {
        server: name.into(),
        simulated: false,
        score: None,
        parts: None,
        category: Category::Unknown,
        confidence: Confidence::None,
        coverage_ratio: None,
        coverage: Coverage::default(),
        findings: vec![],
        capacity: ServerCapacity::default(),
        utilisation: Utilisation::default(),
        size: None,
        owner: None,
        role: None,
        os: None,
    }
}

/// Three servers, and nothing that could be planned.
pub(crate) fn none_assessable() -> Assessment {
    let servers = vec![unknown("alpha"), unknown("beta"), unknown("gamma")];
    let counts = CategoryCounts { unknown: 3, ..CategoryCounts::default() };
    service::with(Assessment {
        estate: EstateSummary { servers: 3, assessed: 3, excluded: vec![], simulated: 0 },
        readiness: Readiness { score: Some(0.0), counts, servers },
        ..bare()
    })
}

/// One ready server, measured for a week, without back-test or value.
pub(crate) fn one_server() -> Assessment {
    let mut assessment = bare();
    assessment.id = 1;
    assessment.window = Window { from: at("2026-11-18T00:00:00Z"), to: at("2026-11-25T00:00:00Z") };
    assessment.estate = EstateSummary { servers: 1, assessed: 1, excluded: vec![], simulated: 0 };
    let mut server = measured(0, false);
    server.server = "web-01".into();
    assessment.coverage = server.coverage.clone();
    assessment.readiness = Readiness {
        score: server.score,
        counts: CategoryCounts { ready: 1, ..CategoryCounts::default() },
        servers: vec![server],
    };
    assessment.consolidation = Some(Consolidation {
        placement: vec![host(0, "cluster-1", vec!["web-01".into()]), spare("cluster-1")],
        clusters: vec![Cluster { site: String::new(), zone: String::new(), ..cluster("cluster-1", 1, 1, 1) }],
        ..plan(1, 1, 1, 0, vec![])
    });
    service::with(assessment)
}

/// The rich one: `servers` servers, a fifth of them simulated, with everything an assessment can hold.
pub(crate) fn rich(servers: usize) -> Assessment {
    let outside = 6;
    let assessed: Vec<_> = (0..servers - outside).map(|n| server(n, n % 5 == 0)).collect();
    let count = |category| assessed.iter().filter(|s| s.category == category).count();
    let counts = CategoryCounts {
        ready: count(Category::Ready),
        conditional: count(Category::Conditional),
        blocked: count(Category::Blocked),
        unknown: count(Category::Unknown),
    };
    let mut ordered = assessed;
    ordered.sort_by(|a, b| {
        b.score.unwrap_or(-1.0).total_cmp(&a.score.unwrap_or(-1.0)).then_with(|| a.server.cmp(&b.server))
    });
    let score = ordered.iter().map(|s| s.score.unwrap_or(0.0)).sum::<f64>() / ordered.len() as f64;
    let simulated = ordered.iter().filter(|s| s.simulated).count();
    service::with(Assessment {
        id: 3,
        engagement: "northern-logistics".into(),
        window: Window { from: at("2026-10-28T00:00:00Z"), to: at("2026-11-25T00:00:00Z") },
        rules_sha256: "4f1d".repeat(16),
        inputs_sha256: "9be07c21".repeat(8),
        estate: EstateSummary { servers, assessed: ordered.len(), excluded: excluded(), simulated },
        coverage: coverage(0.934, ordered.len() as i64),
        sizing: Some(sizing::sizing()),
        storage: Some(sizing::storage()),
        consolidation: Some(rich_plan(&ordered)),
        readiness: Readiness { score: Some(score), counts, servers: ordered.clone() },
        value: value(),
        waves: waves(&ordered),
        dispositions: dispositions(&ordered),
        journey: journey(&ordered),
        figures: figures(),
        realised: Some(realised::realised(&ordered)),
        findings: vec![],
        ..bare()
    })
}

fn excluded() -> Vec<Excluded> {
    let one = |server: &str, reason, evidence: &str| Excluded {
        server: server.into(),
        reason,
        evidence: evidence.into(),
        measured: None,
    };
    vec![
        one("app-vm-01", ExclusionReason::AlreadyVirtual, "hypervisor: kvm (inventory)"),
        one("app-vm-02", ExclusionReason::AlreadyVirtual, "hypervisor: kvm (inventory)"),
        one("ci-runner-3", ExclusionReason::AlreadyVirtual, "container: lxc (inventory)"),
        one("esx-old-01", ExclusionReason::Hypervisor, "kernel: VMkernel (inventory)"),
        one("fax-01", ExclusionReason::Retiring, "confirmed by M. Keller, 2026-11-02"),
        one("print-02", ExclusionReason::Retiring, "confirmed by M. Keller, 2026-11-02"),
    ]
}

fn coverage(ratio: f64, servers: i64) -> Coverage {
    let due_s = 28 * DAY * servers;
    let covered_s = (due_s as f64 * ratio) as i64;
    let left = due_s - covered_s;
    Coverage {
        ratio: Some(ratio),
        covered_s,
        due_s,
        off_s: due_s / 50,
        missing_s: BTreeMap::from([
            (GapReason::NeverEnrolled, left / 2),
            (GapReason::AgentDown, left / 3),
            (GapReason::NotReported, left - left / 2 - left / 3),
        ]),
        span_days: 28.0,
        weekdays: 7,
        month_end_seen: true,
        confidence: if ratio >= 0.9 { Confidence::High } else { Confidence::Medium },
        days_still_to_measure: if ratio >= 0.9 { 0 } else { 9 },
    }
}

fn server(n: usize, simulated: bool) -> ServerReadiness {
    let mut server = measured(n, simulated);
    match n % 16 {
        7 => block(&mut server),
        11 => return ServerReadiness { simulated, ..unknown(&server.server) },
        3 | 5 | 9 | 13 => {
            server.category = Category::Conditional;
            server.coverage = coverage(0.71, 1);
            server.coverage_ratio = Some(0.71);
            server.confidence = Confidence::Medium;
            let finding = Finding::new("fixture-memory", "unconfirmed", Severity::Attention);
            server.findings.push(finding.arg("role", "database").remedy());
        }
        _ => {}
    }
    if n == 2 {
        server.server = HOSTILE.into();
    }
    server
}

fn block(server: &mut ServerReadiness) {
    server.category = Category::Blocked;
    (server.score, server.parts) = (None, None);
    let finding = Finding::new("fixture-dongle", "proven", Severity::Gate);
    server.findings.insert(
        0,
        finding
            .arg("device", "USB licence key 0529:0001")
            .evidence("usb_devices, agent, 2026-11-20")
            .remedy(),
    );
}

fn measured(n: usize, simulated: bool) -> ServerReadiness {
    let roles = ["web", "file", "database", "batch", "build", "mail_relay"];
    let busy = 0.04 + 0.11 * ((n * 7) % 8) as f64 / 8.0;
    let parts = ScoreParts {
        fit: 40.0 - ((n * 5) % 21) as f64,
        steadiness: [15.0, 10.0, 5.0][n % 3],
        room: 15.0,
        ease: 15.0 - (n % 4) as f64 * 2.0,
        ownership: [15.0, 10.0, 5.0, 0.0][(n / 3) % 4],
    };
    let hour = |h: usize| {
        let day = if (7..19).contains(&h) { 5.0 } else { 1.0 };
        let night = if n.is_multiple_of(4) && (1..4).contains(&h) { 0.8 } else { 0.0 };
        (!(n.is_multiple_of(9) && h < 2)).then_some((busy * day + night).min(1.0))
    };
    let percentiles = |scale: f64| {
        Some(Percentiles {
            mean: busy * scale,
            p50: busy * 0.9 * scale,
            p95: busy * 3.0 * scale,
            p99: busy * 4.0 * scale,
            max: busy * 5.0 * scale,
            samples: 8064,
        })
    };
    ServerReadiness {
        server: format!("{}-{n:03}", roles[n % 6].replace('_', "-")),
        score: Some(parts.fit + parts.steadiness + parts.room + parts.ease + parts.ownership),
        parts: Some(parts),
        category: Category::Ready,
        confidence: Confidence::High,
        coverage_ratio: Some(0.97),
        coverage: coverage(0.97, 1),
        findings: vec![
            Finding::new("fixture-fit", "good", Severity::Info).arg("share", 0.08).points(parts.fit, 40.0),
            Finding::new("fixture-owner", "named", Severity::Info).points(parts.ownership, 15.0),
        ],
        capacity: ServerCapacity {
            cpu_mhz: Some(38_400.0),
            cpu_grade: CpuGrade::CoresByClock,
            cpu_error_ratio: Some(0.431),
            memory_bytes: Some(64.0 * GIB),
            disk_bytes_per_s: Some(4e8),
            network_bytes_per_s: Some(1.25e8),
        },
        utilisation: Utilisation {
            cpu_busy_ratio: percentiles(1.0),
            memory_used_bytes: percentiles(64.0 * GIB),
            disk_bytes_per_s: percentiles(2e7),
            network_bytes_per_s: percentiles(4e6),
            cpu_busy_ratio_max_1s: Some(0.99),
            cpu_by_hour: (0..24).map(hour).collect(),
            busiest_hour_of_week: Some(34),
        },
        size: Some(Size {
            vcpu: 4,
            vcpu_exact: 3.42,
            memory_bytes: 24.0 * GIB,
            memory_bytes_exact: 23.1 * GIB,
            disk_bytes: Some(400.0 * GIB),
            memory_basis: MemoryBasis::MeasuredPeak,
        }),
        owner: [Some("IT operations"), Some("A. Brandt (finance)"), Some("Webshop team"), None][(n / 3) % 4]
            .map(str::to_owned),
        role: Some(roles[n % 6].into()),
        os: Some("Debian 12".into()),
        simulated,
    }
}
