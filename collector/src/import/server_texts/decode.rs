//! Bytes to text, whatever terminal, editor or operating system they went through: never fails, and what it
//! cannot read harms one value at most.
// SPDX-License-Identifier: Apache-2.0

/// Text of UTF-8 or UTF-16 with or without a mark, else of Latin-1; without escape sequences, carriage returns
/// and other control characters. Lines stay lines.
pub(in crate::import) fn decode(bytes: &[u8]) -> String {
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8_or_latin1(rest),
        _ => utf8_or_latin1(bytes),
    };
    without_controls(&text)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn utf8_or_latin1(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
}

/// Takes out `ESC [ ... letter`, `ESC ] ... BEL` and whatever else is no text.
fn without_controls(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => match rest.next_if(|next| matches!(next, '[' | ']')) {
                Some('[') => while rest.next().is_some_and(|c| !('@'..='~').contains(&c) && c != '\n') {},
                Some(_) => while rest.next().is_some_and(|c| c != '\u{7}' && c != '\n') {},
                None => {}
            },
            '\n' | '\t' => clean.push(c),
            // A break of old Macintosh editors; before a line feed it is nothing.
            '\r' if rest.peek().is_some_and(|next| *next != '\n' && *next != '\r') => clean.push('\n'),
            _ if c.is_control() => {}
            _ => clean.push(c),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whatever_it_went_through_the_text_comes_out() {
        let check = |bytes: &[u8], expected: &str| assert_eq!(decode(bytes), expected, "{bytes:?}");
        check(b"CPU(s): 8\r\nSocket(s): 1\r\n", "CPU(s): 8\nSocket(s): 1\n");
        check(b"\x1b[1mCPU(s)\x1b[0m: 8\n", "CPU(s): 8\n");
        check(b"\x1b]0;root@web1\x07CPU(s): 8", "CPU(s): 8");
        check(b"Vendor: M\xfcller\n", "Vendor: M\u{fc}ller\n");
        check("\u{feff}Vendor: Müller".as_bytes(), "Vendor: Müller");
        check(b"\xff\xfeC\0P\0U\0", "CPU");
        check(b"\xfe\xff\0C\0P\0U", "CPU");
        check(b"a\0b\x08c\rd", "abc\nd");
        check(b"\x1b", "");
        check(b"\x1b[", "");
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let text = decode(&bytes);
            prop_assert!(text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
        }
    }
}
