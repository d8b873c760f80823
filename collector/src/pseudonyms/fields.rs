//! Which texts of an assessment are names, and of what. A field that is in neither list is taken for a name: what is
//! added to the assessment and forgotten here is hidden, and a test asks for it to be listed.
// SPDX-License-Identifier: Apache-2.0

use serde_json::Value;

/// Fields that hold names, with the kind of name.
const NAMES: &[(&str, &str)] = &[
    ("apart", "place"),
    ("application", "text"),
    ("baseline_source", "text"),
    ("beyond", "server"),
    ("by", "person"),
    ("cluster", "cluster"),
    ("confirmed_by", "person"),
    ("engagement", "engagement"),
    ("evidence", "text"),
    ("first_wave", "server"),
    ("frozen_by", "person"),
    ("grown", "server"),
    ("host", "host"),
    ("joins", "place"),
    ("left_behind", "server"),
    ("licence_pool", "place"),
    ("origin", "text"),
    ("other", "server"),
    ("outcome", "text"),
    ("owner", "person"),
    ("reappeared", "server"),
    ("seen_as", "server"),
    ("server", "server"),
    ("servers", "server"),
    ("site", "place"),
    ("ticket", "text"),
    ("uncovered", "server"),
    ("unknown", "server"),
    ("words", "text"),
    ("zone", "place"),
];

/// Names only below the field given first: the same word means something else elsewhere.
const NAMES_BELOW: &[(&str, &str, &str)] = &[
    ("clusters", "name", "cluster"),
    ("decisions", "source", "text"),
    ("outcome", "source", "text"),
    ("realised", "source", "text"),
    ("says", "source", "text"),
    ("says", "value", "text"),
    ("statements", "source", "text"),
    ("statements", "value", "text"),
    ("ties", "value", "text"),
];

/// Fields that hold the product's own words, numbers written as text, dates and hashes.
const PLAIN: &[&str] = &[
    "after",
    "arrangement",
    "assumption",
    "at",
    "baseline_on",
    "basis",
    "before",
    "business_triggers",
    "bytes_source",
    "category",
    "category_after",
    "category_before",
    "cause",
    "cells",
    "class",
    "condition",
    "confidence",
    "constraint",
    "country",
    "cpu_grade",
    "cpu_model",
    "created",
    "currency",
    "date",
    "due",
    "effect",
    "expires",
    "fact",
    "figure",
    "fit",
    "formula",
    "from",
    "frozen_on",
    "grade",
    "host_grade",
    "id",
    "input",
    "inputs_sha256",
    "keep",
    "kind",
    "last_steps",
    "level",
    "memory_basis",
    "message_id",
    "method",
    "method_version",
    "metric",
    "missing",
    "missing_s",
    "moment",
    "name",
    "next",
    "objective",
    "observed_at",
    "obstacles",
    "on",
    "os",
    "partition_bound_basis",
    "path",
    "phase_id",
    "product",
    "published_source",
    "reason",
    "remedy",
    "reported_on",
    "resource",
    "role",
    "rule",
    "rules_sha256",
    "scale",
    "scenario",
    "schema",
    "severity",
    "sha256",
    "since",
    "size",
    "source",
    "sponsors",
    "state",
    "step",
    "template",
    "tier",
    "ties",
    "to",
    "tool_version",
    "unit",
    "value",
    "value_unit",
    "verdict",
    "version",
    "week",
];

/// Arguments of findings that name nobody; every other text among them is taken for a name.
const PLAIN_ARGS: &[&str] = &[
    "fact",
    "template",
    "end",
    "os",
    "role",
    "resource",
    "unit",
    "currency",
    "category",
    "confidence",
    "rule",
    "kind",
    "method",
    "path",
    "version",
    "policy",
    "from",
    "to",
    "edition",
    "product",
    "arrangement",
    "state",
    "constraint",
    "cause",
    "since",
    "off",
    "on",
    "moved",
    "moment",
];
/// Arguments of findings that hold names of a kind.
const NAME_ARGS: &[(&str, &str)] = &[
    ("owner", "person"),
    ("by", "person"),
    ("server", "server"),
    ("partner", "server"),
    ("copy", "server"),
    ("host", "host"),
    ("cluster", "cluster"),
    ("site", "place"),
    ("zone", "place"),
];

/// Hands every name with its kind to `replace` and puts what it gives in its place.
pub(super) fn each_name(value: &mut Value, replace: &mut impl FnMut(&str, &str) -> String) {
    walk(value, "", "", replace);
}

fn walk(value: &mut Value, above: &str, field: &str, replace: &mut impl FnMut(&str, &str) -> String) {
    match value {
        Value::String(text) => {
            if let Some(kind) = kind(above, field) {
                *text = replace(kind, text);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, above, field, replace)),
        Value::Object(fields) if field == "args" => {
            for (name, arg) in fields {
                if let (Value::String(text), Some(kind)) = (&mut *arg, arg_kind(name)) {
                    *text = replace(kind, text);
                }
            }
        }
        Value::Object(fields) => {
            for (name, inner) in fields {
                walk(inner, field, name, replace);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn kind(above: &str, field: &str) -> Option<&'static str> {
    let below = NAMES_BELOW.iter().find(|(parent, name, _)| (*parent, *name) == (above, field));
    if let Some((_, _, kind)) = below {
        return Some(kind);
    }
    match NAMES.iter().find(|(name, _)| *name == field) {
        Some((_, kind)) => Some(kind),
        None if PLAIN.contains(&field) => None,
        None => Some("text"),
    }
}

fn arg_kind(name: &str) -> Option<&'static str> {
    match NAME_ARGS.iter().find(|(known, _)| *known == name) {
        Some((_, kind)) => Some(kind),
        None if PLAIN_ARGS.contains(&name) => None,
        None => Some("text"),
    }
}

#[cfg(test)]
pub(super) fn is_listed(field: &str) -> bool {
    PLAIN.contains(&field)
        || NAMES.iter().any(|(name, _)| *name == field)
        || NAMES_BELOW.iter().any(|(_, name, _)| *name == field)
}
