//! Assessments made by hand, for the tests of the report: a rich one, one server, none assessable, and one with
//! everything missing. Hostile names are in the rich one on purpose.
// SPDX-License-Identifier: Apache-2.0

use crate::messages::Messages;
use cairn_schemas::assessment::*;
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::gap::GapReason;
use cairn_schemas::time::{Timestamp, Window};
use std::collections::BTreeMap;

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
    Messages::parse(&[("report", include_str!("../../messages/en/report.toml")), ("fixtures", own)]).unwrap()
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
        consolidation: None,
        value: Value {
            currency: "USD".into(),
            years: 5,
            lines: vec![],
            annual_cash: Range::default(),
            one_off_cash: Range::default(),
            annual_avoided: Range::default(),
            annual_soft: Range::default(),
            annual_carbon_kg: Range::default(),
            by_year: vec![],
            payback_months: PaybackMonths::default(),
            constants: vec![],
            findings: vec![],
        },
        waves: vec![],
        journey: Journey {
            phase: 0,
            phase_id: "experiment".into(),
            virtualised_share_ratio: None,
            evidence: vec![],
            triggers: vec![],
            opened: vec![],
        },
        figures: BTreeMap::new(),
        findings: vec![],
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
    Assessment {
        estate: EstateSummary { servers: 3, assessed: 3, excluded: vec![], simulated: 0 },
        readiness: Readiness { score: Some(0.0), counts, servers },
        ..bare()
    }
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
    assessment
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
    Assessment {
        id: 3,
        engagement: "northern-logistics".into(),
        window: Window { from: at("2026-10-28T00:00:00Z"), to: at("2026-11-25T00:00:00Z") },
        rules_sha256: "4f1d".repeat(16),
        inputs_sha256: "9be07c21".repeat(8),
        estate: EstateSummary { servers, assessed: ordered.len(), excluded: excluded(), simulated },
        coverage: coverage(0.934, ordered.len() as i64),
        consolidation: Some(rich_plan(&ordered)),
        readiness: Readiness { score: Some(score), counts, servers: ordered.clone() },
        value: value(),
        waves: waves(&ordered),
        journey: journey(&ordered),
        figures: figures(),
        findings: vec![],
        ..bare()
    }
}

fn excluded() -> Vec<Excluded> {
    let one = |server: &str, reason, evidence: &str| Excluded {
        server: server.into(),
        reason,
        evidence: evidence.into(),
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
        ..unknown("")
    }
}

fn plan(
    hosts: usize,
    failover_hosts: usize,
    placed: usize,
    staying: usize,
    stay: Vec<Stay>,
) -> Consolidation {
    let assessed = placed + staying;
    let after = hosts + failover_hosts + staying;
    Consolidation {
        scenario: "balanced".into(),
        hosts,
        failover_hosts,
        lower_bound_hosts: hosts.saturating_sub(1).max(1),
        proven_gap_ratio: Some(1.0 / hosts as f64),
        interval: None,
        population: Population { assessed, placed, stay: staying },
        source_to_destination_ratio: Some(placed as f64 / hosts as f64),
        net_consolidation_ratio: Some(assessed as f64 / after as f64),
        vm_density: Some(placed as f64 / (hosts + failover_hosts) as f64),
        servers_removed: assessed as i64 - after as i64,
        backtest: None,
        clusters: vec![],
        placement: vec![],
        stay,
        dropped_dimensions: vec![],
        scenarios: vec![],
        flip_points: vec![],
        findings: vec![],
    }
}

fn cluster(name: &str, servers: usize, hosts: usize, failover_hosts: usize) -> Cluster {
    Cluster {
        name: name.into(),
        site: "Hamburg".into(),
        zone: if name.contains("dmz") { "DMZ".into() } else { "internal".into() },
        licence_pool: String::new(),
        template: "two-socket-64-core-1-tib".into(),
        servers,
        hosts,
        failover_hosts,
        failures_survived: 1,
        partition_lower_bound_hosts: hosts.saturating_sub(1).max(1),
        limiting: Some(Peak { resource: Resource::Memory, cell: 34, used: 0.843 }),
    }
}

fn capacity() -> HostCapacity {
    let policy = cairn_assess::policy::Policy::default();
    policy.template.capacity(&policy.normalisation)
}

fn host(n: usize, cluster: &str, servers: Vec<String>) -> HostPlacement {
    let resource = if n.is_multiple_of(3) { Resource::Cpu } else { Resource::Memory };
    HostPlacement {
        host: format!("{cluster}-host-{:02}", n + 1),
        cluster: cluster.into(),
        template: "two-socket-64-core-1-tib".into(),
        capacity: capacity(),
        servers,
        peak: Some(Peak { resource, cell: 34 + n * 13, used: 0.79 - n as f64 * 0.017 }),
        failover: false,
    }
}

fn spare(cluster: &str) -> HostPlacement {
    HostPlacement {
        host: format!("{cluster}-spare-01"),
        peak: None,
        failover: true,
        ..host(0, cluster, vec![])
    }
}

fn rich_plan(servers: &[ServerReadiness]) -> Consolidation {
    let stays = |s: &&ServerReadiness| matches!(s.category, Category::Blocked | Category::Unknown);
    let reason = |s: &ServerReadiness| if s.category == Category::Blocked { "blocked" } else { "unknown" };
    let stay: Vec<_> = servers
        .iter()
        .filter(stays)
        .map(|s| Stay { server: s.server.clone(), reason: reason(s).into() })
        .collect();
    let placed: Vec<_> = servers.iter().filter(|s| !stays(s)).map(|s| s.server.clone()).collect();
    let (internal, dmz) = placed.split_at(placed.len() * 3 / 4);
    let spread = |servers: &[String], hosts: usize, name: &str| -> Vec<HostPlacement> {
        let on = |n: usize| servers.iter().skip(n).step_by(hosts).cloned().collect();
        (0..hosts).map(|n| host(n, name, on(n))).chain([spare(name)]).collect()
    };
    let mut placement = spread(internal, 6, "hamburg-1");
    placement.extend(spread(dmz, 2, "hamburg-dmz-1"));
    let scenario = |name: &str, limits: [f64; 3], hosts: usize| Scenario {
        name: name.into(),
        cpu_limit_ratio: limits[0],
        memory_limit_ratio: limits[1],
        growth_ratio: limits[2],
        hosts,
        failover_hosts: 2,
        lower_bound_hosts: hosts - 1,
        net_consolidation_ratio: Some(servers.len() as f64 / (hosts + 2 + stay.len()) as f64),
        violation_ratio: (name == "balanced").then_some(0.000_21),
    };
    let base = plan(8, 2, placed.len(), stay.len(), stay.clone());
    Consolidation {
        interval: Some(Interval { low: 8, high: 9, level: IntervalLevel::Range, origins: 4 }),
        backtest: Some(backtest()),
        clusters: vec![cluster("hamburg-1", internal.len(), 6, 1), cluster("hamburg-dmz-1", dmz.len(), 2, 1)],
        placement,
        dropped_dimensions: vec![DroppedDimension { resource: Resource::Disk, servers_without_data: 17 }],
        scenarios: vec![
            scenario("conservative", [0.70, 0.75, 0.30], 10),
            scenario("balanced", [0.80, 0.85, 0.20], 8),
            scenario("aggressive", [0.90, 0.92, 0.10], 7),
        ],
        flip_points: vec![
            FlipPoint { hosts: 9, cpu_limit_ratio: 0.74 },
            FlipPoint { hosts: 7, cpu_limit_ratio: 0.88 },
        ],
        ..base
    }
}

fn backtest() -> Backtest {
    let fold = |n: i64, violations| Fold {
        week: Timestamp(at("2026-10-26T00:00:00Z").0 + n * 7 * DAY),
        hosts: 8,
        host_intervals: 15_800,
        unobserved: 328,
        violations,
    };
    Backtest {
        folds: 4,
        host_intervals: 63_200,
        unobserved: 1_312,
        violation_ratio: Some(0.000_21),
        worst_fold_violation_ratio: Some(0.000_57),
        hosts_ever_affected_ratio: Some(0.25),
        minutes_per_host_year: Some(110.4),
        by_fold: vec![fold(0, 2), fold(1, 0), fold(2, 9), fold(3, 2)],
    }
}

fn value() -> Value {
    let line = |id: &str, kind, amount, unit: &str, formula: &str| ValueLine {
        id: id.into(),
        kind,
        amount,
        unit: unit.into(),
        formula: formula.into(),
    };
    let year = |year: u32| {
        let y = f64::from(year);
        ValueYear { year, cumulated_cash: range(118e3 * y - 390e3, 182e3 * y - 290e3, 251e3 * y - 215e3) }
    };
    let energy = "servers_removed * server_watts * hours_per_year * electricity_price * pue";
    let constant = |id: &str, value, unit: &str, source: &str, date: &str| Constant {
        id: id.into(),
        value,
        unit: unit.into(),
        source: source.into(),
        date: date.into(),
    };
    Value {
        currency: "EUR".into(),
        years: 5,
        lines: vec![
            line("energy", ValueKind::CashAnnual, range(61e3, 84e3, 112e3), "EUR/year", energy),
            line(
                "maintenance",
                ValueKind::CashAnnual,
                range(57e3, 98e3, 139e3),
                "EUR/year",
                "removed * maintenance",
            ),
            line(
                "hosts",
                ValueKind::CashOnce,
                range(-320e3, -240e3, -180e3),
                "EUR",
                "(hosts + failover_hosts) * price",
            ),
            line(
                "labour",
                ValueKind::SoftAnnual,
                range(22e3, 48e3, 70e3),
                "EUR/year",
                "removed * hours * wage",
            ),
            line(
                "carbon",
                ValueKind::CarbonAnnual,
                range(88e3, 126e3, 170e3),
                "kg/year",
                "energy_kwh * grid_factor",
            ),
        ],
        annual_cash: range(118e3, 182e3, 251e3),
        one_off_cash: range(390e3, 290e3, 215e3),
        annual_avoided: range(60e3, 90e3, 130e3),
        annual_soft: range(22e3, 48e3, 70e3),
        annual_carbon_kg: range(88e3, 126e3, 170e3),
        by_year: (1..=5).map(year).collect(),
        payback_months: PaybackMonths { low: Some(39.7), base: Some(19.1), high: Some(10.3) },
        constants: vec![
            constant(
                "electricity_price",
                range(0.14, 0.19, 0.24),
                "EUR/kWh",
                "national statistics office",
                "2026-06",
            ),
            constant("pue", range(1.4, 1.6, 1.9), "1", "Uptime Institute survey", "2025-07"),
            constant("server_watts", range(180.0, 240.0, 310.0), "W", "ours", "2026-11"),
        ],
        findings: vec![],
    }
}

fn waves(servers: &[ServerReadiness]) -> Vec<Wave> {
    let names: Vec<_> = servers.iter().filter(|s| s.score.is_some()).map(|s| s.server.clone()).collect();
    let reasons = ["it-owned-ready", "agreed", "conditional"];
    let wave = |(n, chunk): (usize, &[String])| Wave {
        number: n as u32 + 1,
        reason: reasons[n.min(2)].into(),
        servers: chunk.to_vec(),
        hosts: 4,
        net_consolidation_ratio: Some(chunk.len() as f64 / 4.0),
    };
    names.chunks(names.len() / 3 + 1).enumerate().map(wave).collect()
}

fn journey(servers: &[ServerReadiness]) -> Journey {
    let trigger = |condition: &str, state, have, need, missing| Trigger {
        phase: 1,
        condition: condition.into(),
        state,
        have,
        need,
        missing,
    };
    let lacking = Finding::new("fixture-trigger", "missing", Severity::Attention);
    let evidence = Finding::new("fixture-share", "counted", Severity::Info);
    Journey {
        phase: 0,
        phase_id: "experiment".into(),
        virtualised_share_ratio: Some(3.0 / servers.len() as f64),
        evidence: vec![evidence.arg("virtual", 3.0).arg("all", servers.len() as f64)],
        triggers: vec![
            trigger("business-trigger", TriggerState::Unmet, None, None, vec![lacking]),
            trigger("ready-servers", TriggerState::Met, Some(31.0), Some(5.0), vec![]),
            trigger("first-wave-ratio", TriggerState::Met, Some(12.5), Some(3.0), vec![]),
            trigger("month-end-seen", TriggerState::Unknown, None, Some(5.0), vec![]),
            trigger("payback", TriggerState::NotRequired, Some(19.1), None, vec![]),
        ],
        opened: vec![],
    }
}

fn figures() -> BTreeMap<String, Figure> {
    let input =
        |id: &str, value: f64| FigureInput { id: id.into(), value: Some(value), unit: "servers".into() };
    let figure = |value, unit: &str, formula: &str, inputs: Vec<FigureInput>, method: &str| Figure {
        value: Some(value),
        unit: unit.into(),
        formula: formula.into(),
        inputs,
        samples: Some(1_612_800),
        constants: vec![],
        method: method.into(),
    };
    let net = "assessed / (hosts + failover_hosts + stay)";
    let removed = "assessed - (hosts + failover_hosts + stay)";
    let inputs = || {
        vec![input("assessed", 194.0), input("hosts", 8.0), input("failover_hosts", 2.0), input("stay", 24.0)]
    };
    BTreeMap::from([
        ("consolidation.net_consolidation_ratio".into(), figure(5.7, "1", net, inputs(), "7.8")),
        ("consolidation.servers_removed".into(), figure(160.0, "servers", removed, inputs(), "7.8")),
        (
            "backtest.minutes_per_host_year".into(),
            figure(110.4, "min", "violation_ratio * 525960", vec![], "7.6"),
        ),
        ("readiness_score".into(), figure(66.0, "1", "sum(scores) / assessed", vec![], "7.4")),
    ])
}
