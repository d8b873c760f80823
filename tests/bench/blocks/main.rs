//! What blocks weigh and how fast they are read: a store is weighed by series and length of block, scanned as an
//! assessment scans it, or made as large as the largest estate and assessed.
// SPDX-License-Identifier: Apache-2.0

use anyhow::{Context as _, bail};
use cairn_collector::store::sqlite::SqliteStore;
use std::io::Write as _;
use std::path::{Path, PathBuf};

mod density;
mod scale;
mod scan;
mod trace;

const USAGE: &str = "usage: blocks density [--data DIR]       bytes a value, by series and length of block
       blocks scan [--data DIR] [--rounds N] values a second and core: day blocks, 95th percentile and maximum
       blocks scale [--servers N] [--days D] [--keep DIR]    an estate of so many, assessed

Without --data the Bitbrains trace is imported first, with the real collector; python3 with pandas and pyarrow
reads it. --keep leaves the estate where it is said.";

/// What is asked, and by which options.
struct Args {
    data: Option<PathBuf>,
    keep: Option<PathBuf>,
    servers: usize,
    days: u32,
    rounds: usize,
}

fn main() -> anyhow::Result<()> {
    let mut given = std::env::args().skip(1);
    let verb = given.next().context(USAGE)?;
    let mut args = Args { data: None, keep: None, servers: 10_000, days: 30, rounds: 3 };
    while let Some(name) = given.next() {
        let value = given.next().context(USAGE)?;
        match name.as_str() {
            "--data" => args.data = Some(value.into()),
            "--keep" => args.keep = Some(value.into()),
            "--servers" => args.servers = value.parse()?,
            "--days" => args.days = value.parse()?,
            "--rounds" => args.rounds = value.parse()?,
            _ => bail!(USAGE),
        }
    }
    match verb.as_str() {
        "density" => trace::with_store(&args, |dir| density::run(dir, args.data.is_none())),
        "scan" => trace::with_store(&args, |dir| scan::run(dir, args.rounds)),
        "scale" => scale::run(&args),
        _ => bail!(USAGE),
    }
}

fn open(dir: &Path) -> anyhow::Result<SqliteStore> {
    Ok(SqliteStore::open(dir, &"default".parse()?)?)
}

fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// CPU seconds of this process so far, user and system.
fn cpu_s() -> f64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}
