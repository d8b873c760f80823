//! What stretch of time a run looks at, and when agents measure for it.
// SPDX-License-Identifier: Apache-2.0

use super::Timing;
use cairn_schemas::time::{DAY_S, HOUR_S, Timestamp, Window};

/// The stretch ends so long before its run is due: agents ship every quarter of an hour where nobody asks for less, and
/// what has not arrived would count as missing. Ours.
const SETTLE_S: i64 = HOUR_S;
/// Stretches looked at that follow one another without a pause; when there are so many, there is none.
const FOLLOWING_MAX: usize = 8;

/// The stretch a run looks at: some days, up to an hour before it was due, however late it is done.
#[must_use]
pub fn looked_at(due: Timestamp, days: u32) -> Window {
    let to = Timestamp(due.0 - SETTLE_S);
    Window { from: Timestamp(to.0 - i64::from(days) * DAY_S), to }
}

/// When agents measure next, or now: from when, unless it has begun, and until when, unless one stretch follows
/// another for ever.
#[must_use]
pub fn measuring(timing: &Timing, days: u32, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
    let next = |after: Timestamp| timing.after(after).map(|due| (due, looked_at(due, days)));
    let Some((mut due, first)) = next(Timestamp(now.0 + SETTLE_S)) else { return (None, None) };
    let from = Some(first.from).filter(|from| *from > now);
    let mut until = first.to;
    for _ in 0..FOLLOWING_MAX {
        match next(due) {
            Some((later, stretch)) if stretch.from <= until => (due, until) = (later, stretch.to),
            _ => return (from, Some(until)),
        }
    }
    (from, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn a_stretch_ends_an_hour_before_its_run() {
        let window = looked_at(at("2026-11-30T06:00:00Z"), 28);
        assert_eq!((window.from, window.to), (at("2026-11-02T05:00:00Z"), at("2026-11-30T05:00:00Z")));
    }

    #[test]
    fn agents_measure_for_the_next_run_and_rest_between() {
        let check = |cron: &str, days: u32, now: &str, from: Option<&str>, until: Option<&str>| {
            let timing = Timing::parse(cron, "UTC").unwrap();
            let expected = (from.map(at), until.map(at));
            assert_eq!(measuring(&timing, days, at(now)), expected, "{cron} {days} {now}");
        };
        // Each quarter, four weeks.
        let quarterly = "0 6 1 jan,apr,jul,oct *";
        let (from, until) = ("2026-12-04T05:00:00Z", "2027-01-01T05:00:00Z");
        check(quarterly, 28, "2026-11-25T00:00:00Z", Some(from), Some(until));
        check(quarterly, 28, "2026-12-04T05:00:00Z", None, Some(until));
        // The hour in which the run waits belongs to no stretch.
        let (from, until) = ("2027-03-04T05:00:00Z", "2027-04-01T05:00:00Z");
        check(quarterly, 28, "2027-01-01T05:00:00Z", Some(from), Some(until));
        // Four weeks each week: they never rest, not in that hour either.
        check("0 6 * * mon", 28, "2026-11-25T00:00:00Z", None, None);
        // Two runs close together, then a pause: one stretch for both.
        check(
            "0 6 1,5 jan *",
            7,
            "2026-11-25T00:00:00Z",
            Some("2026-12-25T05:00:00Z"),
            Some("2027-01-05T05:00:00Z"),
        );
    }
    #[test]
    fn agents_are_told_the_hour_of_the_zone_on_both_sides_of_a_change_of_its_clocks() {
        let timing = Timing::parse("0 7 * * sat,sun,mon", "Europe/Berlin").unwrap();
        let from = |now: &str| measuring(&timing, 0, at(now)).1;
        // Clocks are put back on Sunday the 25th of October at three, and forward on the 28th of March.
        assert_eq!(from("2026-10-24T00:00:00Z"), Some(at("2026-10-24T04:00:00Z")));
        assert_eq!(from("2026-10-24T12:00:00Z"), Some(at("2026-10-25T05:00:00Z")));
        assert_eq!(from("2027-03-27T12:00:00Z"), Some(at("2027-03-28T04:00:00Z")));
        // A stretch of a day is a day long, whatever the wall shows: the hour more of that night belongs to none.
        let days = |now: &str| measuring(&timing, 1, at(now));
        let first = (Some(at("2026-10-23T04:00:00Z")), Some(at("2026-10-24T04:00:00Z")));
        assert_eq!(days("2026-10-22T12:00:00Z"), first);
        assert_eq!(
            days("2026-10-24T04:30:00Z"),
            (Some(at("2026-10-24T05:00:00Z")), Some(at("2026-10-26T05:00:00Z")))
        );
    }
}
