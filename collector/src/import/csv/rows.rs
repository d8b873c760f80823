//! The rows of a CSV file as raw fields, with the faults every kind of file can have: no header, too few or
//! too many fields, an end inside a row. Knows nothing of what the columns mean.
// SPDX-License-Identifier: Apache-2.0

use crate::import::problem::{Fault, Kind};
use csv::ByteRecord;
use std::io::{self, Read};

/// The rows of one file. One row is read ahead, so that the last one is known to be the last.
pub(crate) struct Rows<R: Read> {
    reader: csv::Reader<Watch<R>>,
    header: Vec<String>,
    row: ByteRecord,
    ahead: ByteRecord,
    ahead_line: Option<u64>,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Line its first field is on, from 1.
    pub(crate) line: u64,
    /// It is the last row and no line break follows it: it may be cut anywhere.
    pub(crate) unterminated: bool,
}

impl<R: Read> Rows<R> {
    /// Reads the header. The outer error is of the disk, the inner one of the file.
    pub(crate) fn open(input: R) -> io::Result<Result<Self, Fault>> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            // A carriage return before it stays in the last field and is trimmed: lines are counted right.
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(1 << 18)
            .from_reader(Watch { input, last: None, read_bytes: 0 });
        let mut first = ByteRecord::new();
        if !reader.read_byte_record(&mut first)? {
            return Ok(Err(Fault::new(Kind::File, "the file is empty; export it again")));
        }
        let header = match header_of(&first) {
            Ok(header) => header,
            Err(fault) => return Ok(Err(fault)),
        };
        let mut rows = Self { reader, header, row: first, ahead: ByteRecord::new(), ahead_line: None };
        rows.read_ahead()?;
        Ok(Ok(rows))
    }

    /// Names of the columns, trimmed.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// Bytes taken from the input so far.
    pub(crate) fn read_bytes(&self) -> u64 {
        self.reader.get_ref().read_bytes
    }

    /// The next row; its fields are as many as the header's, or there is a fault.
    pub(crate) fn next(&mut self) -> io::Result<Option<(Place, Result<&ByteRecord, Fault>)>> {
        let Some(line) = self.ahead_line else { return Ok(None) };
        std::mem::swap(&mut self.row, &mut self.ahead);
        self.read_ahead()?;
        let unterminated =
            self.ahead_line.is_none() && !matches!(self.reader.get_ref().last, Some(b'\n') | None);
        let place = Place { line, unterminated };
        Ok(Some((place, self.count_fields(unterminated))))
    }

    /// Reads the next row that is not blank, and finds the line it begins on.
    fn read_ahead(&mut self) -> io::Result<()> {
        self.ahead_line = None;
        while self.reader.read_byte_record(&mut self.ahead)? {
            if self.ahead.len() == 1 && self.ahead[0].trim_ascii().is_empty() {
                continue;
            }
            // The reader stands behind the row: at the next line, or at the end of an unfinished one.
            let breaks = self.ahead.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
            let behind = self.reader.position();
            let finished = u64::from(
                behind.byte() < self.reader.get_ref().read_bytes || self.reader.get_ref().last == Some(b'\n'),
            );
            self.ahead_line = Some(behind.line() - breaks - finished);
            break;
        }
        Ok(())
    }

    fn count_fields(&self, unterminated: bool) -> Result<&ByteRecord, Fault> {
        let (have, need) = (self.row.len(), self.header.len());
        if have < need {
            let field = &self.header[have];
            let why = if unterminated { "the file ends inside this row" } else { "the row is cut short" };
            let text = format!("{why}: {have} of {need} fields; export it again");
            return Err(Fault::of(field, Kind::Truncated, text));
        }
        if have > need {
            let text = format!("{have} fields where the header has {need}; quote fields that hold commas");
            return Err(Fault::new(Kind::TooManyFields, text));
        }
        Ok(&self.row)
    }
}

fn header_of(first: &ByteRecord) -> Result<Vec<String>, Fault> {
    let refuse = |text: String| Err(Fault::new(Kind::File, text));
    if first.get(0).is_some_and(|field| field.starts_with(&[0xff, 0xfe]) || field.starts_with(&[0xfe, 0xff]))
    {
        return refuse("the file is UTF-16; save it as UTF-8".into());
    }
    let mut header: Vec<String> = Vec::with_capacity(first.len());
    for (index, field) in first.iter().enumerate() {
        let Ok(name) = std::str::from_utf8(field) else {
            return refuse(format!("the name of column {} is not UTF-8", index + 1));
        };
        let name = name.trim_start_matches('\u{feff}').trim();
        if header.iter().any(|other| other == name) {
            return refuse(format!("two columns are called {name:?}; rename one"));
        }
        header.push(name.to_owned());
    }
    match header.as_slice() {
        [only] if only.contains(';') || only.contains('\t') => {
            refuse("fields are not separated by commas; save it as comma-separated".into())
        }
        _ => Ok(header),
    }
}

/// Remembers how much was read and what came last.
struct Watch<R> {
    input: R,
    last: Option<u8>,
    read_bytes: u64,
}

impl<R: Read> Read for Watch<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        if n > 0 {
            self.last = Some(buffer[n - 1]);
            self.read_bytes += n as u64;
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let mut rows = match Rows::open(text.as_bytes()).unwrap() {
            Ok(rows) => rows,
            Err(fault) => return vec![fault.text],
        };
        let mut seen = Vec::new();
        while let Some((place, row)) = rows.next().unwrap() {
            let end = if place.unterminated { "!" } else { "" };
            seen.push(match row {
                Ok(row) => format!("{}{end} {}", place.line, row.len()),
                Err(fault) => format!("{}{end} {}", place.line, fault.text),
            });
        }
        seen
    }

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(read(text), expected, "{text:?}");
    }

    #[test]
    fn every_row_is_given_with_its_line_or_its_fault() {
        check("", &["the file is empty; export it again"]);
        check("a,b\n", &[]);
        check("\u{feff}a,b\r\n1,2\r\n\r\n3,4\r\n", &["2 2", "4 2"]);
        check("a,b\n\n1,\"x\ny\"\n3,4\n5,6", &["3 2", "5 2", "6! 2"]);
        check("a,b\n1\n", &["2 the row is cut short: 1 of 2 fields; export it again"]);
        check("a,b\n1,2\n3", &["2 2", "3! the file ends inside this row: 1 of 2 fields; export it again"]);
        check("a,b\n1,2", &["2! 2"]);
        check("a,b\n1,2,3\n", &["2 3 fields where the header has 2; quote fields that hold commas"]);
        check("a;b\n", &["fields are not separated by commas; save it as comma-separated"]);
        check("a, a\n", &["two columns are called \"a\"; rename one"]);
    }

    #[test]
    fn a_byte_order_mark_of_two_bytes_is_named() {
        let fault = Rows::open(&b"\xff\xfea\0"[..]).unwrap().err().unwrap();
        assert_eq!(fault.text, "the file is UTF-16; save it as UTF-8");
    }
}
