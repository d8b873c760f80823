//! How a language writes numbers, money and dates. A report is written in one language from end to end, so its
//! format is set around the writing of it (`within`) and every formatter of `number` reads it: nothing that
//! formats has to carry it, and nothing outside such a call ever sees another than English.
// SPDX-License-Identifier: Apache-2.0

use std::cell::RefCell;
use std::sync::Arc;

/// What differs between languages. The default is English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// Between groups of three digits.
    pub thousands: String,
    /// Before decimals.
    pub decimal: String,
    /// `{amount}` and `{currency}` in their order.
    pub money: String,
    /// Thousands and millions of money.
    pub scales: [String; 2],
    /// `{day}`, `{month}`, `{year}` in their order.
    pub date: String,
    /// January first.
    pub months: Vec<String>,
    /// Monday first.
    pub weekdays: Vec<String>,
    /// Singular and plural of day, hour, month.
    pub nouns: [[String; 2]; 3],
    /// An hour of the week: `{day}`, `{hour}`.
    pub cell: String,
    /// An hour of a month-end day: `{hour}`.
    pub month_end_cell: String,
    /// A cell that is none: `{cell}`.
    pub no_cell: String,
    /// What stands for a number that is none.
    pub not_a_number: String,
}

impl Default for Format {
    fn default() -> Self {
        Self::read(|_| None)
    }
}

/// Every key of a format and what it is in English; lists are separated by `|`.
const KEYS: [(&str, &str); 14] = [
    ("thousands", ","),
    ("decimal", "."),
    ("money", "{currency} {amount}"),
    ("scales", "k|M"),
    ("date", "{day} {month} {year}"),
    ("months", "January|February|March|April|May|June|July|August|September|October|November|December"),
    ("weekdays", "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"),
    ("day", "day|days"),
    ("hour", "hour|hours"),
    ("month", "month|months"),
    ("cell", "{day} {hour}:00 UTC"),
    ("month-end-cell", "month-end day, {hour}:00 UTC"),
    ("no-cell", "cell {cell}"),
    ("not-a-number", "not a number"),
];

impl Format {
    /// A format from the words a language gives by key; what it does not give is English.
    pub fn read<'a>(word: impl Fn(&str) -> Option<&'a str>) -> Self {
        let text = |key: &str| {
            let standard = KEYS.iter().find(|(name, _)| *name == key).map_or("", |(_, text)| text);
            word(key).unwrap_or(standard).to_owned()
        };
        let list = |key: &str| text(key).split('|').map(str::to_owned).collect::<Vec<_>>();
        let pair = |key: &str| {
            let text = text(key);
            let (one, more) = text.split_once('|').unwrap_or((&text, &text));
            [one.to_owned(), more.to_owned()]
        };
        Self {
            thousands: text("thousands"),
            decimal: text("decimal"),
            money: text("money"),
            scales: pair("scales"),
            date: text("date"),
            months: list("months"),
            weekdays: list("weekdays"),
            nouns: [pair("day"), pair("hour"), pair("month")],
            cell: text("cell"),
            month_end_cell: text("month-end-cell"),
            no_cell: text("no-cell"),
            not_a_number: text("not-a-number"),
        }
    }
}

thread_local! {
    static CURRENT: RefCell<Arc<Format>> = RefCell::new(Arc::new(Format::default()));
}

/// The format of what is being written.
pub(super) fn current() -> Arc<Format> {
    CURRENT.with(|current| Arc::clone(&current.borrow()))
}

/// Writes something in a format; afterwards, however it ends, the one before holds again.
pub fn within<T>(format: &Arc<Format>, write: impl FnOnce() -> T) -> T {
    struct Back(Arc<Format>);
    impl Drop for Back {
        fn drop(&mut self) {
            CURRENT.with(|current| current.replace(Arc::clone(&self.0)));
        }
    }
    let _back = Back(CURRENT.with(|current| current.replace(Arc::clone(format))));
    write()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number;
    use cairn_schemas::time::Timestamp;

    #[test]
    fn a_format_holds_inside_and_nowhere_else() {
        let words = |key: &str| {
            Some(match key {
                "thousands" => ".",
                "decimal" => ",",
                "money" => "{amount}\u{a0}{currency}",
                "scales" => "Tsd.|Mio.",
                "date" => "{day}. {month} {year}",
                "months" => "Januar|Februar|März",
                "day" => "Tag|Tage",
                _ => return None,
            })
        };
        let german = Arc::new(Format::read(words));
        let said = within(&german, || {
            [
                number::decimals(-1_234.5, 2),
                number::plain(8.254),
                number::plain(1_000.0),
                number::percent(0.034),
                number::money(1_420_000.0, "EUR"),
                number::days(2.0),
                number::date(Timestamp(1_772_323_200)),
            ]
        });
        let said = said.map(|text| text.replace('\u{a0}', " "));
        assert_eq!(
            said,
            ["\u{2212}1.234,50", "8,25", "1.000", "3,4 %", "1,42 Mio. EUR", "2 Tage", "1. März 2026"]
        );
        assert_eq!(number::plain(8.254), "8.25");
        let _ = std::panic::catch_unwind(|| within(&german, || panic!("on the way")));
        assert_eq!(number::plain(8.254), "8.25", "a format ends with what was written, however it ends");
    }
}
