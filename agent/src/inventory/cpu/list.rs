//! The kernel's lists of numbers, `0-3,8,10-11`, as files under `/sys` hold them.
// SPDX-License-Identifier: Apache-2.0

/// More than any kernel numbers; a longer list is no list.
const NUMBER_MAX: u32 = 1 << 16;

/// The numbers of a list, ascending as written. `None`: it is none.
pub(super) fn numbers(text: &str) -> Option<Vec<u32>> {
    let mut numbers = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        if first > last || last > NUMBER_MAX {
            return None;
        }
        numbers.extend(first..=last);
    }
    Some(numbers)
}

/// How many numbers a list names; `None`: none, or it is no list.
pub(super) fn count(text: &str) -> Option<usize> {
    numbers(text).map(|numbers| numbers.len()).filter(|count| *count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let check = |text: &str, expected: Option<&[u32]>| {
            assert_eq!(numbers(text).as_deref(), expected, "{text:?}");
        };
        check("0-3,8,10-11\n", Some(&[0, 1, 2, 3, 8, 10, 11]));
        check("", Some(&[]));
        check("5", Some(&[5]));
        check("3-1", None);
        check("0-4294967295", None);
        check("a-b", None);
    }
}
