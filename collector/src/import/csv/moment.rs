//! Times of a file: RFC 3339, or seconds, milli-, micro- or nanoseconds since 1970, told apart once a file by
//! the size of the first such number and said.
// SPDX-License-Identifier: Apache-2.0

use crate::import::problem::{Fault, Kind, quoted};
use cairn_schemas::time::Timestamp;

/// First moment after the times accepted: 2100-01-01.
const LATEST_S: i64 = 4_102_444_800;

/// Units of epoch numbers: name, how many make a second, and below which a number is taken to be one.
const UNITS: [(&str, i64, f64); 4] = [
    ("seconds", 1, 1e11),
    ("milliseconds", 1_000, 1e14),
    ("microseconds", 1_000_000, 1e17),
    ("nanoseconds", 1_000_000_000, f64::INFINITY),
];

/// Reads the times of one file.
#[derive(Debug, Default)]
pub(super) struct Moments {
    unit: Option<usize>,
}

impl Moments {
    /// Reads one time of a column.
    pub(super) fn read(&mut self, field: &str, text: &str) -> Result<Timestamp, Fault> {
        let text = text.trim();
        let whole = text.split('.').next().unwrap_or(text);
        let moment = match whole.parse::<i64>() {
            Ok(number) if text.parse::<f64>().is_ok() => self.epoch(number),
            _ => Timestamp::parse_rfc3339(text).map_err(|_| {
                let text = format!(
                    "{} is no time; write 2026-11-25T15:00:00Z, with Z or an offset, or seconds since 1970",
                    quoted(text)
                );
                Fault::of(field, Kind::Time, text)
            })?,
        };
        if (0..LATEST_S).contains(&moment.0) {
            return Ok(moment);
        }
        let unit = self.unit.map_or("a time", |unit| UNITS[unit].0);
        let text = format!("{} read as {unit} lies outside 1970 to 2100", quoted(text));
        Err(Fault::of(field, Kind::Time, text))
    }

    /// What was guessed, if anything had to be.
    pub(super) fn guessed(&self) -> Option<&'static str> {
        self.unit.map(|unit| UNITS[unit].0)
    }

    fn epoch(&mut self, number: i64) -> Timestamp {
        let size = number.unsigned_abs() as f64;
        let fitting = || UNITS.iter().position(|(_, _, below)| size < *below).unwrap_or(0);
        let unit = *self.unit.get_or_insert_with(fitting);
        Timestamp(number.div_euclid(UNITS[unit].1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], expected: &[Option<i64>], guessed: Option<&str>) {
        let mut moments = Moments::default();
        let read: Vec<Option<i64>> =
            texts.iter().map(|text| moments.read("timestamp", text).ok().map(|t| t.0)).collect();
        assert_eq!(read, expected, "{texts:?}");
        assert_eq!(moments.guessed(), guessed, "{texts:?}");
    }

    #[test]
    fn units_are_guessed_by_size_once() {
        let t = Some(1_764_082_800);
        check(&["2025-11-25T15:00:00Z", "2025-11-25 16:00:00+01:00"], &[t, t], None);
        check(&["1764082800", "1764082800.75", "1764082800000"], &[t, t, None], Some("seconds"));
        check(&["1764082800000", "1764082800999"], &[t, t], Some("milliseconds"));
        check(&["1764082800000000"], &[t], Some("microseconds"));
        check(&["1764082800000000000", "5"], &[t, Some(0)], Some("nanoseconds"));
        check(&["", "yesterday", "2025-11-25T15:00:00", "1.5.2"], &[None; 4], None);
        check(&["-5", "4102444800"], &[None; 2], Some("seconds"));
    }

    #[test]
    fn faults_name_the_field_and_the_way_out() {
        let fault = Moments::default().read("timestamp", "25.11.2025").unwrap_err();
        assert_eq!(fault.field.as_deref(), Some("timestamp"));
        assert!(
            fault.text.starts_with("\"25.11.2025\" is no time; write 2026-11-25T15:00:00Z"),
            "{}",
            fault.text
        );
    }
}
