//! A real collector on a free loopback port, with a store of its own, that can be killed and started again.
// SPDX-License-Identifier: Apache-2.0

use super::{Done, FreshDir, Running, agent, cairn, fresh_dir, run, wait_for};
use std::path::PathBuf;

/// A collector and its data directory.
#[derive(Debug)]
pub struct Collector {
    data: FreshDir,
    address: String,
    extra: Vec<String>,
    running: Option<Running>,
}

impl Collector {
    /// Starts `cairn serve` on a fresh directory.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with further arguments.
    #[must_use]
    pub fn start_with(extra: &[&str]) -> Self {
        let extra = extra.iter().map(|text| (*text).to_owned()).collect();
        let mut new =
            Self { data: fresh_dir("collector"), address: "127.0.0.1:0".into(), extra, running: None };
        new.restart();
        new
    }

    /// Starts it again, on the address it had.
    ///
    /// # Panics
    /// It says nothing of listening within half a minute.
    pub fn restart(&mut self) {
        self.running = None;
        let mut command = cairn(&["serve", "--listen", &self.address, "--data"]);
        command.arg(self.data.path()).args(&self.extra);
        let mut running = Running::start("serve", command);
        self.address = wait_for("the collector to listen", 30, || {
            assert!(running.ended().is_none(), "cairn serve ended: {}", running.stderr());
            let said = running.stdout();
            said.lines()
                .next()
                .filter(|_| said.contains('\n'))?
                .strip_prefix("listening on http://")
                .map(str::to_owned)
        });
        self.running = Some(running);
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(running) = &mut self.running {
            running.kill();
        }
    }

    /// `kill -TERM`, and waits.
    pub fn stop(&mut self) {
        if let Some(running) = &mut self.running {
            let _ = running.terminate();
        }
        self.running = None;
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A link that signs in once, and leads to a page.
    ///
    /// # Panics
    /// The verb fails.
    #[must_use]
    pub fn link_to(&self, path: &str) -> String {
        let made = self.verb(&["people", "link", "--json"]).json();
        let link = made["link"].as_str().unwrap_or_else(|| panic!("no link in {made}"));
        let encoded: String = path
            .bytes()
            .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect();
        format!("{link}&to={encoded}")
    }

    /// Where its store is.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.data.path().to_owned()
    }

    /// Runs a verb of `cairn` on its store.
    #[must_use]
    pub fn verb(&self, arguments: &[&str]) -> Done {
        let mut command = cairn(arguments);
        command.arg("--data").arg(self.data.path());
        run(command)
    }

    /// A join string good for some agents.
    ///
    /// # Panics
    /// The verb fails.
    #[must_use]
    pub fn join_string(&self, uses: usize) -> String {
        let token = self.verb(&["token", "create", "--json", "--uses", &uses.to_string()]).json();
        token["join"].as_str().unwrap_or_else(|| panic!("no join string in {token}")).to_owned()
    }

    /// Puts a person's word against what the agent finds: the machine that runs a test is often virtual itself,
    /// and would be listed, not assessed.
    ///
    /// # Panics
    /// The word is not taken.
    pub fn count_this_machine_as_physical(&self) {
        let hostname =
            run(agent(&["inventory", "--json"])).json()["hostname"].as_str().unwrap_or_default().to_owned();
        let file = self.data.path().join("physical.csv");
        let text = format!("server,virtualization,hypervisor_role\n{hostname},none,no\n");
        std::fs::write(&file, text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let told = self.verb(&["facts", "import", &file.to_string_lossy(), "--by", "the test"]);
        assert_eq!(told.code(), 0, "{}{}", told.stdout, told.stderr);
    }

    /// An assessment of a window, as JSON.
    #[must_use]
    pub fn assess(&self, from: &str, to: &str) -> serde_json::Value {
        self.verb(&["assess", "--json", "--from", from, "--to", to]).json()
    }
}
