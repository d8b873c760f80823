//! The public text format of vector bin packing: the number of dimensions, the capacities, the number of item
//! lines, and on each of those the sizes of an item and how many of it there are.
// SPDX-License-Identifier: Apache-2.0

/// An instance as written. Item lines keep their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Capacity of a bin, one a dimension.
    pub capacities: Vec<u64>,
    /// Sizes of each item, copies written out.
    pub items: Vec<Vec<u64>>,
}

/// Why a text is no instance. Lines and fields are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, field {field}: {problem}")]
pub struct Malformed {
    /// Line.
    pub line: usize,
    /// Field of it.
    pub field: usize,
    /// What is wrong, and what is expected.
    pub problem: String,
}

/// Most items of an instance, copies counted.
const ITEMS_MAX: u64 = 1_000_000;
/// Most dimensions of an instance.
const DIMENSIONS_MAX: u64 = 10_000;
/// Largest number read: what a sum of a million still holds.
const NUMBER_MAX: u64 = 1 << 40;

/// Reads an instance.
///
/// # Errors
/// A number is missing, negative or none at all, an item is larger than a bin, or a line has fields too many.
pub fn parse(text: &str) -> Result<Instance, Malformed> {
    let mut lines =
        text.lines().enumerate().map(|(i, line)| (i + 1, line)).filter(|(_, l)| !l.trim().is_empty());
    let mut end = 1;
    let mut fields = |count: usize, what: &str| {
        let (line, text) =
            lines.next().ok_or_else(|| malformed(end, 1, format!("{what} expected, the file ends")))?;
        end = line + 1;
        numbers(line, text, count, what).map(|numbers| (line, numbers))
    };
    let one = |found: Vec<u64>| found.first().copied().unwrap_or_default();
    let (line, found) = fields(1, "the number of dimensions")?;
    let dimensions = at_most(line, one(found), DIMENSIONS_MAX, "dimensions")?;
    let (_, capacities) = fields(dimensions, "a capacity per dimension")?;
    let (line, found) = fields(1, "the number of item lines")?;
    let item_lines = at_most(line, one(found), ITEMS_MAX, "item lines")?;
    let mut items = Vec::new();
    for _ in 0..item_lines {
        let (line, mut sizes) = fields(dimensions + 1, "a size per dimension and a count")?;
        let count = sizes.pop().unwrap_or_default();
        if let Some(at) = (0..dimensions).find(|&at| sizes[at] > capacities[at]) {
            let problem = format!("size {} is above the capacity {}: fits no bin", sizes[at], capacities[at]);
            return Err(malformed(line, at + 1, problem));
        }
        if items.len() as u64 + count > ITEMS_MAX {
            return Err(malformed(line, dimensions + 1, format!("more than {ITEMS_MAX} items together")));
        }
        items.extend(std::iter::repeat_n(sizes, count as usize));
    }
    match lines.next() {
        Some((line, _)) => Err(malformed(line, 1, format!("the file promised {item_lines} item lines"))),
        None => Ok(Instance { capacities, items }),
    }
}

fn malformed(line: usize, field: usize, problem: String) -> Malformed {
    Malformed { line, field, problem }
}

fn at_most(line: usize, found: u64, most: u64, what: &str) -> Result<usize, Malformed> {
    if found > most {
        return Err(malformed(line, 1, format!("{found} {what}, at most {most} are read")));
    }
    Ok(found as usize)
}

fn numbers(line: usize, text: &str, count: usize, what: &str) -> Result<Vec<u64>, Malformed> {
    let numbers = text.split_whitespace().enumerate().map(|(at, field)| number(line, at + 1, field));
    let numbers = numbers.collect::<Result<Vec<u64>, Malformed>>()?;
    if numbers.len() != count {
        let problem = format!("{what} expected: {count} fields, found {}", numbers.len());
        return Err(malformed(line, numbers.len().min(count) + 1, problem));
    }
    Ok(numbers)
}

fn number(line: usize, at: usize, field: &str) -> Result<u64, Malformed> {
    let shown: String = field.chars().take(20).flat_map(char::escape_default).collect();
    let problem = match field.parse::<i128>() {
        Ok(found) if found < 0 => format!("{shown} is negative: sizes, capacities and counts are 0 or more"),
        Ok(found) if found > i128::from(NUMBER_MAX) => format!("{shown} is above {NUMBER_MAX}"),
        Ok(found) => return Ok(found as u64),
        Err(_) => format!("`{shown}` is not a whole number"),
    };
    Err(malformed(line, at, problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_written_out() {
        let instance = parse("2\n10 20\n2\n1 2 3\n10 20 1\n").unwrap();
        assert_eq!(instance.capacities, [10, 20]);
        assert_eq!(instance.items, [[1, 2], [1, 2], [1, 2], [10, 20]]);
        assert_eq!(parse("1\n5\n0\n").unwrap().items, Vec::<Vec<u64>>::new());
    }

    #[test]
    fn what_is_wrong_is_told_by_line_and_field() {
        let check = |text: &str, line: usize, field: usize, word: &str| {
            let error = parse(text).unwrap_err();
            assert_eq!((error.line, error.field), (line, field), "{error}");
            assert!(error.problem.contains(word), "{error}");
        };
        check("", 1, 1, "dimensions");
        check("2\n10", 2, 2, "2 fields, found 1");
        check("2\n10 10\n1\n4 -3 1", 4, 2, "negative");
        check("2\n10 10\n1\n4 x 1", 4, 2, "not a whole number");
        check("2\n10 10\n1\n4 11 1", 4, 2, "above the capacity");
        check("2\n10 10\n2\n4 1 1", 5, 1, "the file ends");
        check("2\n10 10\n1\n4 1 1\n1 1 1", 5, 1, "promised 1");
        check("2\n10 10\n1\n4 1 1 9", 4, 4, "3 fields, found 4");
        check("1\n1\n1\n1 99999999", 4, 2, "items");
        check("99999999", 1, 1, "at most");
        check("1\n99999999999999999999999999999999999999999", 2, 1, "not a whole");
    }
}
