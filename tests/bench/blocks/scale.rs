//! An estate as large as one collector is meant for, made through the store's own writer, and how long an assessment
//! of it takes: until it has read the estate, and in all.
// SPDX-License-Identifier: Apache-2.0

use super::{Args, open, say};
use cairn_collector::demo::add_simulated;
use cairn_collector::estate;
use cairn_collector::simulate::Population;
use cairn_collector::store::Store as _;
use cairn_collector::store::sqlite::SqliteStore;
use cairn_tests::harness;
use std::path::Path;
use std::time::Instant;

const SEED: u64 = 1;
/// Lines of progress.
const STEPS: usize = 10;

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let home = harness::fresh_dir("scale");
    let dir = args.keep.as_deref().unwrap_or_else(|| home.path());
    make(dir, args)?;
    read(&open(dir)?)?;
    assess(dir)
}

/// As an assessment begins: all weeks of all servers.
fn read(store: &SqliteStore) -> anyhow::Result<()> {
    let Some(window) = store.extent()? else { anyhow::bail!("nothing was made") };
    let begun = Instant::now();
    let estate = estate::load(store, window)?;
    let weeks: usize = estate.servers.iter().map(|server| server.weeks.len()).sum();
    say(&format!(
        "MEASURED scale: {} servers and {weeks} weeks read in {:.1} s",
        estate.servers.len(),
        begun.elapsed().as_secs_f64()
    ))
}

fn assess(dir: &Path) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut assess = harness::cairn(&["assess", "--data"]);
    assess.arg(dir);
    let mut running = harness::Running::start("assess", assess);
    let mut resident_mb = 0.0_f64;
    let status = harness::wait_for("the assessment", 3_600, || {
        resident_mb = resident_mb.max(peak_mb(running.id()).unwrap_or(0.0));
        running.ended()
    });
    anyhow::ensure!(status.success(), "cairn assess: {}", running.stderr());
    say(&format!(
        "MEASURED scale: assessed in {:.1} s, {:.2} GB resident at most",
        begun.elapsed().as_secs_f64(),
        resident_mb / 1e3
    ))
}

/// Most resident memory of a process so far.
fn peak_mb(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().split(' ').next()?.parse::<f64>().ok()? / 1e3)
}

fn make(dir: &Path, args: &Args) -> anyhow::Result<()> {
    let begun = Instant::now();
    let store = open(dir)?;
    let population = Population::new(args.servers, args.days, harness::now(), SEED);
    let step = args.servers.div_ceil(STEPS);
    let added = add_simulated(&store, &population, |added| {
        if added.servers % step == 0 {
            let _ = say(&format!("{} servers in {:.0} s", added.servers, begun.elapsed().as_secs_f64()));
        }
    })?;
    let bytes = std::fs::metadata(store.path())?.len();
    say(&format!(
        "MEASURED scale: {} servers, {:.1} million values made in {:.0} s, {:.2} GB, {:.3} bytes a value in all",
        added.servers,
        added.values as f64 / 1e6,
        begun.elapsed().as_secs_f64(),
        bytes as f64 / 1e9,
        bytes as f64 / added.values as f64
    ))
}
