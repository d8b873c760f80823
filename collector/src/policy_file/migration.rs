//! What a policy may say of waves and of the move: ties there are, weights above nothing, ranges in order, freezes that
//! end after they begin.
// SPDX-License-Identifier: Apache-2.0

use super::check::{Bound, Fault, LARGE, bound};
use super::meant;
use cairn_assess::policy::{MigrationPolicy, Policy, WavesPolicy};
use cairn_schemas::fact::{FACTS, FactKind, TAG_PREFIX};

/// The first tie that is no fact of text, or weights that weigh nothing.
pub(super) fn waves(policy: &Policy) -> Option<Fault> {
    let waves = &policy.waves;
    let texts: Vec<&str> =
        FACTS.iter().filter(|fact| matches!(fact.kind, FactKind::Text)).map(|fact| fact.name).collect();
    let foreign = |tie: &&String| !tie.starts_with(TAG_PREFIX) && !texts.contains(&tie.as_str());
    if let Some(tie) = waves.ties.iter().find(foreign) {
        let text = format!(
            "`waves.ties` knows no text fact `{tie}`{} (or a tag, `{TAG_PREFIX}<column>`)",
            meant(tie, &texts)
        );
        return Some(("waves.ties".to_owned(), text));
    }
    let sum = waves.readiness_weight + waves.ownership_weight + waves.safety_weight;
    (sum <= 0.0).then(|| {
        ("waves.readiness_weight".to_owned(), "one of the weights of `waves` must be above 0".to_owned())
    })
}

/// The first constant out of order or out of bounds, or freeze that ends before it begins.
pub(super) fn fault(policy: &Policy) -> Option<Fault> {
    let migration = &policy.migration;
    let most = |field: &str| if field.ends_with("utilisation") { 1.0 } else { LARGE };
    for (field, constant) in migration.constants() {
        let value = constant.value;
        // A speed of nothing would never end.
        let least = if field.ends_with("utilisation") || field.contains("bytes") { 1e-6 } else { 0.0 };
        let ordered = value.low <= value.base && value.base <= value.high;
        if !(ordered && value.low >= least && value.high <= most(field)) {
            let most = most(field);
            let text = format!("`{field}` must be low <= base <= high, none below {least} or above {most}");
            return Some((field.to_owned(), text));
        }
    }
    let freeze = migration.freezes.iter().find(|freeze| freeze.to <= freeze.from)?;
    let text =
        format!("the freeze `{}` ends at {}, before it begins at {}", freeze.name, freeze.to, freeze.from);
    Some(("freezes".to_owned(), text))
}

pub(super) fn bounds(waves: &WavesPolicy, migration: &MigrationPolicy) -> Vec<Bound> {
    vec![
        bound("waves.servers_max", waves.servers_max as f64, 1.0, LARGE),
        bound("waves.readiness_weight", waves.readiness_weight, 0.0, LARGE),
        bound("waves.ownership_weight", waves.ownership_weight, 0.0, LARGE),
        bound("waves.safety_weight", waves.safety_weight, 0.0, LARGE),
        bound("migration.link_bytes_per_s", migration.link_bytes_per_s.unwrap_or(1.0), 1.0, LARGE),
        bound("migration.way_back_days", migration.way_back_days, 0.0, LARGE),
        bound("migration.retired_image_days", migration.retired_image_days, 0.0, LARGE),
    ]
}

#[cfg(test)]
mod tests {
    use crate::policy_file::parse;

    fn check(text: &str, expected: &str) {
        let error = parse("p.toml", text).unwrap_err();
        assert!(error.text.contains(expected), "{error}");
    }

    #[test]
    fn faults_are_named() {
        check(
            "[waves]\nties = [\"aplication\"]\n",
            "knows no text fact `aplication`; was `application` meant?",
        );
        check("[waves]\nties = [\"cpu_cores\"]\n", "knows no text fact `cpu_cores`");
        check("[waves]\nservers_max = 0\n", "`waves.servers_max` is 0");
        check(
            "[waves]\nreadiness_weight = 0\nownership_weight = 0\nsafety_weight = 0\n",
            "one of the weights of `waves` must be above 0",
        );
        let utilisation = |value: &str| {
            format!(
                "[migration.link_utilisation]\nvalue = {value}\nunit = \"1\"\nsource = \"us\"\ndate = \"2026\"\n"
            )
        };
        check(&utilisation("{ low = 0.5, base = 0.4, high = 0.9 }"), "must be low <= base <= high");
        check(&utilisation("{ low = 0.0, base = 0.4, high = 0.9 }"), "none below 0.000001");
        check(&utilisation("{ low = 0.1, base = 0.4, high = 1.9 }"), "or above 1");
        let freeze = "[[migration.freezes]]\nname = \"year-end\"\nfrom = \"2026-12-15T00:00:00Z\"\n";
        check(&format!("{freeze}to = \"2026-12-01T00:00:00Z\"\n"), "the freeze `year-end` ends at");
        check(&format!("{freeze}to = \"soon\"\n"), "not an RFC 3339 time");
    }

    #[test]
    fn ties_may_be_tags_and_freezes_are_read() {
        let text = "[waves]\nties = [\"cluster\", \"tag.rack\"]\n[[migration.freezes]]\nname = \"year-end\"\n\
                    from = \"2026-12-15T00:00:00Z\"\nto = \"2027-01-07T00:00:00Z\"\n";
        let policy = parse("p.toml", text).unwrap();
        assert_eq!((policy.waves.ties.len(), policy.migration.freezes.len()), (2, 1));
    }
}
