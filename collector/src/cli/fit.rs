//! Lines that fit the terminal: what is too long goes on below its own column. What is read by a program is left as it
//! is, and so is all that goes into a file or a pipe.
// SPDX-License-Identifier: Apache-2.0

use std::io::Write;
use textwrap::{Options, WordSplitter, WrapAlgorithm, wrap};

/// Narrowest column that text goes on in; where less is left, it goes on from the left.
const COLUMN_MIN: usize = 24;

/// Standard output as people read it.
pub(super) fn standard_output(fits: bool) -> Box<dyn Write> {
    let terminal = console::Term::stdout();
    let width =
        terminal.size_checked().map(|(_, width)| usize::from(width)).filter(|_| fits && terminal.is_term());
    match width {
        Some(width) => Box::new(Fit { inner: std::io::stdout().lock(), width, line: Vec::new() }),
        None => Box::new(std::io::stdout().lock()),
    }
}

struct Fit<W: Write> {
    inner: W,
    width: usize,
    line: Vec<u8>,
}

impl<W: Write> Write for Fit<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                let text = String::from_utf8_lossy(&line);
                self.inner.write_all(fitted(text.trim_end_matches('\n'), self.width).as_bytes())?;
                self.inner.write_all(b"\n")?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.write_all(&std::mem::take(&mut self.line))?;
        self.inner.flush()
    }
}

/// A line in lines of at most `width`; words longer than that stay whole, so that they can be copied.
fn fitted(line: &str, width: usize) -> String {
    if console::measure_text_width(line) <= width {
        return line.to_owned();
    }
    let indent = " ".repeat(column(line, width));
    let options = Options::new(width)
        .subsequent_indent(&indent)
        .break_words(false)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .word_splitter(WordSplitter::NoHyphenation);
    // The columns before are kept as they stand: the wrapping would keep their spaces, but may break among them.
    let (before, text) = line.split_at(byte_of(line, indent.len()));
    let first = options.clone().initial_indent(before);
    if before.trim().is_empty() { wrap(line, options).join("\n") } else { wrap(text, first).join("\n") }
}

/// Where the last column of a line begins: behind the last two spaces that leave it room.
fn column(line: &str, width: usize) -> usize {
    let characters: Vec<char> = line.chars().collect();
    let begins = |n: &usize| characters[n - 2] == ' ' && characters[n - 1] == ' ' && characters[*n] != ' ';
    let last = (2..characters.len()).rev().find(|n| n + COLUMN_MIN <= width && begins(n));
    // A line that has no columns is a sentence: it goes on a little further in.
    last.unwrap_or(2)
}

fn byte_of(line: &str, character: usize) -> usize {
    line.char_indices().nth(character).map_or(line.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_goes_on_below_its_column() {
        let check = |line: &str, width: usize, expected: &str| assert_eq!(fitted(line, width), expected);
        check("  short  line", 40, "  short  line");
        check(
            "  owners.1    1  met   Does somebody stand for it with a reason of the business?",
            60,
            "  owners.1    1  met   Does somebody stand for it with a\n                       reason of the business?",
        );
        // No columns.
        check(
            "no webhook is configured: events that wait in the outbox: 3",
            40,
            "no webhook is configured: events that\n  wait in the outbox: 3",
        );
        // Columns all over the line: those that fit stay, the rest goes on below the last with room.
        check("AGENT         SERVER        VERSION  BY", 36, "AGENT         SERVER        VERSION\n  BY");
        // What is copied is not cut.
        let join = format!("cairn-join-{}", "x".repeat(60));
        check(&join, 40, &join);
        check("ärger  grün", 11, "ärger  grün");
    }

    #[test]
    fn lines_come_out_whole_however_they_are_written() {
        let mut fit = Fit { inner: Vec::new(), width: 12, line: Vec::new() };
        for part in ["one two", " three four\nfive", "\n", "six"] {
            fit.write_all(part.as_bytes()).unwrap();
        }
        fit.flush().unwrap();
        assert_eq!(String::from_utf8(fit.inner).unwrap(), "one two\n  three four\nfive\nsix");
    }
}
