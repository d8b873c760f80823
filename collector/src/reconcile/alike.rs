//! Whether two origins say the same of a fact: spelling, and what firmware keeps of memory, are no difference.
// SPDX-License-Identifier: Apache-2.0

use crate::number;
use cairn_schemas::fact::{Fact, FactValue};
use std::collections::BTreeSet;

/// Share by which numbers may differ (*ours*: rounding of units).
const NUMBER_RATIO: f64 = 0.001;
/// The same of sizes: what firmware and kernel keep of memory, GB for GiB (*ours*).
const BYTES_RATIO: f64 = 0.10;

/// Whether two values of a fact are as good as the same.
pub(super) fn alike(name: &str, a: &FactValue, b: &FactValue) -> bool {
    match (a, b) {
        (FactValue::Number(a), FactValue::Number(b)) => {
            let ratio = if name.ends_with("bytes") { BYTES_RATIO } else { NUMBER_RATIO };
            (a - b).abs() <= ratio * a.abs().max(b.abs())
        }
        (FactValue::Text(a), FactValue::Text(b)) => {
            let (a, b) = (words(a), words(b));
            // "debian 12" and "Debian GNU/Linux 12 (bookworm)" say the same, one of them more.
            a == b || (name == "os" && (a.is_subset(&b) || b.is_subset(&a)))
        }
        (a, b) => a == b,
    }
}

/// Words of letters and digits, in lower case.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '.')
        .map(|word| word.trim_matches('.').to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

/// A value for people.
pub(super) fn shown(fact: &Fact) -> String {
    match &fact.value {
        FactValue::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        FactValue::Number(bytes) if fact.unit == "bytes" => number::bytes(*bytes),
        FactValue::Number(number) => {
            format!("{} {}", number::plain(*number), fact.unit).trim_end().to_owned()
        }
        FactValue::Text(text) => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_and_rounding_are_no_difference() {
        let text = |name: &str, a: &str, b: &str, expected: bool| {
            let value = |text: &str| FactValue::Text(text.into());
            assert_eq!(alike(name, &value(a), &value(b)), expected, "{a} {b}");
        };
        text("os", "debian 12", "Debian GNU/Linux 12 (bookworm)", true);
        text("os", "Debian 11", "Debian GNU/Linux 12", false);
        text("owner", "Finance", "finance ", true);
        text("owner", "Finance", "Finance EMEA", false);
        let number = |name: &str, a: f64, b: f64, expected: bool| {
            assert_eq!(alike(name, &FactValue::Number(a), &FactValue::Number(b)), expected, "{a} {b}");
        };
        number("memory_bytes", 64e9, 62.5e9, true);
        number("memory_bytes", 64e9, 32e9, false);
        number("cpu_cores", 8.0, 10.0, false);
        number("cpu_cores", 8.0, 8.0, true);
    }
}
