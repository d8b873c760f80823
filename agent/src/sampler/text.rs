//! Fields and decimal numbers in the kernel's text files, without allocating.
// SPDX-License-Identifier: Apache-2.0

/// The lines of a text.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// The fields of a line, separated by any run of blanks.
pub(super) fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty())
}

/// A decimal number; anything else is none.
#[must_use]
pub(super) fn number(field: &[u8]) -> Option<u64> {
    if field.is_empty() {
        return None;
    }
    field.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 { None } else { value.checked_mul(10)?.checked_add(u64::from(digit)) }
    })
}

/// The first `N` fields as numbers, a missing or malformed one as none.
pub(super) fn numbers<'a, const N: usize>(mut fields: impl Iterator<Item = &'a [u8]>) -> [Option<u64>; N] {
    std::array::from_fn(|_| fields.next().and_then(number))
}

/// The number after a name, in a text of `name: value` or `name value` lines.
#[must_use]
pub(super) fn value_of(line: &[u8], name: &[u8]) -> Option<u64> {
    let rest = line.strip_prefix(name)?;
    let rest =
        rest.strip_prefix(b":").or_else(|| rest.first().is_some_and(|b| *b == b' ').then_some(rest))?;
    fields(rest).next().and_then(number)
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
        assert_eq!((number(b""), number(b"-1"), number(b"1x")), (None, None, None));
    }

    #[test]
    fn names_are_matched_whole() {
        assert_eq!(value_of(b"MemFree:  12 kB", b"MemFree"), Some(12));
        assert_eq!(value_of(b"pgmajfault 7", b"pgmajfault"), Some(7));
        assert_eq!(value_of(b"pgmajfault_x 7", b"pgmajfault"), None);
    }
}
