//! The message files built into the program, by language.
// SPDX-License-Identifier: Apache-2.0

use super::Messages;

/// Message files: name and content.
pub(super) type Files = &'static [(&'static str, &'static str)];

/// Every English message file; a test holds this list to the directory.
pub(super) const ENGLISH: Files = &[
    ("format", include_str!("../../messages/en/format.toml")),
    ("coverage", include_str!("../../messages/en/coverage.toml")),
    ("readiness", include_str!("../../messages/en/readiness.toml")),
    ("plan", include_str!("../../messages/en/plan.toml")),
    ("decisions", include_str!("../../messages/en/decisions.toml")),
    ("sheet", include_str!("../../messages/en/sheet.toml")),
    ("value", include_str!("../../messages/en/value.toml")),
    ("service", include_str!("../../messages/en/service.toml")),
    ("journey", include_str!("../../messages/en/journey.toml")),
    ("migration", include_str!("../../messages/en/migration.toml")),
    ("checklist", include_str!("../../messages/en/checklist.toml")),
    ("realised", include_str!("../../messages/en/realised.toml")),
    ("report", include_str!("../../messages/en/report.toml")),
    ("customer", include_str!("../../messages/en/customer.toml")),
    ("pages", include_str!("../../messages/en/pages.toml")),
];

/// Every German one: the same files, ids and placeholders, as a test sees to.
pub(super) const GERMAN: Files = &[
    ("format", include_str!("../../messages/de/format.toml")),
    ("coverage", include_str!("../../messages/de/coverage.toml")),
    ("readiness", include_str!("../../messages/de/readiness.toml")),
    ("plan", include_str!("../../messages/de/plan.toml")),
    ("decisions", include_str!("../../messages/de/decisions.toml")),
    ("sheet", include_str!("../../messages/de/sheet.toml")),
    ("value", include_str!("../../messages/de/value.toml")),
    ("service", include_str!("../../messages/de/service.toml")),
    ("journey", include_str!("../../messages/de/journey.toml")),
    ("migration", include_str!("../../messages/de/migration.toml")),
    ("checklist", include_str!("../../messages/de/checklist.toml")),
    ("realised", include_str!("../../messages/de/realised.toml")),
    ("report", include_str!("../../messages/de/report.toml")),
    ("customer", include_str!("../../messages/de/customer.toml")),
    ("pages", include_str!("../../messages/de/pages.toml")),
];

/// The sentences of a language; a broken file is a bug the tests of `messages` catch.
pub(super) fn load(files: Files) -> Messages {
    Messages::parse(files).unwrap_or_else(|error| panic!("built-in {error}"))
}
