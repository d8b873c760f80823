//! `samples.csv`: `server,timestamp,` then any metrics of the catalogue, `powered_on` and `width_s`.
// SPDX-License-Identifier: Apache-2.0

use super::moment::Moments;
use super::{name_of, nearest, text_of};
use crate::import::problem::{Fault, Kind, quoted};
use cairn_schemas::metric::{self, METRICS, Metric, Unit};
use cairn_schemas::slot::Power;
use cairn_schemas::time::{DAY_S, Timestamp};
use cairn_schemas::value_code::{Code, MISSING, RATIO_MAX};
use csv::ByteRecord;

/// What each column of a file means.
#[derive(Debug)]
pub(super) struct Columns {
    server: usize,
    timestamp: usize,
    powered_on: Option<usize>,
    width_s: Option<usize>,
    /// Metric columns, ascending by metric number.
    metrics: Vec<(usize, &'static Metric)>,
    /// Columns that mean nothing here, with the nearest name that would.
    pub(super) ignored: Vec<(String, Option<&'static str>)>,
    pub(super) moments: Moments,
    /// Values above 1 among ratios, which are kept.
    pub(super) above_one: u64,
}

/// One row read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub(super) server: &'a str,
    pub(super) start: Timestamp,
    /// `None`: to be inferred.
    pub(super) width_s: Option<u32>,
    pub(super) power: Power,
}

/// Whether a header is of samples: facts have no `timestamp`.
pub(super) fn recognise(header: &[String]) -> bool {
    header.iter().any(|name| name == "timestamp")
}

impl Columns {
    pub(super) fn of(header: &[String]) -> Result<Self, Fault> {
        let place = |wanted: &str| header.iter().position(|name| name == wanted);
        let required = |wanted: &str| {
            place(wanted)
                .ok_or_else(|| Fault::new(Kind::File, format!("there is no column {wanted:?}; add it")))
        };
        let mut columns = Self {
            server: required("server")?,
            timestamp: required("timestamp")?,
            powered_on: place("powered_on"),
            width_s: place("width_s"),
            metrics: Vec::new(),
            ignored: Vec::new(),
            moments: Moments::default(),
            above_one: 0,
        };
        for (index, name) in header.iter().enumerate() {
            if let Some(metric) = metric::by_name(name) {
                columns.metrics.push((index, metric));
            } else if !["server", "timestamp", "powered_on", "width_s"].contains(&name.as_str()) {
                let known = METRICS.iter().map(|metric| metric.name).chain(["powered_on", "width_s"]);
                columns.ignored.push((name.clone(), nearest(name, known)));
            }
        }
        columns.metrics.sort_by_key(|(_, metric)| metric.id);
        if columns.metrics.is_empty() && columns.powered_on.is_none() {
            let text = "no column is a metric; name them as in the catalogue, cpu_busy_ratio say";
            return Err(Fault::new(Kind::File, text));
        }
        Ok(columns)
    }

    /// The metrics of the file, ascending by number.
    pub(super) fn metrics(&self) -> Vec<&'static Metric> {
        self.metrics.iter().map(|(_, metric)| *metric).collect()
    }

    /// Whether slots say how long they are.
    pub(super) const fn has_width(&self) -> bool {
        self.width_s.is_some()
    }

    /// Reads a row; one code a metric goes to the end of `codes`, none when there is a fault.
    pub(super) fn read<'a>(
        &mut self,
        record: &'a ByteRecord,
        codes: &mut Vec<Code>,
    ) -> Result<Row<'a>, Fault> {
        let server = name_of(&record[self.server])?;
        let start = self.moments.read("timestamp", text_of("timestamp", &record[self.timestamp])?)?;
        let power = self.powered_on.map_or(Ok(Power::On), |at| power(&record[at]))?;
        let width_s = self.width_s.map_or(Ok(None), |at| width(&record[at]))?;
        let before = codes.len();
        let mut above_one = 0;
        for (at, metric) in &self.metrics {
            match value(metric, &record[*at]) {
                Ok(value) => {
                    above_one += u64::from(metric.unit == Unit::Ratio && value.is_some_and(|v| v > 1.0));
                    codes.push(metric.unit.coding().encode(value));
                }
                Err(fault) => {
                    codes.truncate(before);
                    return Err(fault);
                }
            }
        }
        self.above_one += above_one;
        Ok(Row { server, start, width_s, power })
    }
}

/// Reads a value; blank is missing, which is never zero.
fn value(metric: &Metric, field: &[u8]) -> Result<Option<f64>, Fault> {
    let field = field.trim_ascii();
    if field.is_empty() {
        return Ok(None);
    }
    let text = text_of(metric.name, field)?;
    let fault = |kind, why: &str| Err(Fault::of(metric.name, kind, format!("{} {why}", quoted(text))));
    match text.parse::<f64>() {
        Err(_) => fault(Kind::Number, "is not a number; leave the field blank when the value is missing"),
        Ok(n) if !n.is_finite() => {
            fault(Kind::Number, "is not finite; leave the field blank when it is missing")
        }
        Ok(n) if n < 0.0 => fault(Kind::OutOfRange, "is below 0; leave the field blank when it is missing"),
        Ok(n) if metric.unit == Unit::Ratio && n > RATIO_MAX => {
            fault(Kind::OutOfRange, "is above 6.5534; ratios are 0 to 1, divide percentages by 100")
        }
        Ok(n) => Ok(Some(n)),
    }
}

fn power(field: &[u8]) -> Result<Power, Fault> {
    match field.trim_ascii() {
        b"1" | b"" => Ok(Power::On),
        b"0" => Ok(Power::Off),
        other => {
            let text = quoted(&String::from_utf8_lossy(other));
            Err(Fault::of("powered_on", Kind::Word, format!("{text} is neither 0 nor 1")))
        }
    }
}

fn width(field: &[u8]) -> Result<Option<u32>, Fault> {
    let field = field.trim_ascii();
    if field.is_empty() {
        return Ok(None);
    }
    let text = text_of("width_s", field)?;
    let fault = |kind, why| Err(Fault::of("width_s", kind, format!("{} {why}", quoted(text))));
    match text.parse::<i64>() {
        Err(_) => fault(Kind::Number, "is not a whole number of seconds"),
        Ok(n) if !(1..=DAY_S).contains(&n) => fault(Kind::OutOfRange, "is outside 1 to 86400 seconds"),
        Ok(n) => Ok(u32::try_from(n).ok()),
    }
}

/// Whether a slot says anything: a running server without a value is missing, not idle.
pub(super) fn says_nothing(power: Power, codes: &[Code]) -> bool {
    power == Power::On && codes.iter().all(|code| *code == MISSING)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    fn read(row: &str) -> Result<(i64, Option<u32>, Power, Vec<Code>), String> {
        let names = header("server,timestamp,memory_used_bytes,cpu_busy_ratio,powered_on,width_s,mood");
        let mut columns = Columns::of(&names).unwrap();
        let record = ByteRecord::from(row.split(',').collect::<Vec<_>>());
        let mut codes = Vec::new();
        match columns.read(&record, &mut codes) {
            Ok(row) => Ok((row.start.0, row.width_s, row.power, codes)),
            Err(fault) => {
                assert!(codes.is_empty(), "a row with a fault leaves nothing behind");
                Err(format!("{}: {}", fault.field.unwrap_or_default(), fault.text))
            }
        }
    }

    #[test]
    fn good_rows_are_read() {
        let check = |row, start, width, power, codes: &[Code]| {
            assert_eq!(read(row), Ok((start, width, power, codes.to_vec())), "{row}");
        };
        check("web,600,512,0.25,1,300,x", 600, Some(300), Power::On, &[2_500, 512]);
        check(" web ,600, 512 ,1.82,,,", 600, None, Power::On, &[18_200, 512]);
        check("web,600,,,0,60,", 600, Some(60), Power::Off, &[MISSING, MISSING]);
        check("web,600,,0,1,60,", 600, Some(60), Power::On, &[0, MISSING]);
    }

    #[test]
    fn bad_rows_name_field_and_remedy() {
        let check = |row, expected: &str| {
            let text = read(row).unwrap_err();
            assert!(text.starts_with(expected), "{row}: {text}");
        };
        check(",600,1,0.5,1,60,", "server: is empty");
        check("web,soon,1,0.5,1,60,", "timestamp: \"soon\" is no time");
        check("web,600,1,abc,1,60,", "cpu_busy_ratio: \"abc\" is not a number; leave the field blank");
        check("web,600,1,nan,1,60,", "cpu_busy_ratio: \"nan\" is not finite");
        check("web,600,1,-0.1,1,60,", "cpu_busy_ratio: \"-0.1\" is below 0");
        check("web,600,1,85,1,60,", "cpu_busy_ratio: \"85\" is above 6.5534; ratios are 0 to 1");
        check("web,600,-1,0.5,1,60,", "memory_used_bytes: \"-1\" is below 0");
        check("web,600,1,0.5,on,60,", "powered_on: \"on\" is neither 0 nor 1");
        check("web,600,1,0.5,1,0,", "width_s: \"0\" is outside 1 to 86400");
        check("web,600,1,0.5,1,5m,", "width_s: \"5m\" is not a whole number");
    }

    #[test]
    fn headers_are_understood_or_refused() {
        let ignored = |text: &str| Columns::of(&header(text)).unwrap().ignored;
        assert_eq!(
            ignored("server,timestamp,cpu_busy_ratios,zzz,cpu_busy_ratio"),
            [("cpu_busy_ratios".to_owned(), Some("cpu_busy_ratio")), ("zzz".to_owned(), None)]
        );
        let refused = |text: &str| Columns::of(&header(text)).unwrap_err().text;
        assert!(refused("timestamp,cpu_busy_ratio").contains("no column \"server\""));
        assert!(refused("server,timestamp,cpu").contains("no column is a metric"));
    }
}
