//! Directives: what a collector may ask of an agent. Data within bounds that are compiled into the agent, never
//! a command: when to measure, how often to ship, when to rest. The pace of sampling is not among them, since a
//! peak read every five seconds is not a peak of one second.
// SPDX-License-Identifier: Apache-2.0

use crate::time::{DAY_S, HOUR_S, MINUTE_S, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Bounds of [`Directives::batch_every_s`].
pub const BATCH_EVERY_S: std::ops::RangeInclusive<u32> = 60..=6 * HOUR_S as u32;
/// Bounds of [`Directives::check_in_every_s`].
pub const CHECK_IN_EVERY_S: std::ops::RangeInclusive<u32> = 60..=DAY_S as u32;
/// Seconds between the check-ins of a resting agent where nobody says otherwise.
pub const CHECK_IN_EVERY_S_DEFAULT: u32 = HOUR_S as u32;
/// Most measuring windows an agent heeds.
pub const WINDOWS_MAX: usize = 32;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// What an agent is asked to do until it hears otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Directives {
    /// Rises with each change; an agent heeds what it heard last.
    pub version: u64,
    /// Rest until told otherwise.
    pub paused: bool,
    /// Rest before this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure_from: Option<Timestamp>,
    /// Rest from this moment on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure_until: Option<Timestamp>,
    /// Measure within these only; empty: always.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<MeasuringWindow>,
    /// Which key to sign with, counted from 0, the one of the enrolment: an agent whose key is of an earlier number
    /// makes another.
    #[serde(skip_serializing_if = "is_zero")]
    pub key_epoch: u64,
    /// Seconds of slots in a batch, within [`BATCH_EVERY_S`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_every_s: Option<u32>,
    /// Seconds between two words of a resting agent, within [`CHECK_IN_EVERY_S`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check_in_every_s: Option<u32>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Directives {
    /// The same within the bounds every agent has compiled in.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        let clamp = |asked: Option<u32>, bounds: std::ops::RangeInclusive<u32>| {
            asked.map(|s| s.clamp(*bounds.start(), *bounds.end()))
        };
        self.batch_every_s = clamp(self.batch_every_s, BATCH_EVERY_S);
        self.check_in_every_s = clamp(self.check_in_every_s, CHECK_IN_EVERY_S);
        self.windows.truncate(WINDOWS_MAX);
        self
    }

    /// Whether to measure at a moment.
    #[must_use]
    pub fn measures(&self, at: Timestamp) -> bool {
        let within = self.windows.is_empty() || self.windows.iter().any(|window| window.holds(at));
        !self.paused
            && self.measure_from.is_none_or(|from| from <= at)
            && self.measure_until.is_none_or(|until| at < until)
            && within
    }

    /// Seconds between two words of a resting agent.
    #[must_use]
    pub fn check_in_s(&self) -> u32 {
        self.check_in_every_s.unwrap_or(CHECK_IN_EVERY_S_DEFAULT)
    }
}

/// A stretch of the week in UTC: some days, from one time of the day to a later one. Text: `mon-fri 06:00-22:00`,
/// `sat,sun 00:00-24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MeasuringWindow {
    /// Monday first.
    days: [bool; 7],
    from_minute: u16,
    to_minute: u16,
}

impl MeasuringWindow {
    /// Whether a moment lies in it.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        let minute = (at.0 - at.start_of_day().0) / MINUTE_S;
        self.days[at.hour_of_week() / 24]
            && (i64::from(self.from_minute)..i64::from(self.to_minute)).contains(&minute)
    }

    /// Reads `mon-fri 06:00-22:00`.
    ///
    /// # Errors
    /// What is wrong, with an example of what is right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("{text:?}: {what}; write it as `mon-fri 06:00-22:00`, in UTC");
        let (days, times) = text.trim().split_once(' ').ok_or_else(|| wrong("no days and times"))?;
        let (from, to) = times.trim().split_once('-').ok_or_else(|| wrong("no two times"))?;
        let mut window = Self { days: [false; 7], from_minute: 0, to_minute: 0 };
        for part in days.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let day = |name: &str| DAYS.iter().position(|day| name.eq_ignore_ascii_case(day));
            let (first, last) = day(first).zip(day(last)).ok_or_else(|| wrong("no such day"))?;
            // `sat-mon` goes round the end of the week.
            (0..=(last + 7 - first) % 7).for_each(|n| window.days[(first + n) % 7] = true);
        }
        window.from_minute = minute_of_day(from).ok_or_else(|| wrong("no such time"))?;
        window.to_minute = minute_of_day(to).ok_or_else(|| wrong("no such time"))?;
        if window.from_minute >= window.to_minute {
            return Err(wrong("ends before it begins (across midnight takes two windows)"));
        }
        Ok(window)
    }
}

fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (minute < 60).then_some(hour.checked_mul(60)? + minute).filter(|minute| *minute <= 24 * 60)
}

impl fmt::Display for MeasuringWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days: Vec<_> = DAYS.iter().zip(self.days).filter_map(|(day, on)| on.then_some(*day)).collect();
        let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        write!(f, "{} {}-{}", days.join(","), time(self.from_minute), time(self.to_minute))
    }
}

impl TryFrom<String> for MeasuringWindow {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<MeasuringWindow> for String {
    fn from(window: MeasuringWindow) -> Self {
        window.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn windows_are_read_and_written() {
        let check = |text: &str, written: &str| {
            assert_eq!(MeasuringWindow::parse(text).unwrap().to_string(), written);
            assert_eq!(MeasuringWindow::parse(written).unwrap(), MeasuringWindow::parse(text).unwrap());
        };
        check("mon-fri 06:00-22:00", "mon,tue,wed,thu,fri 06:00-22:00");
        check("sat-mon 00:00-24:00", "mon,sat,sun 00:00-24:00");
        for (text, why) in [
            ("", "no days"),
            ("mon 6", "no two times"),
            ("mun 06:00-07:00", "no such day"),
            ("mon 06:60-07:00", "no such time"),
            ("mon 06:00-24:01", "no such time"),
            ("mon 22:00-06:00", "two windows"),
        ] {
            let error = MeasuringWindow::parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn an_agent_measures_when_nothing_speaks_against_it() {
        let wednesday = at("2026-11-25T12:00:00Z");
        let check = |directives: Directives, measures: bool| {
            assert_eq!(directives.measures(wednesday), measures, "{directives:?}");
        };
        let window = |text: &str| vec![MeasuringWindow::parse(text).unwrap()];
        check(Directives::default(), true);
        check(Directives { paused: true, ..Directives::default() }, false);
        check(Directives { measure_from: Some(at("2026-11-25T12:00:01Z")), ..Directives::default() }, false);
        check(Directives { measure_until: Some(wednesday), ..Directives::default() }, false);
        check(Directives { windows: window("wed 12:00-12:01"), ..Directives::default() }, true);
        check(Directives { windows: window("wed 06:00-12:00"), ..Directives::default() }, false);
        check(Directives { windows: window("thu 00:00-24:00"), ..Directives::default() }, false);
    }

    #[test]
    fn what_is_out_of_bounds_is_brought_within() {
        let asked =
            Directives { batch_every_s: Some(1), check_in_every_s: Some(u32::MAX), ..Directives::default() };
        let heeded = asked.bounded();
        assert_eq!((heeded.batch_every_s, heeded.check_in_every_s), (Some(60), Some(DAY_S as u32)));
    }

    #[test]
    fn a_newer_collector_may_say_more_than_this_agent_knows() {
        let json = r#"{"version":3,"paused":true,"windows":["mon 00:00-24:00"],"colour":"red"}"#;
        let directives: Directives = serde_json::from_str(json).unwrap();
        assert!(directives.paused && directives.version == 3 && directives.windows.len() == 1);
    }
}
