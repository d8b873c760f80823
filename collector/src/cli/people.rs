//! `cairn people`: who may open the pages of an engagement, and what each may do there; links that sign in once; ending
//! sessions. A password is read from standard input or the terminal, never from the command line.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, NotFound, Place, now, tell};
use crate::nearest::meant;
use crate::number::terminal_safe;
use crate::people::{self as domain, PASSWORD_CHARS_MIN};
use crate::serve;
use crate::store::people::{NewPerson, People as _, Person, Role};
use crate::store::sqlite::SqliteStore;
use anyhow::Context as _;
use cairn_schemas::time::Timestamp;
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::{IsTerminal as _, Read as _, Write};

/// Most bytes read of a password.
const PASSWORD_BYTES_MAX: u64 = 4_096;

/// Arguments of `cairn people`.
#[derive(Debug, Args)]
pub(super) struct PeopleArgs {
    #[command(flatten)]
    place: Place,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Who does it; goes into the audit [default: your name on this machine].
    #[arg(long, global = true, value_name = "WHO")]
    by: Option<String>,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Lists them.
    List,
    /// Adds a person. The password is read from standard input, on a terminal without showing it.
    Add {
        /// The name to sign in with; it stands in the audit and under what the person signs.
        name: String,
        /// viewer: sees; assessor: assesses, decides, signs; admin: looks after agents, tokens, people.
        #[arg(long, value_parser = role)]
        role: Role,
        /// Without a password: the person signs in by links alone.
        #[arg(long)]
        no_password: bool,
    },
    /// Gives a person another role.
    Role {
        /// The person.
        name: String,
        /// viewer, assessor or admin.
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Gives a person another password, read like that of `add`; it ends the person's sessions.
    Password {
        /// The person.
        name: String,
    },
    /// Removes a person and ends the person's sessions. What the person did stays in the audit.
    Remove {
        /// The person.
        name: String,
    },
    /// Makes a link that signs in once, within an hour. Who is not there yet is added as admin without a password.
    Link {
        /// The person [default: your name on this machine].
        name: Option<String>,
        /// Address of the collector [default: where `cairn serve` listened last].
        #[arg(long)]
        url: Option<String>,
    },
    /// Sessions of people.
    #[command(subcommand)]
    Sessions(SessionsVerb),
}

#[derive(Debug, Subcommand)]
enum SessionsVerb {
    /// Ends all sessions and links of a person, or of everybody.
    #[command(group = clap::ArgGroup::new("whose").required(true))]
    Revoke {
        /// The person.
        #[arg(group = "whose")]
        name: Option<String>,
        /// Everybody's.
        #[arg(long, group = "whose")]
        all: bool,
    },
}

fn role(text: &str) -> Result<Role, String> {
    let names = Role::ALL.map(Role::name);
    Role::of(text).ok_or_else(|| format!("is none of {}{}", names.join(", "), meant(text, names)))
}

pub(super) fn run(args: &PeopleArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    let store = args.place.open()?;
    let by = args.by.clone().unwrap_or_else(whoami);
    let by = domain::name(&by).map_err(|why| anyhow::anyhow!("--by {by:?}: {why}"))?;
    let now = now()?;
    let (words, value) = match &args.verb {
        None | Some(Verb::List) => return list(&store, args.json, out),
        Some(Verb::Add { name, role, no_password }) => {
            return add(&store, (name, *role, *no_password), by, args.json, out);
        }
        Some(Verb::Role { name, role }) => {
            known(store.set_role(name, *role, by, now)?, name)?;
            (
                format!("{name} is {} from the next click on", role.name()),
                json!({"name": name, "role": role.name()}),
            )
        }
        Some(Verb::Password { name }) => {
            known(store.person(name)?.is_some(), name)?;
            let hash = domain::hash(&password()?)?;
            known(store.set_password(name, &hash, by, now)?, name)?;
            (format!("{name} has another password, and is signed in nowhere"), json!({"name": name}))
        }
        Some(Verb::Remove { name }) => {
            known(store.remove_person(name, by, now)?, name)?;
            (format!("{name} is removed, and signed in nowhere"), json!({"removed": name}))
        }
        Some(Verb::Link { name, url }) => {
            let place = match url {
                Some(url) => serve::Place { url: url.trim_end_matches('/').to_owned(), ca_spki_sha256: None },
                None => serve::Place::recorded(&args.place.data_dir()?)?,
            };
            let link = link(&store, &place, name.as_ref().unwrap_or(&whoami()), now)?;
            (link.clone(), json!({"link": link}))
        }
        Some(Verb::Sessions(SessionsVerb::Revoke { name, .. })) => {
            let ended = store.end_sessions(name.as_deref(), by, now)?;
            let whose = name.as_deref().unwrap_or("everybody");
            known(ended.is_some(), whose)?;
            let ended = ended.unwrap_or_default();
            (format!("{ended} sessions of {whose} are ended"), json!({"ended": ended}))
        }
    };
    tell(out, args.json, &terminal_safe(&words), &value)?;
    Ok(Exit::Done)
}

/// Ends with "no such thing" where there is no such person.
fn known(there_is: bool, name: &str) -> anyhow::Result<()> {
    if there_is {
        return Ok(());
    }
    let why = format!("there is no person {:?}; see `cairn people`", terminal_safe(name));
    anyhow::bail!(NotFound(why))
}

fn add(
    store: &SqliteStore,
    (name, role, no_password): (&str, Role, bool),
    by: &str,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let name = domain::name(name).map_err(|why| anyhow::anyhow!("{name:?}: {why}"))?;
    anyhow::ensure!(
        store.person(name)?.is_none(),
        "there is a person {name} already; `cairn people role` and `password` change one"
    );
    let hash = if no_password { None } else { Some(domain::hash(&password()?)?) };
    let added = store.add_person(&NewPerson { name, role, password: hash.as_deref() }, by, now()?)?;
    anyhow::ensure!(added, "there is a person {name} already, added meanwhile");
    let words = format!(
        "{name} is {} of engagement {}",
        role.name(),
        crate::store::Store::engagement(store).as_str()
    );
    tell(out, json, &words, &json!({"name": name, "role": role.name(), "password": hash.is_some()}))?;
    Ok(Exit::Done)
}

/// The first line of standard input; on a terminal asked for twice, and not shown.
fn password() -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        let terminal = console::Term::stderr();
        let asked = |what: &str| -> anyhow::Result<String> {
            terminal.write_str(what)?;
            terminal.read_secure_line().context("reading the password from the terminal")
        };
        let password = asked(&format!("password ({PASSWORD_CHARS_MIN} characters or more): "))?;
        anyhow::ensure!(
            password == asked("the same again: ")?,
            "the two are not the same; nothing was changed"
        );
        return Ok(password);
    }
    let mut text = String::new();
    std::io::stdin().take(PASSWORD_BYTES_MAX).read_to_string(&mut text).context("reading the password")?;
    let line = text.lines().next().unwrap_or_default();
    anyhow::ensure!(
        !line.is_empty(),
        "no password came on standard input; write it there, or call this on a terminal"
    );
    Ok(line.to_owned())
}

/// A link that signs a person in once at a place.
pub(super) fn link(
    store: &SqliteStore,
    place: &serve::Place,
    name: &str,
    now: Timestamp,
) -> anyhow::Result<String> {
    let secret = domain::link(store, name, &whoami(), now)?;
    Ok(serve::link(place, crate::store::Store::engagement(store).as_str(), &secret))
}

/// What whoever runs this is called on this machine.
pub(super) fn whoami() -> String {
    let from = |variable: &str| std::env::var(variable).ok().filter(|name| domain::name(name).is_ok());
    from("USER").or_else(|| from("LOGNAME")).unwrap_or_else(|| "local".to_owned())
}

fn list(store: &SqliteStore, as_json: bool, out: &mut impl Write) -> anyhow::Result<Exit> {
    let people = store.people()?;
    if as_json {
        let line = |person: &Person| {
            json!({
                "name": person.name, "role": person.role.name(), "password": person.password.is_some(),
                "added_at": person.added_at, "sessions": person.sessions,
            })
        };
        let lines: Vec<_> = people.iter().map(line).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&lines)?)?;
        return Ok(Exit::Done);
    }
    if people.is_empty() {
        writeln!(
            out,
            "nobody yet: cairn people add NAME --role admin, or cairn people link on this machine"
        )?;
    }
    for person in people {
        let how = if person.password.is_some() { "password" } else { "links only" };
        let Person { name, role, added_at, sessions, .. } = person;
        writeln!(
            out,
            "{:24}  {:8}  {how:10}  since {}  {sessions} sessions",
            terminal_safe(&name),
            role.name(),
            added_at.date()
        )?;
    }
    Ok(Exit::Done)
}
