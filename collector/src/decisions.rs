//! Decisions on their way into the register: read from words of a command line or rows of a file, checked against the
//! servers and rules there are. A file is taken whole or not at all.
// SPDX-License-Identifier: Apache-2.0

use crate::import::{ImportError, Problem};
use crate::nearest::meant;
use crate::said_rows;
use cairn_assess::readiness::RULES;
use cairn_schemas::decision::{Decision, DecisionKind};
use cairn_schemas::time::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;

/// Columns of a file of decisions.
pub const COLUMNS: [&str; 9] =
    ["server", "kind", "rule", "by", "on", "expires", "ticket", "words", "despite_proof"];
/// Longest words kept.
const WORDS_BYTES_MAX: usize = 2_000;

/// A decision in words, by column; what is blank is not said.
pub type Words<'a> = BTreeMap<&'static str, &'a str>;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {text}")]
pub struct Wrong {
    /// The field.
    pub field: &'static str,
    /// What is wrong and what would be right.
    pub text: String,
}

/// Reads a decision. `source` says how it came in.
///
/// # Errors
/// No such server, rule or kind; nobody decided; a date is none, or lies ahead; what is left is not said why.
pub fn read(words: &Words<'_>, servers: &[String], source: &str, now: Timestamp) -> Result<Decision, Wrong> {
    let said = |field: &'static str| words.get(field).map_or("", |text| text.trim());
    let needed = |field: &'static str, why: &str| match said(field) {
        "" => Err(Wrong { field, text: why.to_owned() }),
        text if text.len() > WORDS_BYTES_MAX => {
            Err(Wrong { field, text: format!("is longer than {WORDS_BYTES_MAX} bytes") })
        }
        text => Ok(text.to_owned()),
    };
    let kind = kind_of(said("kind"))?;
    let (rule, despite_proof) = (rule_of(said("rule"), kind)?, yes_or_no(said("despite_proof"))?);
    if despite_proof && kind != DecisionKind::Exception {
        let text = "only an exception can be made despite proof".to_owned();
        return Err(Wrong { field: "despite_proof", text });
    }
    let on = date_of("on", said("on"))?.unwrap_or(now);
    if on > now {
        return Err(Wrong {
            field: "on",
            text: format!("{:?} lies ahead: nobody has decided it yet", said("on")),
        });
    }
    let expires = date_of("expires", said("expires"))?;
    if expires.is_some_and(|expires| expires <= on) {
        let text = format!("{:?} is not after the day it was decided on", said("expires"));
        return Err(Wrong { field: "expires", text });
    }
    Ok(Decision {
        id: 0,
        kind,
        server: server_of(said("server"), servers)?,
        rule,
        by: needed("by", "is empty; every decision names the person who made it")?,
        on,
        expires,
        ticket: Some(said("ticket")).filter(|ticket| !ticket.is_empty()).map(str::to_owned),
        words: needed("words", "is empty; a decision says why")?,
        source: source.to_owned(),
        despite_proof,
    })
}

fn kind_of(word: &str) -> Result<DecisionKind, Wrong> {
    let names = DecisionKind::ALL.map(DecisionKind::name);
    DecisionKind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(word)).ok_or_else(|| Wrong {
        field: "kind",
        text: format!("{word:?} is none of {}{}", names.join(", "), meant(word, names)),
    })
}

/// A server known in the store.
///
/// # Errors
/// There is none of the name; the nearest is named.
pub fn server_of(name: &str, servers: &[String]) -> Result<String, Wrong> {
    if servers.iter().any(|server| server == name) {
        return Ok(name.to_owned());
    }
    let near = meant(name, servers.iter().map(String::as_str));
    Err(Wrong { field: "server", text: format!("there is no server {name:?}{near}") })
}

fn rule_of(word: &str, kind: DecisionKind) -> Result<Option<String>, Wrong> {
    let wrong = |text| Err(Wrong { field: "rule", text });
    if word.is_empty() {
        return match kind {
            DecisionKind::Veto => Ok(None),
            _ => wrong(format!("is empty; every {} names the rule it is about", kind.name())),
        };
    }
    if RULES.iter().any(|rule| rule.id == word) {
        return Ok(Some(word.to_owned()));
    }
    wrong(format!("there is no rule {word:?}{}", meant(word, RULES.iter().map(|rule| rule.id))))
}

fn date_of(field: &'static str, text: &str) -> Result<Option<Timestamp>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    Timestamp::parse_rfc3339(&whole).map(Some).map_err(|_| Wrong {
        field,
        text: format!("{text:?} is no time; write 2026-11-25 or 2026-11-25T15:00:00Z"),
    })
}

fn yes_or_no(text: &str) -> Result<bool, Wrong> {
    match text.to_ascii_lowercase().as_str() {
        "" | "no" | "false" | "0" => Ok(false),
        "yes" | "true" | "1" => Ok(true),
        _ => Err(Wrong { field: "despite_proof", text: format!("{text:?} is neither yes nor no") }),
    }
}

/// Reads a file of decisions: CSV with some of [`COLUMNS`]. All of them, or everything that is wrong.
///
/// # Errors
/// The file cannot be read from the disk.
pub fn read_file(
    path: &Path,
    servers: &[String],
    now: Timestamp,
) -> Result<Result<Vec<Decision>, Vec<Problem>>, ImportError> {
    let mut decisions = Vec::new();
    let read = said_rows::read(
        path,
        |_| ((), COLUMNS.as_slice()),
        |(), words, source| {
            decisions.push(read(words, servers, source, now)?);
            Ok(())
        },
    )?;
    Ok(read.map(|()| decisions))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000);

    fn decided(pairs: &[(&'static str, &'static str)]) -> Result<Decision, Wrong> {
        let mut words =
            Words::from([("server", "web1"), ("kind", "veto"), ("by", "Ada"), ("words", "it is the till")]);
        words.extend(pairs.iter().copied());
        read(&words, &["web1".to_owned(), "web2".to_owned()], "cairn decide", NOW)
    }

    #[test]
    fn a_decision_is_read() {
        let decision = decided(&[("expires", "2099-01-01"), ("ticket", "CHG-1")]).unwrap();
        assert_eq!((decision.kind, decision.on, decision.rule), (DecisionKind::Veto, NOW, None));
        let decision =
            decided(&[("kind", "Exception"), ("rule", "appliance"), ("despite_proof", "yes")]).unwrap();
        assert!(decision.despite_proof && decision.rule.as_deref() == Some("appliance"));
    }

    #[test]
    fn what_is_wrong_is_named_with_what_was_meant() {
        let check = |pairs: &[(&'static str, &'static str)], expected: &str| {
            assert_eq!(decided(pairs).unwrap_err().to_string(), expected);
        };
        check(&[("server", "wbe1")], "server: there is no server \"wbe1\"; was \"web1\" meant?");
        check(
            &[("kind", "vet")],
            "kind: \"vet\" is none of confirmation, exception, veto; was \"veto\" meant?",
        );
        check(
            &[("kind", "exception"), ("rule", "aplliance")],
            "rule: there is no rule \"aplliance\"; was \"appliance\" meant?",
        );
        check(&[("kind", "exception")], "rule: is empty; every exception names the rule it is about");
        check(&[("by", " ")], "by: is empty; every decision names the person who made it");
        check(&[("words", "")], "words: is empty; a decision says why");
        check(&[("on", "2099-01-01")], "on: \"2099-01-01\" lies ahead: nobody has decided it yet");
        check(
            &[("expires", "25.11.2026")],
            "expires: \"25.11.2026\" is no time; write 2026-11-25 or 2026-11-25T15:00:00Z",
        );
        check(
            &[("on", "2026-01-01"), ("expires", "2026-01-01")],
            "expires: \"2026-01-01\" is not after the day it was decided on",
        );
        check(&[("despite_proof", "yes")], "despite_proof: only an exception can be made despite proof");
    }

    #[test]
    fn a_file_is_taken_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("decisions.csv");
        let servers = ["web1".to_owned()];
        let said = |text: &str| {
            std::fs::write(&path, text).unwrap();
            read_file(&path, &servers, NOW).unwrap().map_err(|wrong| {
                wrong.iter().map(|p| p.to_string().rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>()
            })
        };
        let good = "server,kind,rule,by,words\nweb1,veto,,Ada,no\nweb1,exception,fit,Ada,\"a, b\"\n";
        let decisions = said(good).unwrap();
        assert_eq!((decisions.len(), decisions[1].words.as_str()), (2, "a, b"));
        assert_eq!(decisions[1].source, "file decisions.csv:3");
        let wrong =
            said("server,kind,by,words\nweb1,veto,Ada,no\nweb9,veto,Ada,no\nweb1,veto,Ada\n").unwrap_err();
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert_eq!(wrong[0], "decisions.csv:3:server: there is no server \"web9\"; was \"web1\" meant?");
        assert!(wrong[1].starts_with("decisions.csv:4:words: the row is cut short"), "{wrong:?}");
        let wrong = said("server,kind,word\n").unwrap_err();
        assert_eq!(wrong, ["decisions.csv:1:word: there is no such column; was \"words\" meant?"]);
    }
}
