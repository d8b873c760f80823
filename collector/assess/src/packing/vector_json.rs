//! Vector bin packing as JSON: `{"capacity": [..], "items": [[..], ..]}`, whole numbers, one a dimension.
// SPDX-License-Identifier: Apache-2.0

use super::vbp::{DIMENSIONS_MAX, ITEMS_MAX, Instance, NUMBER_MAX};
use serde::Deserialize;

/// Why a text is no instance.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// No JSON of that shape; names line and column.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// A number that cannot be; items and dimensions are counted from 0, as in the answer.
    #[error("{field}: {problem}")]
    Field {
        /// Where: `items[3][1]` say.
        field: String,
        /// What is wrong, and what is expected.
        problem: String,
    },
}

#[derive(Deserialize)]
struct Written {
    capacity: Vec<i64>,
    items: Vec<Vec<i64>>,
}

/// Reads an instance.
///
/// # Errors
/// It is no such JSON, a number is negative or too large, an item has sizes too few or too many, or is larger than a bin.
pub fn parse(text: &str) -> Result<Instance, Malformed> {
    let Written { capacity, items } = serde_json::from_str(text)?;
    let whole = |field: &dyn Fn() -> String, number: i64| match u64::try_from(number) {
        Ok(number) if number <= NUMBER_MAX => Ok(number),
        Ok(_) => Err(wrong(field(), format!("{number} is above {NUMBER_MAX}"))),
        Err(_) => Err(wrong(field(), format!("{number} is negative: sizes and capacities are 0 or more"))),
    };
    if capacity.len() as u64 > DIMENSIONS_MAX {
        return Err(wrong("capacity".into(), format!("more than {DIMENSIONS_MAX} dimensions")));
    }
    if items.len() as u64 > ITEMS_MAX {
        return Err(wrong("items".into(), format!("more than {ITEMS_MAX} items")));
    }
    let capacities = capacity.iter().enumerate().map(|(at, &one)| whole(&|| format!("capacity[{at}]"), one));
    let capacities: Vec<u64> = capacities.collect::<Result<_, _>>()?;
    let item = |(number, sizes): (usize, Vec<i64>)| {
        if sizes.len() != capacities.len() {
            let problem = format!("{} sizes expected, found {}", capacities.len(), sizes.len());
            return Err(wrong(format!("items[{number}]"), problem));
        }
        let size = |(at, &size): (usize, &i64)| {
            let field = || format!("items[{number}][{at}]");
            let (size, most) = (whole(&field, size)?, capacities[at]);
            let fits = || wrong(field(), format!("size {size} is above the capacity {most}: fits no bin"));
            (size <= most).then_some(size).ok_or_else(fits)
        };
        sizes.iter().enumerate().map(size).collect::<Result<Vec<u64>, _>>()
    };
    let items = items.into_iter().enumerate().map(item).collect::<Result<_, _>>()?;
    Ok(Instance { capacities, items })
}

fn wrong(field: String, problem: String) -> Malformed {
    Malformed::Field { field, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_read() {
        let instance = parse(r#"{"capacity": [10, 20], "items": [[1, 2], [10, 20]]}"#).unwrap();
        assert_eq!((instance.capacities, instance.items), (vec![10, 20], vec![vec![1, 2], vec![10, 20]]));
        assert_eq!(parse(r#"{"capacity": [], "items": []}"#).unwrap().items, Vec::<Vec<u64>>::new());
    }

    #[test]
    fn what_is_wrong_is_told_by_its_place() {
        let check = |text: &str, parts: &[&str]| {
            let said = parse(text).unwrap_err().to_string();
            assert!(parts.iter().all(|part| said.contains(part)), "{said}");
        };
        check("{", &["line 1 column 1"]);
        check(r#"{"capacity": [10]}"#, &["missing field `items`"]);
        check(r#"{"capacity": [0.5], "items": []}"#, &["0.5", "line 1 column 17"]);
        check(r#"{"capacity": [-1], "items": []}"#, &["capacity[0]", "negative"]);
        check(r#"{"capacity": [9], "items": [[1], [-3]]}"#, &["items[1][0]", "negative"]);
        check(r#"{"capacity": [9, 9], "items": [[1]]}"#, &["items[0]", "2 sizes expected, found 1"]);
        check(r#"{"capacity": [9], "items": [[10]]}"#, &["items[0][0]", "above the capacity 9"]);
        check(r#"{"capacity": [99999999999999], "items": []}"#, &["capacity[0]", "above"]);
    }
}
