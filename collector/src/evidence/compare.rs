//! Where two assessments differ: each place by its path, with what stands there in both.
// SPDX-License-Identifier: Apache-2.0

use serde_json::Value;

/// Most places named; they are found in order, and the first ones say most.
const DIFFERENCES_MAX: usize = 20;
/// Most characters of a value shown.
const SHOWN_CHARS: usize = 60;

/// One place at which they differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its path, `consolidation.hosts` say.
    pub path: String,
    /// What the evidence says; hostile.
    pub evidence: String,
    /// What was computed.
    pub computed: String,
}

/// The first places at which two values differ. Never empty: where both read the same, their bytes do not.
#[must_use]
pub fn differences(evidence: &Value, computed: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    walk(Some(evidence), Some(computed), String::new(), &mut found);
    if found.is_empty() {
        let written = |how: &str| format!("written {how}");
        found.push(Difference {
            path: "the bytes".into(),
            evidence: written("otherwise"),
            computed: written("as this program writes it"),
        });
    }
    found
}

fn walk(evidence: Option<&Value>, computed: Option<&Value>, path: String, found: &mut Vec<Difference>) {
    if evidence == computed || found.len() == DIFFERENCES_MAX {
        return;
    }
    match (evidence, computed) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let only_b = b.keys().filter(|name| !a.contains_key(*name));
            for name in a.keys().chain(only_b) {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                walk(a.get(name), b.get(name), below, found);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            for index in 0..a.len().max(b.len()) {
                walk(a.get(index), b.get(index), format!("{path}[{index}]"), found);
            }
        }
        _ => found.push(Difference { path, evidence: shown(evidence), computed: shown(computed) }),
    }
}

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".into() };
    let text = match value {
        Value::Object(fields) => format!("an object of {} fields", fields.len()),
        Value::Array(items) => format!("a list of {}", items.len()),
        other => other.to_string(),
    };
    text.chars().take(SHOWN_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn places_are_named() {
        let check = |a: Value, b: Value, expected: &[(&str, &str, &str)]| {
            let found = differences(&a, &b);
            let found: Vec<_> =
                found.iter().map(|d| (d.path.as_str(), d.evidence.as_str(), d.computed.as_str())).collect();
            assert_eq!(found, expected);
        };
        check(
            json!({"a": {"b": [1, 2]}}),
            json!({"a": {"b": [1, 3, 4]}}),
            &[("a.b[1]", "2", "3"), ("a.b[2]", "nothing", "4")],
        );
        check(
            json!({"a": 1}),
            json!({"a": {"b": 1}, "c": null}),
            &[("a", "1", "an object of 1 fields"), ("c", "nothing", "null")],
        );
        check(json!(1), json!(1), &[("the bytes", "written otherwise", "written as this program writes it")]);
    }
}
