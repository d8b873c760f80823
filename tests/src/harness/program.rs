//! The two programs: found, run to their end within a deadline, or kept running until killed.
// SPDX-License-Identifier: Apache-2.0

use super::{FreshDir, fresh_dir};
use cairn_schemas::time::Timestamp;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Longest any single verb may take.
const VERB_DEADLINE: Duration = Duration::from_secs(900);

/// The collector's program, with no environment of the caller's that could change what it does.
#[must_use]
pub fn cairn(arguments: &[&str]) -> Command {
    program("cairn", arguments)
}

/// The agent's program.
#[must_use]
pub fn agent(arguments: &[&str]) -> Command {
    program("cairn-agent", arguments)
}

/// Seconds now, for tests that run real agents.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_secs()).unwrap_or_default())
}

fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(folder_of_programs(name).join(name));
    command.args(arguments).env_remove("CAIRN_NOW").env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// `CAIRN_BIN_DIR`, else where cargo put the programs beside this test or bench.
fn folder_of_programs(name: &str) -> PathBuf {
    let beside = || {
        let own = std::env::current_exe().ok()?;
        own.ancestors().skip(1).take(2).find(|folder| folder.join(name).exists()).map(Path::to_path_buf)
    };
    let folder = std::env::var_os("CAIRN_BIN_DIR").map(PathBuf::from).or_else(beside).unwrap_or_default();
    assert!(
        folder.join(name).exists(),
        "{} is not built: run tests/run, or `cargo build --bin cairn --bin cairn-agent` first",
        folder.join(name).display()
    );
    folder
}

/// What a program left behind.
#[derive(Clone, Debug)]
pub struct Done {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

impl Done {
    /// Its exit code; -1 when a signal ended it.
    #[must_use]
    pub fn code(&self) -> i32 {
        self.status.code().unwrap_or(-1)
    }

    /// What it printed, as JSON.
    ///
    /// # Panics
    /// It did not end with 0, or printed no JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        assert_eq!(self.code(), 0, "{}{}", self.stdout, self.stderr);
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

/// Runs a program to its end.
///
/// # Panics
/// It cannot be started, or does not end in time.
#[must_use]
pub fn run(mut command: Command) -> Done {
    let folder = fresh_dir("said");
    let (out, err) = (folder.path().join("stdout"), folder.path().join("stderr"));
    let opened =
        |path: &Path| File::create(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut child = command
        .stdout(opened(&out))
        .stderr(opened(&err))
        .spawn()
        .unwrap_or_else(|error| panic!("start {command:?}: {error}"));
    let deadline = Instant::now() + VERB_DEADLINE;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
            other => {
                let _ = child.kill();
                panic!("{command:?} did not end: {other:?}");
            }
        }
    };
    let said = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
    Done { status, stdout: said(&out), stderr: said(&err) }
}

/// A program that runs until it is killed; what it says goes into files of its own.
#[derive(Debug)]
pub struct Running {
    child: Child,
    folder: FreshDir,
}

impl Running {
    /// Starts a program.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn start(name: &str, mut command: Command) -> Self {
        let folder = fresh_dir(name);
        let file =
            |name: &str| File::create(folder.path().join(name)).map_or_else(|_| Stdio::null(), Stdio::from);
        let started = command.stdout(file("stdout")).stderr(file("stderr")).spawn();
        Self { child: started.unwrap_or_else(|error| panic!("start {command:?}: {error}")), folder }
    }

    /// Its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed so far.
    #[must_use]
    pub fn stdout(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stdout")).unwrap_or_default()
    }

    /// What it has complained of so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr")).unwrap_or_default()
    }

    /// Whether it has ended by itself.
    #[must_use]
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// `kill -9`: no farewell.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// `kill -TERM`, then waits for it to end.
    ///
    /// # Panics
    /// It does not end within half a minute.
    pub fn terminate(&mut self) -> ExitStatus {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        super::wait_for("the program to stop", 30, || self.child.try_wait().ok().flatten())
    }
}

impl Drop for Running {
    #[allow(clippy::print_stderr, reason = "a failed test says what its programs said")]
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("{}{}", self.stdout(), self.stderr());
        }
    }
}
