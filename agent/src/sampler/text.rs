//! Fields and decimal numbers in the kernel's text files, without allocating.
// SPDX-License-Identifier: Apache-2.0

use super::Missing;

/// The lines of a text that are not empty.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    let line = move || {
        let (line, after) = rest.split_at(memchr::memchr(b'\n', rest).unwrap_or(rest.len()));
        rest = after.get(1..).unwrap_or_default();
        (!(line.is_empty() && rest.is_empty())).then_some(line)
    };
    std::iter::from_fn(line).filter(|line| !line.is_empty())
}

/// The fields of a line, separated by any run of blanks.
pub(super) const fn fields(line: &[u8]) -> Fields<'_> {
    Fields { rest: line }
}

/// See [`fields`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Fields<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.skip_blanks();
        let length = self.rest.iter().position(|byte| is_blank(*byte)).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(length);
        self.rest = rest;
        (!field.is_empty()).then_some(field)
    }
}

impl Fields<'_> {
    /// The next `N` fields as numbers, a missing or malformed one as none.
    pub(super) fn numbers<const N: usize>(mut self) -> [Option<u64>; N] {
        std::array::from_fn(|_| self.next_number())
    }

    /// The next field as a number, in one pass over its digits: most of what sampling does.
    fn next_number(&mut self) -> Option<u64> {
        /// Nothing so short overruns.
        const SAFE_DIGITS: usize = 19;
        self.skip_blanks();
        let text = self.rest;
        let (mut value, mut digits) = (0_u64, 0);
        while let Some(digit) =
            text.get(digits).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit <= 9)
        {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            digits += 1;
        }
        self.rest = &text[digits..];
        if self.rest.first().is_some_and(|byte| !is_blank(*byte)) {
            self.next();
            return None;
        }
        match digits {
            0 => None,
            1..=SAFE_DIGITS => Some(value),
            _ => std::str::from_utf8(&text[..digits]).ok()?.parse().ok(),
        }
    }

    fn skip_blanks(&mut self) {
        while let [byte, rest @ ..] = self.rest
            && is_blank(*byte)
        {
            self.rest = rest;
        }
    }
}

const fn is_blank(byte: u8) -> bool {
    byte <= b' '
}

/// A decimal number and nothing else.
#[must_use]
pub(super) fn number(field: &[u8]) -> Option<u64> {
    if field.iter().any(|byte| is_blank(*byte)) { None } else { fields(field).next_number() }
}

/// The number after a name, in a text of `name: value` or `name value` lines.
#[must_use]
pub(super) fn value_of(line: &[u8], name: &[u8]) -> Option<u64> {
    let rest = line.strip_prefix(name)?;
    let rest =
        rest.strip_prefix(b":").or_else(|| rest.first().is_some_and(|b| *b == b' ').then_some(rest))?;
    fields(rest).next_number()
}

/// The values of some names, in the order in which the kernel writes them; another order only costs time.
pub(super) fn named<const N: usize>(
    text: &[u8],
    file: &'static str,
    names: [&'static str; N],
) -> [Result<u64, Missing>; N] {
    let mut values = [None; N];
    let mut next = 0;
    for line in lines(text) {
        let Some(name) = names.get(next) else { break };
        values[next] = value_of(line, name.as_bytes());
        next += usize::from(values[next].is_some());
    }
    let anywhere = |name: &str| lines(text).find_map(|line| value_of(line, name.as_bytes()));
    std::array::from_fn(|at| {
        let field = names[at];
        values[at].or_else(|| anywhere(field)).ok_or(Missing::NoField { file, field })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_decimal_or_nothing() {
        for (text, expected) in
            [("0", Some(0)), ("18446744073709551615", Some(u64::MAX)), ("18446744073709551616", None)]
        {
            assert_eq!(number(text.as_bytes()), expected);
        }
        assert_eq!((number(b""), number(b"-1"), number(b"1x"), number(b" 1")), (None, None, None, None));
    }

    #[test]
    fn lines_and_fields_are_what_stands_between_the_blanks() {
        let text = b"\n\n a  bb\t12 x3 \n \nlast";
        assert_eq!(lines(text).collect::<Vec<_>>(), [&b" a  bb\t12 x3 "[..], b" ", b"last"]);
        let mut first = fields(b" a  bb\t12 x3 ");
        assert_eq!(first.next(), Some(&b"a"[..]));
        assert_eq!(first.numbers(), [None, Some(12), None, None]);
        assert_eq!(first.collect::<Vec<_>>(), [&b"bb"[..], b"12", b"x3"]);
        assert_eq!((lines(b"").count(), lines(b"\n\n").count(), fields(b" ").count()), (0, 0, 0));
    }

    #[test]
    fn names_are_found_in_any_order_and_the_others_are_said_to_be_missing() {
        let missing = |field| Err(Missing::NoField { file: "f", field });
        let check = |text: &[u8], expected| assert_eq!(named(text, "f", ["a", "b", "c"]), expected);
        check(b"a 1\nx 9\nb 2\nc 3\n", [Ok(1), Ok(2), Ok(3)]);
        check(b"c 3\nb 2\na 1\n", [Ok(1), Ok(2), Ok(3)]);
        check(b"a 1\nc 3\n", [Ok(1), missing("b"), Ok(3)]);
        check(b"a x\nb 2", [missing("a"), Ok(2), missing("c")]);
    }

    #[test]
    fn names_are_matched_whole() {
        assert_eq!(value_of(b"MemFree:  12 kB", b"MemFree"), Some(12));
        assert_eq!(value_of(b"pgmajfault 7", b"pgmajfault"), Some(7));
        assert_eq!(value_of(b"pgmajfault_x 7", b"pgmajfault"), None);
    }
}
