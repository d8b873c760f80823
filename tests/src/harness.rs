//! Runs the real programs: where they are, fresh directories that survive a failure, bounded waiting, and
//! skipping aloud.
// SPDX-License-Identifier: Apache-2.0

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

mod program;
pub use program::{Done, Running, agent, cairn, now, run};

mod collector;
pub use collector::Collector;

pub mod archive;

pub mod browser;

pub mod csv;

pub mod fleet;

pub mod sheet;

pub mod webhook;

/// The top of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Real traces: `CAIRN_DATA`, else `../shared/data` beside the repository; `None` where they are not.
#[must_use]
pub fn real_data() -> Option<PathBuf> {
    let beside = || repository().parent().map(|parent| parent.join("shared/data"));
    std::env::var_os("CAIRN_DATA").map(PathBuf::from).or_else(beside).filter(|path| path.is_dir())
}

/// Whether the long tests are wanted: `CAIRN_FULL=1`, set by `tests/run --full`.
#[must_use]
pub fn is_full() -> bool {
    std::env::var_os("CAIRN_FULL").is_some_and(|value| value == "1")
}

/// Says aloud that a test does not run here, and why. `tests/run` gathers these lines into its last block.
pub fn skip(what: &str, why: &str) {
    say("SKIPPED", "CAIRN_SKIPPED", &format!("{what}: {why}"));
}

/// Says aloud what a test measured; `tests/run` gathers these lines too.
pub fn note(text: &str) {
    say("MEASURED", "CAIRN_MEASURED", text);
}

/// Past the test runner, which keeps what a passing test prints to itself; and into the file the variable names.
fn say(kind: &str, variable: &str, text: &str) {
    let _ = writeln!(std::io::stderr(), "{kind} {text}");
    if let Some(list) = std::env::var_os(variable) {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(list);
        let _ = file.and_then(|mut file| writeln!(file, "{text}"));
    }
}

/// A new directory, removed when the test has passed; when it fails the directory stays and is named.
#[must_use]
pub fn fresh_dir(name: &str) -> FreshDir {
    let made = tempfile::Builder::new().prefix(&format!("cairn-{name}-")).tempdir();
    // A machine without a temporary directory can run no test at all.
    FreshDir { path: made.map_or_else(|error| panic!("make a directory: {error}"), tempfile::TempDir::keep) }
}

/// A directory of one test.
#[derive(Debug)]
pub struct FreshDir {
    path: PathBuf,
}

impl FreshDir {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for FreshDir {
    #[allow(clippy::print_stderr, reason = "a failed test says where its files are")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("kept for you to look at: {}", self.path.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Asks again and again until there is an answer. No fixed sleep: as soon as it holds, the test goes on.
///
/// # Panics
/// There is none after `seconds`.
pub fn wait_for<T>(what: &str, seconds: u64, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited {seconds} s in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
