//! Trial files: TOML in, a [`Trial`] out, or an error with file, line, field and the nearest name that would have
//! been right; and what an assessment of one has other than was expected.
// SPDX-License-Identifier: Apache-2.0

use crate::messages::Messages;
use crate::policy_file::{PolicyError, meant, read};
use cairn_assess::readiness;
use cairn_assess::trial::{Expected, Trial, TrialServer};
use cairn_schemas::assessment::{Assessment, ServerReadiness};
use cairn_schemas::fact::{FACTS, FactEntry, FactKind, FactValue, TAG_PREFIX, entry_of};
use cairn_schemas::finding::{Finding, Points};
use serde::Serialize;

/// Points by which a score may differ from what was expected: loads are kept in codes.
const POINTS_TOLERANCE: f64 = 0.05;
/// Weeks a trial may have: five years.
const WEEKS_MAX: u32 = 260;

/// What a server of a trial came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Checked {
    /// The server.
    pub server: String,
    /// Its category or why it is outside the count, and its score.
    pub found: String,
    /// Whether anything was expected of it.
    pub is_expected: bool,
    /// What is other than expected.
    pub faults: Vec<String>,
    /// What the rules say of it.
    pub said: Vec<Said>,
}

/// What a rule says of a server, in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Said {
    /// The message, for `says` and `says_not`.
    pub message: String,
    /// The verdict.
    pub verdict: String,
    /// Points given, of how many.
    pub points: Option<Points>,
    /// Where it was seen.
    pub evidence: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
    /// Who must confirm it.
    pub confirm: Option<&'static str>,
}

impl Said {
    fn of(finding: &Finding) -> Self {
        let words = Messages::english();
        Self {
            message: finding.message_id.clone(),
            verdict: words.finding(finding),
            points: finding.points,
            evidence: finding.evidence.clone(),
            remedy: words.remedy(finding),
            confirm: readiness::rule(&finding.id).map(|rule| rule.confirm.name()),
        }
    }
}

/// Reads a trial.
///
/// # Errors
/// Not TOML, a field, fact or message that does not exist, a value of the wrong kind, a server named twice.
pub fn parse(file: &str, text: &str) -> Result<Trial, PolicyError> {
    let trial: Trial = read(file, text)?;
    match fault(&trial) {
        None => Ok(trial),
        Some((word, fault)) => {
            let line = 1 + text.lines().position(|line| line.contains(&word)).unwrap_or(0);
            Err(PolicyError { file: file.to_owned(), line, text: fault })
        }
    }
}

/// The first thing wrong, and a word of the line it stands on.
fn fault(trial: &Trial) -> Option<(String, String)> {
    if !(1..=WEEKS_MAX).contains(&trial.weeks) {
        return Some(("weeks".into(), format!("`weeks` must lie between 1 and {WEEKS_MAX}")));
    }
    let shared = trial.facts.iter().find_map(|(name, value)| fact_fault(name, value));
    let own = || {
        trial.server.iter().enumerate().find_map(|(at, server)| {
            let twice = trial.server[..at].iter().any(|other| other.name == server.name);
            if twice {
                return Some((server.name.clone(), format!("server `{}` is named twice", server.name)));
            }
            server_fault(server)
        })
    };
    shared.or_else(own)
}

fn server_fault(server: &TrialServer) -> Option<(String, String)> {
    let facts = server.facts.iter().find_map(|(name, value)| fact_fault(name, value));
    let forgotten = || server.forget.iter().find_map(|name| name_fault(name));
    let load = || {
        let load = server.load.as_ref()?;
        let numbers = [load.cpu, load.memory, load.disk, load.network, load.busy_cpu];
        let wrong = numbers.iter().any(|n| !n.is_finite() || *n < 0.0);
        let late = load.busy_hours.iter().any(|hour| *hour >= 168);
        let what =
            if wrong { "a load is a number that is not negative" } else { "`busy_hours` are 0 to 167" };
        (wrong || late).then(|| (server.name.clone(), format!("server `{}`: {what}", server.name)))
    };
    let expected = || server.expect.as_ref().and_then(expected_fault);
    facts.or_else(forgotten).or_else(load).or_else(expected)
}

fn expected_fault(expected: &Expected) -> Option<(String, String)> {
    let words = Messages::english();
    let unknown = expected.says.iter().chain(&expected.says_not).find(|id| !words.knows(id))?;
    let ids: Vec<&str> = words.iter().map(|(id, _)| id).collect();
    Some((unknown.clone(), format!("there is no message `{unknown}`{}", meant(unknown, &ids))))
}

fn name_fault(name: &str) -> Option<(String, String)> {
    if entry_of(name).is_some() || name.starts_with(TAG_PREFIX) {
        return None;
    }
    let names: Vec<&str> = FACTS.iter().map(|entry| entry.name).collect();
    Some((name.to_owned(), format!("there is no fact `{name}`{}", meant(name, &names))))
}

fn fact_fault(name: &str, value: &FactValue) -> Option<(String, String)> {
    let Some(entry) = entry_of(name) else { return name_fault(name) };
    let wrong = wrong_kind(entry, value)?;
    Some((name.to_owned(), format!("fact `{name}`: {wrong}")))
}

fn wrong_kind(entry: &FactEntry, value: &FactValue) -> Option<String> {
    match (entry.kind, value) {
        (FactKind::Bool, FactValue::Bool(_)) | (FactKind::Text, FactValue::Text(_)) => None,
        (FactKind::Number(_), FactValue::Number(number)) => entry.parse(&number.to_string()).err(),
        (FactKind::Date, FactValue::Text(text)) => entry.parse(text).err(),
        (FactKind::Bool, _) => Some("is true or false".into()),
        (FactKind::Number(unit), _) => Some(format!("is a number of {unit}")),
        (FactKind::Text | FactKind::Date, _) => Some("is text, in quotes".into()),
    }
}

/// Holds an assessment of a trial against what it expects, server by server in the order of the file.
#[must_use]
pub fn check(trial: &Trial, assessment: &Assessment) -> Vec<Checked> {
    trial.server.iter().map(|server| check_server(server, assessment)).collect()
}

fn check_server(trial: &TrialServer, assessment: &Assessment) -> Checked {
    let judged = assessment.readiness.servers.iter().find(|server| server.server == trial.name);
    let excluded = assessment.estate.excluded.iter().find(|server| server.server == trial.name);
    let found = match (judged, excluded) {
        (_, Some(excluded)) => format!("excluded: {}", word(&excluded.reason)),
        (Some(judged), None) => match judged.score {
            Some(score) => format!("{} {score:.1}", word(&judged.category)),
            None => word(&judged.category),
        },
        (None, None) => "nothing".to_owned(),
    };
    let mut faults = Vec::new();
    if let Some(expected) = &trial.expect {
        if expected.excluded != excluded.map(|excluded| excluded.reason) {
            faults.push(match &expected.excluded {
                Some(reason) => format!("expected to be excluded: {}", word(reason)),
                None => "expected to be inside the count".to_owned(),
            });
        }
        if let Some(judged) = judged {
            faults.extend(differences(expected, judged));
        } else if expected.excluded.is_none() {
            faults.push("was not judged".to_owned());
        }
    }
    let said = judged.map(|judged| judged.findings.iter().map(Said::of).collect()).unwrap_or_default();
    Checked { server: trial.name.clone(), found, is_expected: trial.expect.is_some(), faults, said }
}

fn differences(expected: &Expected, judged: &ServerReadiness) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(category) = expected.category.filter(|category| *category != judged.category) {
        faults.push(format!("expected {}", word(&category)));
    }
    let mut points = |what: &str, expected: Option<f64>, found: Option<f64>| {
        if let Some(expected) = expected
            && found.is_none_or(|found| (found - expected).abs() > POINTS_TOLERANCE)
        {
            let found = found.map_or("none".to_owned(), |found| format!("{found:.2}"));
            faults.push(format!("{what} is {found}, expected {expected}"));
        }
    };
    points("the score", expected.score, judged.score);
    let (want, have) = (expected.parts, judged.parts);
    points("fit", want.map(|parts| parts.fit), have.map(|parts| parts.fit));
    points("steadiness", want.map(|parts| parts.steadiness), have.map(|parts| parts.steadiness));
    points("room", want.map(|parts| parts.room), have.map(|parts| parts.room));
    points("ease", want.map(|parts| parts.ease), have.map(|parts| parts.ease));
    points("ownership", want.map(|parts| parts.ownership), have.map(|parts| parts.ownership));
    let says = |id: &String| judged.findings.iter().any(|finding| finding.message_id == *id);
    faults.extend(expected.says.iter().filter(|id| !says(id)).map(|id| format!("does not say {id}")));
    faults.extend(expected.says_not.iter().filter(|id| says(id)).map(|id| format!("says {id}")));
    faults
}

/// A name as the JSON has it.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|json| json.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_assess::policy::Policy;

    const HEAD: &str = "weeks = 5\n[facts]\nowner = \"IT\"\n";

    fn checked(text: &str) -> Vec<Checked> {
        let trial = parse("t.toml", &format!("{HEAD}{text}")).unwrap();
        check(&trial, &cairn_assess::assess(&trial.estate(), &Policy::default(), trial.window().to))
    }

    #[test]
    fn what_is_expected_is_compared() {
        let good = checked(
            "[[server]]\nname = \"a\"\nexpect = { category = \"unknown\", says = [\"ownership.it\"] }\n",
        );
        assert_eq!((good[0].found.as_str(), good[0].faults.len()), ("unknown", 0));
        let bad = checked(
            "[[server]]\nname = \"a\"\nexpect = { category = \"ready\", score = 70, says_not = [\"ownership.it\"] }\n",
        );
        assert_eq!(bad[0].faults, ["expected ready", "the score is none, expected 70", "says ownership.it"]);
        let out = "[[server]]\nname = \"a\"\nfacts = { virtualization = \"kvm\" }\n";
        let virtual_ = checked(&format!("{out}expect = {{ excluded = \"already_virtual\" }}\n"));
        assert_eq!((virtual_[0].found.as_str(), virtual_[0].faults.len()), ("excluded: already_virtual", 0));
        assert_eq!(checked(&format!("{out}expect = {{ category = \"ready\" }}\n"))[0].faults.len(), 2);
    }

    #[test]
    fn faults_name_line_and_the_nearest_name() {
        let check = |text: &str, line: usize, expected: &str| {
            let error = parse("t.toml", text).unwrap_err();
            assert_eq!(error.line, line, "{error}");
            assert!(error.text.contains(expected), "{error}");
        };
        check("weeks = 0\n", 1, "between 1 and 260");
        check("weeks = 5\n[facts]\nownr = \"IT\"\n", 3, "was `owner` meant?");
        check("weeks = 5\n[facts]\ncpu_cores = \"8\"\n", 3, "is a number of cores");
        check("weeks = 5\n[[server]]\nname = \"a\"\nforget = [\"ownr\"]\n", 4, "was `owner` meant?");
        check("weeks = 5\n[[server]]\nname = \"a\"\n[[server]]\nname = \"a\"\n", 3, "named twice");
        check("weeks = 5\n[[server]]\nname = \"a\"\nexpekt = {}\n", 4, "was `expect` meant?");
        check(
            "weeks = 5\n[[server]]\nname = \"a\"\nexpect = { says = [\"fit.cpuu\"] }\n",
            4,
            "was `fit.cpu` meant?",
        );
    }
}
