//! Numbers, moments and foreign text as people read them. Every formatter is pure and takes plain values; the
//! space between a number and its unit never breaks.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::time::Timestamp;
use std::borrow::Cow;

mod format;

pub use format::{Format, within};

/// Between a number and its unit.
const SPACE: char = '\u{a0}';
/// Stands in for a character that could steer a terminal or turn the reading direction.
const REPLACED: char = '\u{fffd}';

/// A whole number with separated thousands: `12,345`.
#[must_use]
pub fn int(value: f64) -> String {
    let format = format::current();
    if !value.is_finite() {
        return format.not_a_number.clone();
    }
    let digits = format!("{:.0}", value.abs());
    let minus = if value < 0.0 && digits != "0" { "\u{2212}" } else { "" };
    let mut out = String::from(minus);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push_str(&format.thousands);
        }
        out.push(digit);
    }
    out
}

/// A count: [`int`] of a `usize`.
#[must_use]
pub fn count(value: usize) -> String {
    int(value as f64)
}

/// A number with a fixed count of decimals and separated thousands: `1,234.5`.
#[must_use]
pub fn decimals(value: f64, decimals: usize) -> String {
    let (whole, rest) = parts(value, decimals);
    if rest.is_empty() { whole } else { format!("{whole}{}{rest}", format::current().decimal) }
}

/// What stands before the decimals, grouped and signed, and the decimals.
fn parts(value: f64, decimals: usize) -> (String, String) {
    if !value.is_finite() {
        return (int(value), String::new());
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), ""), |(whole, rest)| (whole, rest));
    let zero = text.chars().all(|c| c == '0' || c == '.');
    let minus = if value < 0.0 && !zero { "\u{2212}" } else { "" };
    (format!("{minus}{}", int(whole.parse().unwrap_or(0.0))), rest.to_owned())
}

/// One decimal: `8.7`.
#[must_use]
pub fn one(value: f64) -> String {
    decimals(value, 1)
}

/// At most two decimals, no trailing zeros: `8.25`, `8.2`, `8`.
#[must_use]
pub fn plain(value: f64) -> String {
    let (whole, rest) = parts(value, 2);
    match rest.trim_end_matches('0') {
        "" => whole,
        rest => format!("{whole}{}{rest}", format::current().decimal),
    }
}

/// A ratio as a percentage: `84 %`; with one decimal below 10 %, with two below 0.1 %.
#[must_use]
pub fn percent(ratio: f64) -> String {
    let value = ratio * 100.0;
    let text = match value.abs() {
        0.0 => "0".into(),
        v if v < 0.005 => return format!("<{SPACE}{}{SPACE}%", decimals(0.01, 2)),
        v if v < 0.1 => decimals(value, 2),
        v if v < 9.95 => plain(value.mul_add(10.0, 0.0).round() / 10.0),
        _ => decimals(value, 0),
    };
    format!("{text}{SPACE}%")
}

/// Bytes in binary units with three significant digits: `1.5 GiB`.
#[must_use]
pub fn bytes(value: f64) -> String {
    scaled(value, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB", "PiB"])
}

/// Bytes a second in decimal units: `12.5 MB/s`.
#[must_use]
pub fn rate(value: f64) -> String {
    scaled(value, 1000.0, &["B/s", "kB/s", "MB/s", "GB/s", "TB/s"])
}

/// Megahertz as gigahertz: `12.8 GHz`.
#[must_use]
pub fn ghz(mhz: f64) -> String {
    let value = mhz / 1000.0;
    format!("{}{SPACE}GHz", if value.abs() < 100.0 { one(value) } else { int(value) })
}

/// A moment to the minute: `3 May 2026, 14:05 UTC`.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    let minute = at.0.div_euclid(60).rem_euclid(24 * 60);
    format!("{}, {:02}:{:02} UTC", date(at), minute / 60, minute % 60)
}

/// Days: `28 days`, `1 day`, `6.5 days`.
#[must_use]
pub fn days(value: f64) -> String {
    counted(value, &format::current().nouns[0])
}

/// Hours: `3 hours`.
#[must_use]
pub fn hours(value: f64) -> String {
    counted(value, &format::current().nouns[1])
}

/// Months: `9 months`.
#[must_use]
pub fn months(value: f64) -> String {
    counted(value, &format::current().nouns[2])
}

/// Money with its currency: `USD 8,400`, `USD 142 k`, `USD 1.42 M`.
#[must_use]
pub fn money(value: f64, currency: &str) -> String {
    let format = format::current();
    let [thousand, million] = &format.scales;
    let amount = match value.abs() {
        v if v >= 999_500.0 => format!("{}{SPACE}{million}", decimals(value / 1e6, 2)),
        v if v >= 9_999.5 => format!("{}{SPACE}{thousand}", int(value / 1e3)),
        _ => int(value),
    };
    if currency.is_empty() {
        return amount;
    }
    let text = format.money.replace(' ', &SPACE.to_string()).replace("{amount}", &amount);
    text.replace("{currency}", &terminal_safe(currency))
}

/// A ratio to one: `8.7 : 1`.
#[must_use]
pub fn to_one(value: f64) -> String {
    format!("{}{SPACE}:{SPACE}1", one(value))
}

/// A UTC date: `25 November 2026`.
#[must_use]
pub fn date(moment: Timestamp) -> String {
    let Ok(moment_utc) = jiff::Timestamp::from_second(moment.0) else { return moment.to_string() };
    let day = moment_utc.to_zoned(jiff::tz::TimeZone::UTC).date();
    let format = format::current();
    let month = usize::try_from(day.month() - 1).ok().and_then(|month| format.months.get(month));
    let text = format.date.replace("{day}", &day.day().to_string());
    let text = text.replace("{month}", month.map_or("", String::as_str));
    text.replace("{year}", &day.year().to_string())
}

/// A cell of a profile: `Tuesday 10:00 UTC`, or `month-end day, 23:00 UTC`.
#[must_use]
pub fn cell(cell: usize) -> String {
    let format = format::current();
    let hour = format!("{:02}", cell % 24);
    let text = match cell {
        0..168 => format.cell.replace("{day}", format.weekdays.get(cell / 24).map_or("", String::as_str)),
        168..192 => format.month_end_cell.clone(),
        _ => format.no_cell.replace("{cell}", &cell.to_string()),
    };
    text.replace("{hour}", &hour).replace(" UTC", &format!("{SPACE}UTC"))
}

/// Foreign text made safe to print: control characters and those that turn the reading direction are
/// replaced, so that a host name can neither steer a terminal nor disguise itself.
#[must_use]
pub fn terminal_safe(text: &str) -> Cow<'_, str> {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(steers) {
        Cow::Owned(text.chars().map(|c| if steers(c) { REPLACED } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

fn scaled(value: f64, step: f64, units: &[&str]) -> String {
    let mut value = value;
    let mut index = 0;
    // 999.5 would be rounded to four digits.
    while value.abs() >= step.min(999.5) && index + 1 < units.len() {
        value /= step;
        index += 1;
    }
    let text =
        if index == 0 || value.abs() >= 99.5 { int(value) } else { plain((value * 10.0).round() / 10.0) };
    format!("{text}{SPACE}{}", units[index])
}

fn counted(value: f64, [singular, plural]: &[String; 2]) -> String {
    let text = if value.abs() >= 99.5 { int(value) } else { plain((value * 10.0).round() / 10.0) };
    let noun = if text == "1" { singular } else { plural };
    format!("{text}{SPACE}{noun}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(got: &str, expected: &str) {
        assert_eq!(got.replace(SPACE, " "), expected);
    }

    #[test]
    fn numbers_are_grouped_and_signed() {
        check(&int(0.0), "0");
        check(&int(-0.2), "0");
        check(&int(999.0), "999");
        check(&int(1_234_567.4), "1,234,567");
        check(&int(-1_234.0), "\u{2212}1,234");
        check(&int(f64::NAN), "not a number");
        check(&one(1_234.56), "1,234.6");
        check(&plain(8.0), "8");
        check(&plain(8.254), "8.25");
        check(&plain(100.0), "100");
    }

    #[test]
    fn percentages_keep_what_matters() {
        check(&percent(0.0), "0 %");
        check(&percent(0.000_02), "< 0.01 %");
        check(&percent(0.000_5), "0.05 %");
        check(&percent(0.034), "3.4 %");
        check(&percent(0.84), "84 %");
        check(&percent(1.2), "120 %");
    }

    #[test]
    fn units_scale() {
        check(&bytes(0.0), "0 B");
        check(&bytes(1023.0), "1 KiB");
        check(&bytes(64.0 * 1_073_741_824.0), "64 GiB");
        check(&bytes(1.5 * 1_099_511_627_776.0), "1.5 TiB");
        check(&rate(12_500_000.0), "12.5 MB/s");
        check(&ghz(12_800.0), "12.8 GHz");
        check(&days(1.0), "1 day");
        check(&days(27.96), "28 days");
        check(&hours(2_607.4), "2,607 hours");
        check(&money(-142_400.0, "USD"), "USD \u{2212}142 k");
        check(&money(1_420_000.0, "EUR"), "EUR 1.42 M");
        check(&money(8_400.0, ""), "8,400");
        check(&to_one(8.66), "8.7 : 1");
    }

    #[test]
    fn moments_and_cells_are_named() {
        check(&date(Timestamp(1_764_028_800)), "25 November 2025");
        check(&cell(34), "Tuesday 10:00 UTC");
        check(&cell(191), "month-end day, 23:00 UTC");
        check(&cell(500), "cell 500");
    }

    #[test]
    fn host_names_cannot_steer_a_terminal() {
        check(&terminal_safe("web\u{1b}[2J\u{7}"), "web\u{fffd}[2J\u{fffd}");
        check(&terminal_safe("a\u{202e}b"), "a\u{fffd}b");
        check(&terminal_safe("grün-01"), "grün-01");
    }
}
