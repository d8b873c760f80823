//! Names put back into a file that was written with pseudonyms: what a consultant sends back, the customer reads.
// SPDX-License-Identifier: Apache-2.0

use super::{DIGITS, Pseudonyms};
use crate::report::render::csv::disarmed;

/// How a name is written where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Html,
    Json,
    Csv,
}

/// A text with names in place of the pseudonyms known, how many were put back, and how many are of another key or of
/// another engagement. `file` is its name, by which HTML, JSON and CSV are told from other text.
#[must_use]
pub fn restore(text: &str, file: &str, known: &Pseudonyms) -> (String, usize, usize) {
    let kind = match file.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).as_deref() {
        Some("html" | "htm") => Kind::Html,
        Some("json") => Kind::Json,
        Some("csv") => Kind::Csv,
        _ => Kind::Text,
    };
    if kind == Kind::Csv {
        return csv(text, known);
    }
    words(text, known, |name| match kind {
        Kind::Html => askama::filters::escape(name, askama::filters::Html)
            .map_or_else(|_| name.to_owned(), |safe| safe.to_string()),
        Kind::Json => {
            let quoted = serde_json::Value::from(name).to_string();
            quoted.trim_matches('"').to_owned()
        }
        Kind::Text | Kind::Csv => crate::number::terminal_safe(name).into_owned(),
    })
}

fn csv(text: &str, known: &Pseudonyms) -> (String, usize, usize) {
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut writer = ::csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let (mut put, mut left) = (0, 0);
    for record in reader.records().flatten() {
        let cells = record.iter().map(|cell| {
            let (restored, here, not) = words(cell, known, str::to_owned);
            (put, left) = (put + here, left + not);
            if here > 0 { disarmed(restored) } else { restored }
        });
        // Memory takes whatever is written to it.
        let _ = writer.write_record(cells);
    }
    let bytes = writer.into_inner().unwrap_or_default();
    (String::from_utf8_lossy(&bytes).into_owned(), put, left)
}

/// Replaces every `kind-digits` that is known.
fn words(text: &str, known: &Pseudonyms, written: impl Fn(&str) -> String) -> (String, usize, usize) {
    let (mut out, mut put, mut left) = (String::with_capacity(text.len()), 0, 0);
    let part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut rest = text;
    while let Some(at) = rest.find(part) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let end = tail.find(|c| !part(c)).unwrap_or(tail.len());
        let word = &tail[..end];
        match known.name(word) {
            Some(name) => {
                out.push_str(&written(name));
                put += 1;
            }
            None => {
                left += usize::from(is_pseudonym(word));
                out.push_str(word);
            }
        }
        rest = &tail[end..];
    }
    out.push_str(rest);
    (out, put, left)
}

/// Whether a word looks like a pseudonym.
fn is_pseudonym(word: &str) -> bool {
    const KINDS: [&str; 7] = ["server", "person", "host", "cluster", "place", "text", "engagement"];
    let digit = |c: char| c.is_ascii_lowercase() || ('2'..='7').contains(&c);
    word.split_once('-').is_some_and(|(kind, digits)| {
        KINDS.contains(&kind) && digits.len() == DIGITS && digits.chars().all(digit)
    })
}
