//! A bound on the log: so many lines a minute, then one that says how many were left out. An agent in trouble
//! must not fill the disk of the host it measures.
// SPDX-License-Identifier: Apache-2.0

use crate::clock::Clock;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use tracing_subscriber::fmt::MakeWriter;

/// Lines a minute.
const LINES_MAX: u32 = 30;
const MINUTE_NS: i64 = 60_000_000_000;

/// Bounds what goes to `writer`.
pub(super) struct BoundedLog<W> {
    writer: Mutex<W>,
    clock: Box<dyn Clock>,
    minute: Mutex<Minute>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Minute {
    began_ns: i64,
    lines: u32,
    left_out: u32,
}

impl Minute {
    /// Whether a line may be written now, and how many were left out before it.
    fn admit(&mut self, now_ns: i64) -> Option<u32> {
        if self.lines == 0 || now_ns - self.began_ns >= MINUTE_NS {
            let left_out = std::mem::take(&mut self.left_out);
            *self = Self { began_ns: now_ns, lines: 1, left_out: 0 };
            return Some(left_out);
        }
        if self.lines < LINES_MAX {
            self.lines += 1;
            return Some(0);
        }
        self.left_out += 1;
        None
    }
}

impl<W: Write> BoundedLog<W> {
    pub(super) fn new(writer: W, clock: Box<dyn Clock>) -> Self {
        Self { writer: Mutex::new(writer), clock, minute: Mutex::default() }
    }
}

/// One line of the log.
pub(super) struct Line<'a, W>(&'a BoundedLog<W>);

impl<W: Write> Write for Line<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut minute = self.0.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let mut writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        match minute.admit(self.0.clock.now().mono_ns) {
            None => return Ok(bytes.len()),
            Some(0) => {}
            Some(left_out) => {
                writeln!(writer, "{left_out} lines were left out: more than {LINES_MAX} a minute")?
            }
        }
        writer.write_all(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

impl<'a, W: Write + 'a> MakeWriter<'a> for BoundedLog<W> {
    type Writer = Line<'a, W>;

    fn make_writer(&'a self) -> Line<'a, W> {
        Line(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_cut_and_said_to_be() {
        let mut minute = Minute::default();
        let admitted = |minute: &mut Minute, at_s: i64, lines: u32| {
            (0..lines).filter_map(|_| minute.admit(at_s * 1_000_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(admitted(&mut minute, 1, 100), vec![0; 30]);
        assert_eq!(admitted(&mut minute, 60, 5), vec![0; 0]);
        assert_eq!(admitted(&mut minute, 61, 2), [75, 0]);
        assert_eq!(admitted(&mut minute, 200, 1), [0]);
    }
}
