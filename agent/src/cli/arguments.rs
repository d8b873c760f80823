//! Arguments and environment, read once; and the help that explains them.
// SPDX-License-Identifier: Apache-2.0

use crate::config::Overrides;
use crate::root::Root;
use crate::run::{ServiceManager, Trial};
use crate::slot::WIDTH_S;
use lexopt::{Arg, Parser, ValueExt as _};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// How long a collection is when nobody says: the shortest history that shows each weekday twice.
const COLLECTION: Duration = Duration::from_secs(14 * 86_400);
/// Longest time that is taken for one.
const SECONDS_MAX: u64 = 366 * 86_400;
const SYSTEM_DATA: &str = "/var/lib/cairn-agent";

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Run,
    Collect,
    Once,
    Enroll,
    Inventory,
    Explain,
    Status,
    ChangePack,
    Uninstall,
}

/// Every verb: its name, what it does, the options it has besides the common ones.
const VERBS: &[(Verb, &str, &str, &[&str])] = &[
    (Verb::Run, "run", "sample and ship until stopped", RUN_OPTIONS),
    (
        Verb::Collect,
        "collect",
        "sample without any network into a file for `cairn import bundle`",
        COLLECT_OPTIONS,
    ),
    (Verb::Once, "once", "one sample as JSON, from two readings", &["--interval-ms"]),
    (Verb::Enroll, "enroll", "join a collector with the join string in a file", ENROLL_OPTIONS),
    (Verb::Inventory, "inventory", "the facts of this host as they would be sent", &["--privileged"]),
    (Verb::Explain, "explain", "every field that would be sent, and why", &[]),
    (Verb::Status, "status", "whether the agent is enrolled and well", &[]),
    (Verb::ChangePack, "change-pack", "what a change board asks, as five printed pages", &["--out"]),
    (Verb::Uninstall, "uninstall", "what the agent keeps on this host; its removal", &["--purge"]),
];

const ENROLL_OPTIONS: &[&str] = &["--join-file", "--unless-enrolled"];
const RUN_OPTIONS: &[&str] = &["--batch-every", "--upload-every", "--for", "--slot-s"];
const COLLECT_OPTIONS: &[&str] = &["--out", "--duration", "--batch-every", "--slot-s"];

const OPTIONS: &[(&str, &str, &str)] = &[
    ("--duration", "TIME", "how long since it was begun: 90m, 36h, 14d (14d)"),
    ("--batch-every", "SECONDS", "seal a batch this often (900; environment CAIRN_AGENT_BATCH_EVERY)"),
    ("--upload-every", "SECONDS", "upload this often (as the collector asks; CAIRN_AGENT_UPLOAD_EVERY)"),
    ("--for", "SECONDS", "stop after this time; exit code 5 if something is left to send"),
    ("--slot-s", "SECONDS", "narrower slots, for demonstrations: a whole part of a minute (60)"),
    ("--interval-ms", "MS", "time between the two readings (1000)"),
    ("--privileged", "", "as root, once: leave in the data directory what only root may read"),
    ("--join-file", "FILE", "file with the join string that `cairn token create` prints"),
    ("--unless-enrolled", "", "do nothing, and well, where an identity is there already"),
    ("--out", "FILE", "where to write it; a bundle that is there is continued, by the host that began it"),
    ("--purge", "", "remove it all, and have the collector revoke the identity"),
];

const COMMON: &[(&str, &str, &str)] = &[
    ("--data", "DIR", "where key, identity and spool live (CAIRN_AGENT_DATA)"),
    ("--root", "DIR", "where the host's file tree hangs (/; CAIRN_AGENT_ROOT)"),
    ("--json", "", "print JSON where data is printed"),
    ("--help", "", "this text"),
];

/// The command line and environment, taken apart.
#[derive(Debug)]
pub(super) struct Arguments {
    pub(super) verb: Option<Verb>,
    pub(super) help: bool,
    pub(super) json: bool,
    pub(super) data: PathBuf,
    pub(super) root: Root,
    pub(super) environment: Overrides,
    pub(super) flags: Overrides,
    pub(super) trial: Trial,
    pub(super) service: ServiceManager,
    pub(super) interval: Duration,
    pub(super) join_file: Option<PathBuf>,
    pub(super) unless_enrolled: bool,
    pub(super) duration: Duration,
    pub(super) privileged: bool,
    pub(super) purge: bool,
    pub(super) out: Option<PathBuf>,
}

impl Arguments {
    pub(super) fn parse(
        args: impl IntoIterator<Item = OsString>,
        environment: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Self, String> {
        let mut arguments = Self {
            verb: None,
            help: false,
            json: false,
            data: environment("CAIRN_AGENT_DATA").map_or_else(|| default_data(environment), PathBuf::from),
            root: Root::new(environment("CAIRN_AGENT_ROOT").unwrap_or_else(|| "/".into())),
            environment: Overrides {
                batch_every_s: number(environment, "CAIRN_AGENT_BATCH_EVERY")?,
                upload_every_s: number(environment, "CAIRN_AGENT_UPLOAD_EVERY")?,
            },
            flags: Overrides::default(),
            trial: Trial::default(),
            service: ServiceManager::new(
                environment("NOTIFY_SOCKET").as_deref(),
                environment("WATCHDOG_USEC").as_deref(),
            ),
            interval: Duration::from_secs(1),
            join_file: None,
            unless_enrolled: false,
            duration: COLLECTION,
            privileged: false,
            purge: false,
            out: None,
        };
        let mut parser = Parser::from_args(args);
        while let Some(arg) = parser.next().map_err(|error| error.to_string())? {
            match arg {
                Arg::Value(name) if arguments.verb.is_none() => {
                    let name = name.to_string_lossy();
                    let verb = VERBS.iter().find(|(_, verb, ..)| *verb == name);
                    arguments.verb = Some(verb.ok_or_else(|| format!("no verb {name:?}"))?.0);
                }
                Arg::Long(option) => {
                    let option = format!("--{option}");
                    arguments.option(&option, &mut parser)?;
                }
                Arg::Short('h') => arguments.help = true,
                other => return Err(other.unexpected().to_string()),
            }
        }
        Ok(arguments)
    }

    fn option(&mut self, option: &str, parser: &mut Parser) -> Result<(), String> {
        let mine = VERBS.iter().find(|(verb, ..)| Some(*verb) == self.verb).map_or(&[][..], |v| v.3);
        if OPTIONS.iter().any(|(name, ..)| *name == option) && !mine.contains(&option) {
            return Err(format!("{option} does not belong to this verb"));
        }
        let mut value = || parser.value().map_err(|error| error.to_string());
        match option {
            "--help" => self.help = true,
            "--out" => self.out = Some(value()?.into()),
            "--purge" => self.purge = true,
            "--json" => self.json = true,
            "--data" => self.data = value()?.into(),
            "--root" => self.root = Root::new(value()?),
            "--privileged" => self.privileged = true,
            "--join-file" => self.join_file = Some(value()?.into()),
            "--unless-enrolled" => self.unless_enrolled = true,
            "--duration" => self.duration = duration(option, &value()?)?,
            "--batch-every" => self.flags.batch_every_s = Some(parsed(option, &value()?)?),
            "--upload-every" => self.flags.upload_every_s = Some(parsed(option, &value()?)?),
            "--for" => self.trial.stop_after = Some(Duration::from_secs(parsed(option, &value()?)?)),
            "--slot-s" => self.trial.slot_width_s = Some(part_of_a_minute(option, &value()?)?),
            "--interval-ms" => self.interval = Duration::from_millis(within(option, &value()?, 10, 60_000)?),
            _ => return Err(format!("no option {option}")),
        }
        Ok(())
    }
}

fn parsed(option: &str, value: &OsString) -> Result<u64, String> {
    within(option, value, 1, SECONDS_MAX)
}

/// A number and its unit: `90m`, `36h`, `14d`.
fn duration(option: &str, value: &OsString) -> Result<Duration, String> {
    let text = value.to_string_lossy();
    let unit =
        |letter| [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)].into_iter().find(|u| u.0 == letter);
    let taken_apart =
        text.char_indices().next_back().and_then(|(at, letter)| Some((&text[..at], unit(letter)?.1)));
    let (number, unit) = taken_apart
        .and_then(|(number, unit)| Some((number.parse::<u64>().ok()?, unit)))
        .ok_or_else(|| format!("{option} {text}: give a number and s, m, h or d: 90m, 36h, 14d"))?;
    let seconds = number.saturating_mul(unit);
    within(option, &seconds.to_string().into(), 1, SECONDS_MAX).map(Duration::from_secs)
}

fn part_of_a_minute(option: &str, value: &OsString) -> Result<u32, String> {
    let seconds = within(option, value, 1, 60)? as u32;
    let whole = WIDTH_S.is_multiple_of(seconds);
    whole.then_some(seconds).ok_or_else(|| format!("{option} {seconds} is no whole part of a minute"))
}

fn within(option: &str, value: &OsString, low: u64, high: u64) -> Result<u64, String> {
    let number: u64 = value.clone().parse().map_err(|error: lexopt::Error| format!("{option}: {error}"))?;
    if !(low..=high).contains(&number) {
        return Err(format!("{option} {number} is not within {low} to {high}"));
    }
    Ok(number)
}

fn number(environment: &dyn Fn(&str) -> Option<OsString>, name: &str) -> Result<Option<u64>, String> {
    environment(name).map(|value| parsed(name, &value)).transpose()
}

/// The system's directory for root, the user's data directory for everybody else.
fn default_data(environment: &dyn Fn(&str) -> Option<OsString>) -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from(SYSTEM_DATA);
    }
    let home = || environment("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    let base = environment("XDG_DATA_HOME").filter(|d| !d.is_empty()).map(PathBuf::from).or_else(home);
    base.map_or_else(|| PathBuf::from(SYSTEM_DATA), |base| base.join("cairn-agent"))
}

/// Every verb and what it does.
pub(super) fn verbs() -> impl Iterator<Item = (&'static str, &'static str)> {
    VERBS.iter().map(|(_, name, does, _)| (*name, *does))
}

/// Help on a verb, or on all.
pub(super) fn help(verb: Option<Verb>) -> String {
    let line = |(name, value, meaning): &(&str, &str, &str)| {
        format!("  {:<24} {meaning}\n", format!("{name} {value}"))
    };
    let common: String = COMMON.iter().map(line).collect();
    let Some((_, name, does, options)) = VERBS.iter().find(|(known, ..)| Some(*known) == verb) else {
        let verbs: String = VERBS.iter().map(|(_, name, does, _)| format!("  {name:<24} {does}\n")).collect();
        return format!(
            "Usage: cairn-agent VERB [OPTIONS]\n\n\
             Samples CPU, memory, disk and network of this server and ships them to a Cairn collector.\n\n\
             Verbs:\n{verbs}\nOptions of every verb:\n{common}\n\
             Exit codes: 0 done, 1 failed, 2 usage, 3 not enrolled, 4 unreachable, 5 partial.\n"
        );
    };
    let own: String = OPTIONS.iter().filter(|(name, ..)| options.contains(name)).map(line).collect();
    format!("Usage: cairn-agent {name} [OPTIONS]\n\n{does}\n\nOptions:\n{own}{common}")
}

#[cfg(test)]
#[path = "arguments_tests.rs"]
mod tests;
