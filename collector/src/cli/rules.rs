//! `cairn rules`: which rules judge a server, why each exists and who says so, and whether a policy makes of a
//! trial estate what somebody expects of it.
// SPDX-License-Identifier: Apache-2.0

use super::assess::policy_of;
use super::{Exit, NotFound};
use crate::messages::Messages;
use crate::number::terminal_safe;
use crate::policy_file::meant;
use crate::trial_file::{self, Checked};
use anyhow::Context as _;
use cairn_assess::policy::Policy;
use cairn_assess::readiness::{self, RULES, Rule};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The rules of readiness: a list, one of them, or a trial of all.
#[derive(Debug, Args)]
pub(super) struct Rules {
    #[command(subcommand)]
    verb: Verb,
    /// Policy file (TOML); the standard policy without it.
    #[arg(long, value_name = "F", global = true)]
    policy: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Every rule in the order they are asked, and which of them the policy switches off.
    List,
    /// One rule: why it exists, who says so, what it can say and what to do then.
    Show {
        /// Its id.
        id: String,
    },
    /// Assesses a trial estate (TOML) and compares it with what the file expects of each server.
    Test {
        /// The file: `weeks`, `[facts]`, and `[[server]]` with `load`, `facts`, `forget` and `expect`.
        file: PathBuf,
    },
}

/// A rule as the JSON has it.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    title: &'a str,
    part: &'a str,
    rationale: &'a str,
    source: &'a str,
    date: &'a str,
    confirm: &'a str,
    facts: &'a [&'a str],
    /// Why the policy switches it off, if it does.
    off: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn of(rule: &'a Rule, policy: &'a Policy) -> Self {
        Self {
            id: rule.id,
            title: rule.title,
            part: rule.part.name(),
            rationale: rule.rationale,
            source: rule.source,
            date: rule.date,
            confirm: rule.confirm.name(),
            facts: rule.facts,
            off: policy.rules_off.get(rule.id).map(String::as_str),
        }
    }
}

pub(super) fn run(args: &Rules, out: &mut impl Write) -> anyhow::Result<Exit> {
    let policy = policy_of(args.policy.as_deref(), None)?;
    match &args.verb {
        Verb::List => list(&policy, args.json, out)?,
        Verb::Show { id } => show(id, &policy, args.json, out)?,
        Verb::Test { file } => return test(file, &policy, args.json, out),
    }
    Ok(Exit::Done)
}

fn list(policy: &Policy, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let rows: Vec<Row<'_>> = RULES.iter().map(|rule| Row::of(rule, policy)).collect();
    if json {
        let named = policy.reference();
        let all = serde_json::json!({
            "policy": named, "rules_sha256": readiness::rules_sha256(), "rules": rows,
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(());
    }
    let off = rows.iter().filter(|row| row.off.is_some()).count();
    writeln!(
        out,
        "policy {} {}: {} rules, {off} switched off",
        terminal_safe(&policy.name),
        terminal_safe(&policy.version),
        rows.len()
    )?;
    writeln!(out, "{:18}  {:12}  {:13}  {:7}  TITLE", "RULE", "PART", "CONFIRMS", "DATE")?;
    for row in rows {
        writeln!(out, "{:18}  {:12}  {:13}  {:7}  {}", row.id, row.part, row.confirm, row.date, row.title)?;
        if let Some(reason) = row.off {
            writeln!(out, "{:18}  switched off: {}", "", terminal_safe(reason))?;
        }
    }
    Ok(())
}

fn show(id: &str, policy: &Policy, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let Some(rule) = readiness::rule(id) else {
        let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        anyhow::bail!(NotFound(format!("there is no rule {id:?}{}", meant(id, &ids))));
    };
    let row = Row::of(rule, policy);
    let prefix = format!("{}.", row.id);
    let words: Vec<(&str, &str)> =
        Messages::english().iter().filter(|(id, _)| id.starts_with(&prefix)).collect();
    if json {
        let mut all = serde_json::to_value(&row)?;
        all["messages"] = words.iter().map(|(id, text)| (*id, *text)).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(());
    }
    writeln!(out, "{}: {}", row.id, row.title)?;
    let facts =
        if row.facts.is_empty() { "none: load, capacity and size".into() } else { row.facts.join(", ") };
    let lines = [
        ("part", row.part),
        ("why", row.rationale),
        ("source", row.source),
        ("date", row.date),
        ("confirms", row.confirm),
        ("facts", &facts),
    ];
    for (label, text) in lines {
        writeln!(out, "  {label:<10} {text}")?;
    }
    if let Some(reason) = row.off {
        writeln!(out, "  {:<10} switched off by the policy: {}", "off", terminal_safe(reason))?;
    }
    for (id, text) in words {
        let message = id.strip_prefix(&prefix).unwrap_or(id);
        writeln!(out, "  {message:<14} {text}")?;
    }
    Ok(())
}

fn test(file: &Path, policy: &Policy, json: bool, out: &mut impl Write) -> anyhow::Result<Exit> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let trial = trial_file::parse(&file.display().to_string(), &text)?;
    let assessment = cairn_assess::assess(&trial.estate(), policy, trial.window().to);
    let checked = trial_file::check(&trial, &assessment);
    let failed = checked.iter().filter(|server| !server.faults.is_empty()).count();
    if json {
        let all = serde_json::json!({ "policy": policy.reference(), "failed": failed, "servers": checked });
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
    } else {
        table(&checked, failed, out)?;
    }
    Ok(if failed == 0 { Exit::Done } else { Exit::Failed })
}

fn table(checked: &[Checked], failed: usize, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{:24}  {:28}  RESULT", "SERVER", "FOUND")?;
    for server in checked {
        let result = match (server.is_expected, server.faults.as_slice()) {
            (false, _) => "nothing expected".to_owned(),
            (true, []) => "as expected".to_owned(),
            (true, faults) => format!("DIFFERS: {}", faults.join("; ")),
        };
        writeln!(out, "{:24}  {:28}  {result}", terminal_safe(&server.server), server.found)?;
    }
    let expected = checked.iter().filter(|server| server.is_expected).count();
    writeln!(out, "{} of {expected} as expected", expected - failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(verb: Verb, json: bool, policy: Option<&str>) -> (Exit, String) {
        let dir = tempfile::tempdir().unwrap();
        let policy = policy.map(|text| {
            let path = dir.path().join("rules-policy.toml");
            std::fs::write(&path, text).unwrap();
            path
        });
        let mut out = Vec::new();
        let exit = run(&Rules { verb, policy, json }, &mut out).unwrap();
        (exit, String::from_utf8(out).unwrap())
    }

    fn trial(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("assess/estates").join(name)
    }

    #[test]
    fn the_list_names_every_rule_and_what_is_off() {
        let (_, text) = said(Verb::List, false, Some("[rules_off]\nidle = \"not asked\"\n"));
        assert!(text.contains("1 switched off"), "{text}");
        assert!(text.contains("switched off: not asked"), "{text}");
        assert!(RULES.iter().all(|rule| text.contains(rule.id)), "{text}");
        let json: serde_json::Value = serde_json::from_str(&said(Verb::List, true, None).1).unwrap();
        assert_eq!(json["rules"].as_array().map(Vec::len), Some(RULES.len()));
        assert_eq!(json["policy"]["name"], "standard");
    }

    #[test]
    fn a_rule_is_shown_with_all_it_can_say() {
        let (_, text) = said(Verb::Show { id: "guest-os".into() }, false, None);
        for part in ["gate", "administrator", "hypervisor_support, os", "too-old", "remedy"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let args = Rules { verb: Verb::Show { id: "gest-os".into() }, policy: None, json: false };
        let error = run(&args, &mut Vec::new()).unwrap_err();
        assert!(error.is::<NotFound>() && error.to_string().contains("`guest-os`"), "{error}");
    }

    #[test]
    fn a_trial_passes_by_the_standard_policy_and_differs_by_another() {
        let verb = || Verb::Test { file: trial("by_hand.toml") };
        let (exit, text) = said(verb(), false, None);
        assert_eq!(exit, Exit::Done, "{text}");
        assert!(text.ends_with("5 of 5 as expected\n"), "{text}");
        let stricter = "[readiness]\nfit_shares = [0.001, 0.25, 0.5]\n";
        let (exit, text) = said(verb(), true, Some(stricter));
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((exit, json["servers"][0]["is_expected"].as_bool()), (Exit::Failed, Some(true)));
        assert!(json["failed"].as_u64() >= Some(2), "{text}");
        let said = json["servers"][4]["said"].as_array().unwrap();
        let gate = said.iter().find(|said| said["message"] == "guest-os.not-listed").unwrap();
        assert_eq!((&gate["evidence"], &gate["confirm"]), (&"os: trial".into(), &"administrator".into()));
        assert!(gate["remedy"].as_str().unwrap().contains("hypervisor_support"), "{gate}");
    }
}
