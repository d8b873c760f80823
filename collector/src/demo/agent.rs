//! The real agent of a demonstration: this program again, as a process of its own, behind a hidden verb.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::enrolment::JoinString;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

/// Seconds of a slot: narrow, so that a few seconds already close some.
const SLOT_S: u32 = 2;

/// The agent of a demonstration could not do its part.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// A file or a process could not be had.
    #[error("{tried}: {source}")]
    Io {
        /// What was tried.
        tried: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The agent ended badly.
    #[error("the agent could not {tried} ({status}){}; the whole is in {}", last_error(log), log.display())]
    Ended {
        /// What it was to do.
        tried: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// Its log.
        log: PathBuf,
    },
}

/// What the log last called an error, behind a colon; nothing where it calls nothing so.
fn last_error(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let said = text.lines().rev().find_map(|line| Some(line.split_once("ERROR ")?.1.trim()));
    said.map(|said| format!(": {}", crate::number::terminal_safe(said))).unwrap_or_default()
}

/// An agent that is running; it is killed when this is dropped.
#[derive(Debug)]
pub struct Agent {
    child: Child,
    log: PathBuf,
}

impl Agent {
    /// Enrols an agent that keeps its things in `data` and starts it for so many seconds. `program` is
    /// called with `verb` and the agent's own arguments; its log goes to `log`.
    ///
    /// # Errors
    /// A file or process could not be had, or the collector did not take the agent.
    pub fn start(
        (program, verb): (&Path, &str),
        data: &Path,
        log: &Path,
        join: &JoinString,
        seconds: u64,
    ) -> Result<Self, AgentError> {
        std::fs::create_dir_all(data).map_err(tried(|| format!("making {}", data.display())))?;
        let command = |verb_of_agent: &str, options: &[&str]| {
            let log_file = File::options().create(true).append(true).open(log);
            let log_file = log_file.map_err(tried(|| format!("opening {}", log.display())))?;
            let out = log_file.try_clone().map_err(tried(|| "opening the log twice".into()))?;
            let mut command = Command::new(program);
            command.arg(verb).arg(verb_of_agent).arg("--data").arg(data).args(options);
            command.stdin(Stdio::null()).stdout(out).stderr(log_file).env("NO_COLOR", "1");
            Ok(command)
        };
        let starting = tried(|| format!("starting {}", program.display()));

        let join_file = data.join("join");
        write_secret(&join_file, &join.to_string())?;
        let status = command("enroll", &[])?.arg("--join-file").arg(&join_file).status();
        // The token is used up; what is left of it need not lie around.
        let _ = std::fs::remove_file(&join_file);
        let status = status.map_err(starting)?;
        if !status.success() {
            return Err(AgentError::Ended { tried: "enrol", status, log: log.to_owned() });
        }

        let (seconds, slot_s) = (seconds.to_string(), SLOT_S.to_string());
        let bounds = ["--for", &seconds, "--slot-s", &slot_s, "--batch-every", "4", "--upload-every", "1"];
        let child = command("run", &bounds)?.spawn();
        let child = child.map_err(tried(|| format!("starting {}", program.display())))?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// Waits until it has ended and delivered everything.
    ///
    /// # Errors
    /// It ended badly, or left something undelivered.
    pub fn finish(mut self) -> Result<(), AgentError> {
        let status = self.child.wait().map_err(tried(|| "waiting for the agent".into()))?;
        let ended = AgentError::Ended { tried: "deliver what it measured", status, log: self.log.clone() };
        if status.success() { Ok(()) } else { Err(ended) }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // Both are refused when it has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn tried(what: impl FnOnce() -> String) -> impl FnOnce(std::io::Error) -> AgentError {
    |source| AgentError::Io { tried: what(), source }
}

/// Writes a file that only its owner can read.
fn write_secret(path: &Path, text: &str) -> Result<(), AgentError> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(tried(|| format!("writing {}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt as _;

    #[test]
    fn an_agent_that_failed_is_asked_why() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("agent.log");
        let ended = || AgentError::Ended {
            tried: "deliver what it measured",
            status: ExitStatus::from_raw(5 << 8),
            log: log.clone(),
        };
        assert!(ended().to_string().contains("(exit status: 5); the whole is in "), "{}", ended());
        std::fs::write(&log, "t INFO a\nt ERROR spool trouble=\"7.3 % of the disk is free\"\nt INFO b\n")
            .unwrap();
        assert!(
            ended().to_string().contains("5): spool trouble=\"7.3 % of the disk is free\"; "),
            "{}",
            ended()
        );
    }
}
