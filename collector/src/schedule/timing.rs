//! When a schedule is due: a cron expression in a time zone, right where clocks are changed.
//!
//! The rule is that of Vixie cron (Debian's cron(8), "Daylight saving time"): where the field of hours begins with
//! `*`, real time counts. Elsewhere the clock on the wall does: what falls into the hour that is left out is done once,
//! as much later as the clock jumped; what falls into the hour that comes twice is done once, the first time.
// SPDX-License-Identifier: Apache-2.0

use crate::nearest;
use cairn_schemas::time::{HOUR_S, Timestamp};
use cronexpr::Crontab;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// No clock is ever put forward or back by more than this: Lord Howe Island changes by half an hour, some whole zones
/// once by a day, which are not met again.
const CLOCK_CHANGE_S_MAX: i64 = 3 * HOUR_S;
/// Shortest time between two runs. Ours: an assessment looks at weeks, and reads all of them.
const BETWEEN_S_MIN: i64 = HOUR_S;
/// Moments looked at when a new schedule is judged: more than a month of the densest one that is allowed.
const LOOKED_AT: usize = 1_000;
/// Most missed runs that are counted; from there on it is "at least".
const MISSED_MAX: usize = 10_000;

/// A cron expression of five fields in a time zone.
#[derive(Clone, Debug)]
pub struct Timing {
    /// The expression as if the zone had no offset: what the clock on the wall shows.
    wall: Crontab,
    /// The same in the zone, where real time counts.
    real: Option<Crontab>,
    zone: TimeZone,
}

impl Timing {
    /// Reads an expression and a zone of the IANA database, and sees that it is due now and then, but not too often.
    ///
    /// # Errors
    /// The text that is wrong, why, and the nearest name of a zone.
    pub fn parse(cron: &str, zone: &str) -> Result<Self, String> {
        let fields: Vec<&str> = cron.split_whitespace().collect();
        if fields.len() != 5 {
            return Err(format!(
                "{cron:?} has {} fields; five are minute, hour, day of month, month, day of week: \"0 6 * * mon\"",
                fields.len()
            ));
        }
        let in_zone = zone_of(zone)?;
        let parse = |zone: &str| {
            cronexpr::parse_crontab(&format!("{} {zone}", fields.join(" ")))
                .map_err(|error| wrong(cron, &error))
        };
        let real = if fields[1].starts_with('*') { Some(parse(zone)?) } else { None };
        Ok(Self { wall: parse("UTC")?, real, zone: in_zone })
    }

    /// Whether it is due at all and at most once an hour, looking ahead from a moment.
    ///
    /// # Errors
    /// It is never due, or too often; the text says which.
    pub fn judged(&self, from: Timestamp) -> Result<(), String> {
        let mut before: Option<Timestamp> = None;
        let mut at = from;
        for _ in 0..LOOKED_AT {
            let Some(next) = self.after(at) else { break };
            if let Some(before) = before.filter(|before| next.0 - before.0 < BETWEEN_S_MIN) {
                return Err(format!(
                    "it would be due at {before} and again at {next}: an assessment looks at weeks, so an hour is the \
                     least between two"
                ));
            }
            (before, at) = (Some(next), next);
        }
        if before.is_none() {
            return Err("no day of the calendar matches it: it would never be due".into());
        }
        Ok(())
    }

    /// The first moment it is due after another; `None` when there is none in the years a calendar has.
    #[must_use]
    pub fn after(&self, moment: Timestamp) -> Option<Timestamp> {
        match &self.real {
            Some(real) => next(real, moment),
            None => self.after_on_the_wall(moment),
        }
    }

    /// What the wall shows is looked for from before the moment, since a clock put back or forward changes the order.
    fn after_on_the_wall(&self, moment: Timestamp) -> Option<Timestamp> {
        let mut wall = Timestamp(self.wall_of(moment)?.0 - CLOCK_CHANGE_S_MAX);
        let mut best: Option<(Timestamp, Timestamp)> = None;
        loop {
            wall = next(&self.wall, wall)?;
            // Later on the wall by more than any change of the clock: later in truth too.
            if let Some((found, _)) = best.filter(|(_, shown)| wall.0 > shown.0 + CLOCK_CHANGE_S_MAX) {
                return Some(found);
            }
            let real = self.real_of(wall)?;
            if real > moment && best.is_none_or(|(found, _)| real < found) {
                best = Some((real, wall));
            }
        }
    }

    /// What a clock of the zone shows, as a moment of UTC.
    fn wall_of(&self, moment: Timestamp) -> Option<Timestamp> {
        let instant = jiff::Timestamp::from_second(moment.0).ok()?;
        Some(Timestamp(moment.0 + i64::from(self.zone.to_offset(instant).seconds())))
    }

    /// The moment at which a clock shows this: the first of two, and as much later as the clock jumped where it never
    /// does.
    fn real_of(&self, wall: Timestamp) -> Option<Timestamp> {
        let shown: DateTime = TimeZone::UTC.to_datetime(jiff::Timestamp::from_second(wall.0).ok()?);
        Some(Timestamp(self.zone.to_ambiguous_zoned(shown).compatible().ok()?.timestamp().as_second()))
    }

    /// The latest moment it was due after one and up to another, and how many there were before it.
    #[must_use]
    pub fn latest(&self, after: Timestamp, until: Timestamp) -> Option<(Timestamp, u32)> {
        let mut latest = None;
        let mut at = after;
        for missed in 0..MISSED_MAX {
            let Some(next) = self.after(at).filter(|next| *next <= until) else { break };
            latest = Some((next, u32::try_from(missed).unwrap_or(u32::MAX)));
            at = next;
        }
        latest
    }
}

fn next(crontab: &Crontab, moment: Timestamp) -> Option<Timestamp> {
    let instant = cronexpr::MakeTimestamp::from_second(moment.0).ok()?;
    crontab.find_next(instant).ok().map(|zoned| Timestamp(zoned.timestamp().as_second()))
}

fn zone_of(zone: &str) -> Result<TimeZone, String> {
    let database = jiff::tz::db();
    // What "Local" or an offset is depends on the machine or forgets the summer: a report must not.
    database.get(zone).map_err(|_| {
        let names: Vec<String> = database.available().map(|name| name.to_string()).collect();
        let near = nearest::meant(zone, names.iter().map(String::as_str));
        format!("{zone:?} is no time zone of the IANA database, as Europe/Berlin and UTC are{near}")
    })
}

/// What the parser says, in one line.
fn wrong(cron: &str, error: &cronexpr::Error) -> String {
    let text = error.to_string();
    let why = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    format!("{cron:?} is no cron expression: {why}")
}

#[cfg(test)]
#[path = "timing_tests.rs"]
mod tests;
