//! Time as the contracts spell it: whole UTC seconds inside, RFC 3339 in JSON. No clock is read here.
// SPDX-License-Identifier: Apache-2.0

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Seconds in a minute, an hour, a day and a week.
pub const MINUTE_S: i64 = 60;
/// Seconds in an hour.
pub const HOUR_S: i64 = 3_600;
/// Seconds in a day.
pub const DAY_S: i64 = 86_400;
/// Seconds in a week.
pub const WEEK_S: i64 = 7 * DAY_S;

/// A moment: whole seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Parses RFC 3339 (`2026-11-25T15:00:00Z`, any offset); fractions of a second are dropped.
    ///
    /// # Errors
    /// The text is not RFC 3339.
    pub fn parse_rfc3339(text: &str) -> Result<Self, String> {
        text.parse::<jiff::Timestamp>()
            .map(|moment| Self(moment.as_second()))
            .map_err(|error| format!("not an RFC 3339 time: {text:?} ({error})"))
    }

    /// Day number since the epoch, in UTC.
    #[must_use]
    #[inline]
    pub fn day(self) -> i64 {
        self.0.div_euclid(DAY_S)
    }

    /// Start of the UTC day this moment is in.
    #[must_use]
    #[inline]
    pub fn start_of_day(self) -> Self {
        Self(self.day() * DAY_S)
    }

    /// Start of the week (Monday 00:00 UTC) this moment is in. 1970-01-01 was a Thursday.
    #[must_use]
    #[inline]
    pub fn start_of_week(self) -> Self {
        Self((self.0 + 3 * DAY_S).div_euclid(WEEK_S) * WEEK_S - 3 * DAY_S)
    }

    /// Hour of the week, 0 (Monday 00:00 UTC) to 167 (Sunday 23:00 UTC).
    #[must_use]
    pub fn hour_of_week(self) -> usize {
        usize::try_from((self.0 - self.start_of_week().0) / HOUR_S).unwrap_or(0)
    }

    /// Hour of the day, 0 to 23, in UTC.
    #[must_use]
    pub fn hour_of_day(self) -> usize {
        usize::try_from((self.0 - self.start_of_day().0) / HOUR_S).unwrap_or(0)
    }

    /// Whether this moment lies on the last calendar day of a month, in UTC.
    #[must_use]
    pub fn is_month_end(self) -> bool {
        month_of(self.day()) != month_of(self.day() + 1)
    }

    /// `2026-11-25`, in UTC.
    #[must_use]
    pub fn date(self) -> String {
        self.to_string().chars().take(10).collect()
    }
}

/// Month of a day since the epoch, 0 is March. An assessment asks this of every interval it reads, so it is
/// counted rather than looked up: `civil_from_days` of Howard Hinnant, *chrono-Compatible Low-Level Date
/// Algorithms* (2021), in years that start with March.
fn month_of(day: i64) -> i64 {
    let day_of_era = (day + 719_468).rem_euclid(146_097);
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    (5 * day_of_year + 2) / 153
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(moment) => write!(f, "{moment}"),
            Err(_) => write!(f, "@{}", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_rfc3339(&text).map_err(de::Error::custom)
    }
}

/// A half-open stretch of time, `from` included, `to` not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Window {
    /// First moment inside.
    pub from: Timestamp,
    /// First moment after.
    pub to: Timestamp,
}

impl Window {
    /// Length in seconds, 0 when `to` is before `from`.
    #[must_use]
    pub fn seconds(self) -> i64 {
        (self.to.0 - self.from.0).max(0)
    }

    /// Whether the moment lies inside.
    #[must_use]
    #[inline]
    pub fn contains(self, moment: Timestamp) -> bool {
        self.from <= moment && moment < self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn weeks_start_on_monday() {
        assert_eq!(at("2026-11-25T15:00:00Z").start_of_week(), at("2026-11-23T00:00:00Z"));
        assert_eq!(at("2026-11-23T00:00:00Z").start_of_week(), at("2026-11-23T00:00:00Z"));
        assert_eq!(at("1969-12-31T23:59:59Z").start_of_week(), at("1969-12-29T00:00:00Z"));
        assert_eq!(at("2026-11-29T23:59:59Z").hour_of_week(), 167);
    }

    #[test]
    fn month_ends_follow_the_calendar() {
        assert!(at("2024-02-29T12:00:00Z").is_month_end());
        assert!(!at("2024-02-28T12:00:00Z").is_month_end());
        assert!(at("2026-12-31T23:59:59Z").is_month_end());
        // Four centuries and more, day by day, against the calendar.
        for day in -80_000..80_000 {
            let month = |day: i64| {
                let moment = jiff::Timestamp::from_second(day * DAY_S).unwrap();
                moment.to_zoned(jiff::tz::TimeZone::UTC).month()
            };
            assert_eq!(Timestamp(day * DAY_S).is_month_end(), month(day) != month(day + 1), "day {day}");
        }
    }

    #[test]
    fn offsets_are_understood_and_written_as_utc() {
        assert_eq!(at("2026-11-25T16:00:00+01:00").to_string(), "2026-11-25T15:00:00Z");
        assert!(Timestamp::parse_rfc3339("25.11.2026").is_err());
    }
}
