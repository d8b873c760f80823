//! `uninstall`: what the agent keeps on this host, and with `--purge` its removal. The collector is asked to revoke
//! the identity; programs and units belong to the package and are named, not touched.
// SPDX-License-Identifier: Apache-2.0

use super::{Arguments, Exit, Terminal};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::identity::{Identity, IdentityError, SigningKey};
use crate::run::is_running;
use crate::spool::Signer as _;
use crate::uplink::http::Collector;
use anyhow::{Context as _, anyhow, bail};
use cairn_schemas::digest::hex;
use cairn_schemas::enrolment::LeaveRequest;
use std::path::{Path, PathBuf};

/// All an agent ever writes into its data directory. What else lies there is somebody else's, and stays.
pub(super) const OURS: [&str; 13] = [
    "agent.toml",
    "collect",
    "directives.json",
    "identity.json",
    "key.new",
    "key.pk8",
    "keys.json",
    "lock",
    "open_minute.json",
    "privileged.json",
    "spool",
    "status.json",
    "status.json.tmp",
];

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let data = &arguments.data;
    let undelivered = std::fs::read_dir(data.join("spool")).map_or(0, |files| {
        files.flatten().filter(|file| file.path().extension().is_some_and(|kind| kind == "batch")).count()
    });
    if !arguments.purge {
        writeln!(terminal.out, "`cairn-agent uninstall --purge` would remove:")?;
        ours(data).iter().try_for_each(|path| writeln!(terminal.out, "  {}", path.display()))?;
        writeln!(terminal.out, "and ask the collector to revoke this agent's identity.")?;
        if undelivered > 0 {
            writeln!(terminal.out, "{undelivered} batches there have not been delivered yet.")?;
        }
        writeln!(
            terminal.out,
            "Program, unit and user belong to the package: remove it with apt, dnf or rpm."
        )?;
        return Ok(Exit::Done);
    }
    if is_running(data) {
        bail!("an agent is running on {}; stop it first: systemctl stop cairn-agent", data.display());
    }
    let left = leave(arguments, terminal)?;
    for path in &ours(data) {
        let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        removed.with_context(|| format!("cannot remove {}", path.display()))?;
        writeln!(terminal.out, "removed {}", path.display())?;
    }
    if undelivered > 0 {
        writeln!(terminal.out, "{undelivered} batches that had not been delivered went with them")?;
    }
    what_is_left(data, terminal)?;
    Ok(if left { Exit::Done } else { Exit::Partial })
}

/// What a file of [`OURS`] is for, and who may read it.
pub(super) fn purpose(name: &str) -> (&'static str, &'static str) {
    match name {
        "agent.toml" => ("settings, if you make some; the defaults need no file", "the agent"),
        "collect" => ("key, identity and spool of offline bundles, where no collector was met", "the agent"),
        "directives.json" => {
            ("what the collector last asked for: when to measure, how often to send", "the agent")
        }
        "identity.json" => ("which collector, and as whom", "the agent"),
        "key.new" => {
            ("a key about to take the other's place, on a copied machine or when asked", "the agent")
        }
        "key.pk8" => ("the private key, made here; never leaves the server", "the agent"),
        "keys.json" => ("which keys it had, public halves only, to show that they were its own", "the agent"),
        "lock" => ("empty; keeps a second agent out", "the agent"),
        "open_minute.json" => {
            ("the minute in which it was stopped, so that an upgrade loses none", "the agent")
        }
        "privileged.json" => ("what only root can read of the machine, read once at start", "the agent"),
        "spool" => ("batches that were not delivered yet, at most 256 MB", "the agent"),
        "status.json" => ("how it is doing, for `cairn-agent status`", "the agent"),
        _ => ("kept while another file is replaced", "the agent"),
    }
}

/// What is there of what is ours.
fn ours(data: &Path) -> Vec<PathBuf> {
    let named = OURS.iter().map(|name| data.join(name)).filter(|path| path.symlink_metadata().is_ok());
    named.chain(crate::moved::directories(data)).collect()
}

/// Asks the collector to revoke the identity. Whether it did, or there was none.
fn leave(arguments: &Arguments, terminal: &mut Terminal<'_>) -> anyhow::Result<bool> {
    let identity = match Identity::load(&arguments.data) {
        Ok(identity) => identity,
        Err(IdentityError::NotEnrolled(_)) => return Ok(true),
        Err(error) => {
            writeln!(terminal.err, "cairn-agent: {error}; nobody was told")?;
            return Ok(false);
        }
    };
    match ask_to_leave(arguments, &identity) {
        Ok(()) => writeln!(terminal.out, "{} has revoked {}", identity.url, identity.agent_id)?,
        Err(error) => {
            writeln!(
                terminal.err,
                "cairn-agent: {error:#}; revoke it there: cairn agents revoke {}",
                identity.agent_id
            )?;
            return Ok(false);
        }
    }
    Ok(true)
}

fn ask_to_leave(arguments: &Arguments, identity: &Identity) -> anyhow::Result<()> {
    let config = Config::load(&arguments.data, arguments.environment, arguments.flags)
        .map_err(|why| anyhow!("configuration: {why}"))?;
    let key = SigningKey::load_or_make(&arguments.data)?;
    let at = SystemClock.now().timestamp();
    let signature = hex(&key.sign(&LeaveRequest::signed(identity.agent_id, at)));
    let request = LeaveRequest { agent_id: identity.agent_id, at, signature };
    let collector = Collector::new(&identity.url, identity.ca_spki_sha256.as_deref(), &config.network())
        .map_err(|why| anyhow!("{}: {why}", identity.url))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(collector.leave(&request))?)
}

/// The data directory goes with its last file; what others put there is named.
fn what_is_left(data: &Path, terminal: &mut Terminal<'_>) -> anyhow::Result<()> {
    if !data.exists() {
        return Ok(());
    }
    if std::fs::remove_dir(data).is_ok() {
        writeln!(terminal.out, "removed {}", data.display())?;
        return Ok(());
    }
    let others = std::fs::read_dir(data)?.flatten();
    for other in others {
        writeln!(terminal.out, "left {}: not the agent's", other.path().display())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::called;
    use super::*;

    #[test]
    fn nothing_of_ours_is_left_and_nothing_of_others_is_taken() {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("agent");
        std::fs::create_dir_all(data.join("spool")).unwrap();
        for name in ["status.json", "key.pk8", "spool/00000000000000000007.batch", "notes.txt"] {
            std::fs::write(data.join(name), "x").unwrap();
        }
        let arguments = ["uninstall", "--data", data.to_str().unwrap()];
        let (exit, out, _) = called(&arguments);
        assert!(exit == Exit::Done && out.contains("would remove") && out.contains("1 batches"), "{out}");
        assert!(data.join("key.pk8").exists(), "only said, not done");
        let (exit, out, _) = called(&[&arguments[..], &["--purge"]].concat());
        assert!(exit == Exit::Done && out.contains("notes.txt: not the agent's"), "{out}");
        assert_eq!(std::fs::read_dir(&data).unwrap().count(), 1);
    }

    #[test]
    fn a_collector_that_does_not_answer_is_said_and_the_host_is_clean_all_the_same() {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("agent");
        std::fs::create_dir(&data).unwrap();
        let identity = Identity {
            // Port 1 of loopback: nobody listens, nothing leaves the machine.
            url: "http://127.0.0.1:1".into(),
            engagement: "default".into(),
            agent_id: cairn_schemas::identity::AgentId::v4([3; 16]),
            ca_spki_sha256: None,
            fingerprint: None,
            moved: None,
        };
        identity.store(&data).unwrap();
        let (exit, _, err) = called(&["uninstall", "--purge", "--data", data.to_str().unwrap()]);
        assert!(exit == Exit::Partial && err.contains("cairn agents revoke"), "{err}");
        assert!(!data.exists());
    }
}
