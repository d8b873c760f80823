//! Change windows as people write them: `Sun 02:00-06:00`, `Sat 20:00 - Sun 06:00`, `22:00-04:00; 12:00-13:00`, `4h`.
// SPDX-License-Identifier: Apache-2.0

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY_MINUTES: u32 = 24 * 60;

/// Hours of the longest window in a text; `None` when any part of it cannot be read.
pub(super) fn hours(text: &str) -> Option<f64> {
    let parts: Option<Vec<f64>> = text.split([';', ',']).map(window).collect();
    parts?.into_iter().reduce(f64::max)
}

fn window(text: &str) -> Option<f64> {
    let text = text.trim().to_ascii_lowercase();
    let length = ["hours", "hour", "h"].iter().find_map(|unit| text.strip_suffix(unit));
    if let Some(length) = length {
        return length.trim().parse().ok().filter(|hours: &f64| hours.is_finite() && *hours > 0.0);
    }
    let (from, to) = text.split_once(['-', '\u{2013}'])?;
    let ((from_day, from), (to_day, to)) = (moment(from)?, moment(to)?);
    let days = match (from_day, to_day) {
        (Some(from), Some(to)) => (to + 7 - from) % 7,
        (_, None) => 0,
        (None, Some(_)) => return None,
    };
    // One that ends no later than it begins ends on the next day, or with both days named in the next week.
    let minutes = days * DAY_MINUTES + to;
    let whole = if to_day.is_some() { 7 * DAY_MINUTES } else { DAY_MINUTES };
    let minutes = if minutes > from { minutes - from } else { minutes + whole - from };
    Some(f64::from(minutes) / 60.0)
}

/// A day of the week, if named, and the minute of the day.
fn moment(text: &str) -> Option<(Option<u32>, u32)> {
    let (day, time) = match text.trim().rsplit_once(' ') {
        Some((day, time)) => (Some(day_of(day.trim())?), time),
        None => (None, text.trim()),
    };
    let (hour, minute) = time.split_once(':').unwrap_or((time, "0"));
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let of_day = hour * 60 + minute;
    (hour <= 24 && minute < 60 && of_day <= DAY_MINUTES).then_some((day, of_day))
}

/// `sun`, `Sunday`, `Sundays`.
fn day_of(text: &str) -> Option<u32> {
    let long = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let text = text.strip_suffix('s').filter(|day| long.contains(day)).unwrap_or(text);
    let place = DAYS.iter().zip(long).position(|(short, long)| text == *short || text == long)?;
    u32::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use super::hours;

    fn check(text: &str, expected: Option<f64>) {
        assert_eq!(hours(text), expected, "{text:?}");
    }

    #[test]
    fn windows_are_read_as_people_write_them() {
        check("Sun 02:00-06:00", Some(4.0));
        check("Sundays 2:00 - 6:30", Some(4.5));
        check("22:00-04:00", Some(6.0));
        check("Sat 20:00 - Sun 06:00", Some(10.0));
        check("Fri 18:00 \u{2013} Mon 06:00", Some(60.0));
        check("Sun 20:00 - Sun 06:00", Some(154.0));
        check("12:00-13:00; Sat 20-24", Some(4.0));
        check("4h", Some(4.0));
        check("1.5 hours", Some(1.5));
        check("00:00-24:00", Some(24.0));
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        for text in [
            "",
            "weekends",
            "ask Ada",
            "Sun 25:00-26:00",
            "02:00-Sun 06:00",
            "-1h",
            "0h",
            "NaNh",
            "4h; at night",
        ] {
            check(text, None);
        }
    }
}
