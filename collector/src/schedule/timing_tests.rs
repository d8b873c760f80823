//! Moments worked out by hand from the zone database, on days clocks change and on ordinary ones.
// SPDX-License-Identifier: Apache-2.0

use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn after(cron: &str, zone: &str, moment: &str, expected: &[&str]) {
    let timing = Timing::parse(cron, zone).unwrap();
    let mut moment = at(moment);
    for expected in expected {
        let next = timing.after(moment).unwrap();
        assert_eq!(next.to_string(), *expected, "{cron} {zone} after {moment}");
        moment = next;
    }
}

#[test]
fn summer_begins() {
    // Berlin, 2026-03-29: 02:00 becomes 03:00. What falls between is done an hour later, once.
    after(
        "30 2 * * *",
        "Europe/Berlin",
        "2026-03-27T12:00:00Z",
        &["2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"],
    );
    // Half past three comes once, though half past two is done then as well.
    after(
        "30 2,3 * * *",
        "Europe/Berlin",
        "2026-03-29T00:00:00Z",
        &["2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"],
    );
    // Three o'clock is before the half past two that was put off.
    after(
        "0,30 2,3 * * *",
        "Europe/Berlin",
        "2026-03-29T00:30:00Z",
        &["2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:00:00Z"],
    );
    // Real time: every hour stays every hour.
    after(
        "15 * * * *",
        "Europe/Berlin",
        "2026-03-29T00:00:00Z",
        &["2026-03-29T00:15:00Z", "2026-03-29T01:15:00Z", "2026-03-29T02:15:00Z"],
    );
    // Santiago changes at midnight: a run at midnight is not lost with it.
    after(
        "0 0 * * *",
        "America/Santiago",
        "2026-09-05T12:00:00Z",
        &["2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"],
    );
}

#[test]
fn summer_ends() {
    // Berlin, 2026-10-25: 03:00 becomes 02:00, and half past two comes twice; done once, the first time.
    after(
        "30 2 * * *",
        "Europe/Berlin",
        "2026-10-24T12:00:00Z",
        &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
    );
    // Between the two half past twos nothing is due again.
    after("30 2 * * *", "Europe/Berlin", "2026-10-25T01:00:00Z", &["2026-10-26T01:30:00Z"]);
    after(
        "30 */1 * * *",
        "Europe/Berlin",
        "2026-10-25T00:00:00Z",
        &["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"],
    );
    // Half an hour on Lord Howe Island: 02:00 becomes 01:30 on 2026-04-05.
    after(
        "45 1 * * *",
        "Australia/Lord_Howe",
        "2026-04-04T00:00:00Z",
        &["2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"],
    );
}

#[test]
fn ordinary_days() {
    after("0 6 * * mon", "UTC", "2026-11-25T00:00:00Z", &["2026-11-30T06:00:00Z", "2026-12-07T06:00:00Z"]);
    after(
        "0 6 1 * *",
        "Asia/Tokyo",
        "2026-11-25T00:00:00Z",
        &["2026-11-30T21:00:00Z", "2026-12-31T21:00:00Z"],
    );
    after("0 6 L * *", "UTC", "2026-02-01T00:00:00Z", &["2026-02-28T06:00:00Z", "2026-03-31T06:00:00Z"]);
    after("0 12 29 2 *", "UTC", "2026-01-01T00:00:00Z", &["2028-02-29T12:00:00Z"]);
}

#[test]
fn of_several_that_were_missed_the_latest_is_due_and_the_others_are_counted() {
    let weekly = Timing::parse("0 6 * * mon", "UTC").unwrap();
    let check = |after: &str, until: &str, expected: Option<(&str, u32)>| {
        let found = weekly.latest(at(after), at(until));
        assert_eq!(found, expected.map(|(due, missed)| (at(due), missed)), "{after} {until}");
    };
    check("2026-11-23T06:00:00Z", "2026-11-30T05:59:59Z", None);
    check("2026-11-23T06:00:00Z", "2026-11-30T06:00:00Z", Some(("2026-11-30T06:00:00Z", 0)));
    check("2026-11-23T06:00:00Z", "2026-12-15T00:00:00Z", Some(("2026-12-14T06:00:00Z", 2)));
    // A clock that was put back: nothing is due again.
    check("2026-11-23T06:00:00Z", "2026-11-01T00:00:00Z", None);
}

#[test]
fn what_is_wrong_is_named() {
    let check = |cron: &str, zone: &str, expected: &str| {
        let found = Timing::parse(cron, zone).and_then(|timing| timing.judged(at("2026-11-25T00:00:00Z")));
        let error = found.expect_err(cron);
        assert!(error.contains(expected) && !error.contains('\n'), "{cron} {zone}: {error}");
    };
    check("0 6 * *", "UTC", "has 4 fields");
    check("0 6 * * mon UTC", "UTC", "has 6 fields");
    check("0 25 * * *", "UTC", "\"0 25 * * *\" is no cron expression");
    check("0 6 * * mon", "Europe/Berln", "was \"Europe/Berlin\" meant?");
    check("0 6 * * mon", "", "is no time zone");
    check("0 6 30 2 *", "UTC", "never be due");
    check("*/30 * * * *", "UTC", "due at 2026-11-25T00:30:00Z and again at 2026-11-25T01:00:00Z");
    check("0,30 6 * * *", "UTC", "an hour is the least");
}

#[test]
fn an_hour_between_two_is_allowed_and_the_change_of_the_clock_makes_none_of_it_wrong() {
    for cron in ["30 * * * *", "30 2,3 * * *", "0 6 * * mon", "0 12 29 2 *"] {
        let timing = Timing::parse(cron, "Europe/Berlin").unwrap();
        assert_eq!(timing.judged(at("2026-03-28T00:00:00Z")), Ok(()), "{cron}");
    }
}

#[test]
fn moments_rise_and_each_is_shown_by_the_clock_or_put_off_by_its_change() {
    for zone in
        ["Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns"]
    {
        let timing = Timing::parse("10 0,1,2,3 * * *", zone).unwrap();
        let mut moment = at("2026-01-01T00:00:00Z");
        for _ in 0..4 * 366 {
            let next = timing.after(moment).unwrap();
            assert!(next > moment, "{zone} {moment}");
            let shown = timing.wall_of(next).unwrap();
            let minute = shown.0.rem_euclid(HOUR_S) / 60;
            assert!(shown.hour_of_day() <= 4 && [10, 40].contains(&minute), "{zone} {next} shows {shown}");
            moment = next;
        }
    }
}
