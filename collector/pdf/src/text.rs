//! Text made ready for paper: what no font can draw is replaced where it can be seen, and words too long for a
//! column may be broken. A name of 255 bytes neither runs off the page nor stops the report.
// SPDX-License-Identifier: Apache-2.0

use crate::fonts::draw;
use serde_json::Value;
use std::collections::BTreeMap;
use typst::text::Font;

/// Words up to this many characters fit the narrowest column.
const WHOLE: usize = 14;
/// Longer ones may be broken after so many characters even where nothing in them asks for it.
const STRETCH: usize = 18;
/// Letters alone up to this many are a word of some language and stay whole.
const WORD: usize = 30;
/// Where a line may break and nothing is drawn.
const BREAK: char = '\u{200b}';
/// Stands for a character no font has.
const REPLACED: char = '\u{fffd}';
/// Stands for it where the fonts do not even have that.
const PLAIN: char = '?';

/// Prepares every string of a document.
pub(crate) fn prepare(value: &mut Value, fonts: &[Font]) {
    let mut known = BTreeMap::new();
    walk(value, &mut |text: &mut String, drawing: bool| {
        let safe: String = text.chars().map(|c| drawn(c, fonts, &mut known)).collect();
        *text = if drawing { safe } else { breakable(&safe) };
    });
}

fn walk(value: &mut Value, change: &mut impl FnMut(&mut String, bool)) {
    match value {
        Value::String(text) => change(text, false),
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, change)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if name == "svg" => change(text, true),
                    // Words the layout compares, not words it prints.
                    Value::String(_) if matches!(name.as_str(), "kind" | "tone" | "id" | "state") => {}
                    field => walk(field, change),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn drawn(c: char, fonts: &[Font], known: &mut BTreeMap<char, char>) -> char {
    if c.is_ascii() && !c.is_ascii_control() || c == '\n' {
        return c;
    }
    *known.entry(c).or_insert_with(|| match c {
        c if draw(fonts, c) => c,
        '\u{a0}' | '\u{202f}' | '\u{2009}' => '\u{a0}',
        _ if draw(fonts, REPLACED) => REPLACED,
        _ => PLAIN,
    })
}

fn breakable(text: &str) -> String {
    if text.split_whitespace().all(|word| word.chars().count() <= WHOLE) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for word in text.split_inclusive(char::is_whitespace) {
        let length = word.chars().count();
        if length <= WHOLE || length <= WORD && word.trim_end().chars().all(char::is_alphabetic) {
            out.push_str(word);
        } else {
            break_word(word, &mut out);
        }
    }
    out
}

fn break_word(word: &str, out: &mut String) {
    let mut run = 0;
    for c in word.chars() {
        out.push(c);
        run += 1;
        if matches!(c, '.' | '-' | '_' | '/' | ':' | '@' | '=' | '&' | ',' | ';' | '(') || run >= STRETCH {
            out.push(BREAK);
            run = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(given: &str, expected: &str) {
        let fonts = crate::fonts::all(&[]).unwrap();
        let mut value = json!({ "name": given, "kind": given });
        prepare(&mut value, &fonts);
        assert_eq!(value["name"], expected);
        assert_eq!(value["kind"], given, "what the layout compares stays");
    }

    #[test]
    fn short_words_stay_and_long_ones_may_break() {
        check("web-01", "web-01");
        check("two short words", "two short words");
        check("Virtualisierungsgutachten", "Virtualisierungsgutachten");
        check("web-01.example.org", "web-\u{200b}01.\u{200b}example.\u{200b}org");
        check(&"x".repeat(40), &format!("{0}\u{200b}{0}\u{200b}xxxx", "x".repeat(18)));
    }

    #[test]
    fn what_no_font_has_is_replaced_where_it_can_be_seen() {
        check("Müller, Łukasz, Жанна, Ελλάς", "Müller, Łukasz, Жанна, Ελλάς");
        check("日本", "\u{fffd}\u{fffd}");
        check("שרת", "\u{fffd}\u{fffd}\u{fffd}");
        check("a\u{1b}b", "a\u{fffd}b");
    }
}
