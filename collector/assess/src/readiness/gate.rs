//! The three answers of a gate that rests on one fact: clear, proven, not known.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Subject};
use cairn_schemas::fact::FactValue;
use cairn_schemas::finding::{Finding, Severity};

/// Judges a gate by a fact: `clear` says whether its value opens the gate.
pub(super) fn by_fact(
    subject: &Subject<'_>,
    id: &str,
    fact: &str,
    clear: impl Fn(&FactValue) -> bool,
) -> Judgement {
    let known = subject.server.fact(fact).filter(|f| f.value.as_text() != Some(""));
    let Some(known) = known else {
        return Judgement::Open(Finding::new(id, "unknown", Severity::Gate).arg("fact", fact).remedy());
    };
    if clear(&known.value) {
        return Judgement::Clear;
    }
    let shown = match &known.value {
        FactValue::Text(text) => text.clone(),
        FactValue::Number(number) => number.to_string(),
        FactValue::Bool(flag) => flag.to_string(),
    };
    let finding = Finding::new(id, "proven", Severity::Gate).arg("value", shown).remedy();
    Judgement::Blocked(finding.evidence(format!("{fact}: {}", known.source)))
}

/// Whether a text fact is a given word, case aside.
pub(super) fn is(value: &FactValue, word: &str) -> bool {
    value.as_text().is_some_and(|text| text.trim().eq_ignore_ascii_case(word))
}
