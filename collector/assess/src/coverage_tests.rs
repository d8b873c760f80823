//! Coverage: seconds add up, reasons are kept, confidence never rises with fewer samples.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use cairn_schemas::gap::Gap;
use proptest::prelude::*;

/// Monday 2026-11-02; the month ends on Monday the 30th.
const MONDAY: i64 = 1_793_577_600;

fn week(number: i64, covered_s: [u32; 7]) -> Week {
    let start = Timestamp(MONDAY + number * 7 * DAY_S);
    let days: Vec<i64> = (0..7).filter(|d| covered_s[*d as usize] > 0).collect();
    let at = |day: i64| Timestamp(start.0 + day * DAY_S);
    let span = days.first().map(|first| Window { from: at(*first), to: at(days[days.len() - 1] + 1) });
    Week { start, covered_s, span, ..Week::default() }
}

fn window(days: i64) -> Window {
    Window { from: Timestamp(MONDAY), to: Timestamp(MONDAY + days * DAY_S) }
}

fn server(weeks: Vec<Week>) -> Server {
    Server { first_seen: Some(Timestamp(MONDAY)), weeks, ..Server::default() }
}

fn check(weeks: Vec<Week>, days: i64, expected: (Confidence, u32)) {
    let coverage = of_server(&server(weeks), window(days), &CoveragePolicy::default());
    assert_eq!((coverage.confidence, coverage.days_still_to_measure), expected, "{coverage:?}");
}

const FULL: [u32; 7] = [86_400; 7];

#[test]
fn confidence_and_advice() {
    check(vec![], 28, (Confidence::None, 28));
    check(vec![week(0, [86_400, 0, 0, 0, 0, 0, 0])], 1, (Confidence::Low, 28));
    check(vec![week(0, FULL)], 7, (Confidence::Medium, 22));
    check((0..4).map(|n| week(n, FULL)).collect(), 28, (Confidence::Medium, 1));
    let with_month_end = (0..4).map(|n| week(n, FULL)).chain([week(4, [86_400, 0, 0, 0, 0, 0, 0])]);
    check(with_month_end.collect(), 29, (Confidence::High, 0));
}

#[test]
fn missing_time_has_reasons_that_add_up() {
    let mut server = server(vec![week(0, [86_400, 40_000, 0, 0, 0, 0, 0])]);
    server.first_seen = Some(Timestamp(MONDAY));
    server.gaps = vec![Gap {
        window: Window { from: Timestamp(MONDAY + DAY_S + 40_000), to: Timestamp(MONDAY + 2 * DAY_S) },
        reason: GapReason::AgentDown,
    }];
    let coverage = of_server(&server, window(3), &CoveragePolicy::default());
    assert_eq!(coverage.missing_s[&GapReason::AgentDown], 46_400);
    assert_eq!(coverage.missing_s[&GapReason::NotReported], DAY_S);
    assert_eq!(coverage.covered_s + coverage.missing_s.values().sum::<i64>(), coverage.due_s);
}

#[test]
fn time_an_agent_rested_is_said_to_be_rest_and_nothing_else() {
    let mut server = server(vec![week(0, [600; 7])]);
    let rest = |day: i64| Gap {
        window: Window {
            from: Timestamp(MONDAY + day * DAY_S + 600),
            to: Timestamp(MONDAY + (day + 1) * DAY_S),
        },
        reason: GapReason::Paused,
    };
    server.gaps = (0..7).map(rest).collect();
    let coverage = of_server(&server, window(7), &CoveragePolicy::default());
    assert_eq!(
        coverage.missing_s,
        BTreeMap::from([(GapReason::Paused, 7 * (DAY_S - 600))]),
        "not unreported"
    );
    assert_eq!(coverage.covered_s + coverage.missing_s.values().sum::<i64>(), coverage.due_s);
}

#[test]
fn a_server_never_heard_of_was_never_enrolled() {
    let coverage = of_server(&Server::default(), window(7), &CoveragePolicy::default());
    assert_eq!(coverage.missing_s, BTreeMap::from([(GapReason::NeverEnrolled, 7 * DAY_S)]));
}

proptest! {
    #[test]
    fn fewer_samples_never_raise_confidence(
        covered in proptest::collection::vec(0_u32..=86_400, 35), cut in 0_usize..35, to in 0_u32..86_400,
    ) {
        let weeks = |covered: &[u32]| -> Vec<Week> {
            covered.chunks(7).zip(0..).map(|(days, n)| week(n, days.try_into().unwrap())).collect()
        };
        let more = of_server(&server(weeks(&covered)), window(35), &CoveragePolicy::default());
        let mut fewer = covered;
        fewer[cut] = fewer[cut].min(to);
        let fewer = of_server(&server(weeks(&fewer)), window(35), &CoveragePolicy::default());
        prop_assert!(fewer.confidence <= more.confidence);
        prop_assert_eq!(fewer.covered_s + fewer.missing_s.values().sum::<i64>(), fewer.due_s);
    }
}
