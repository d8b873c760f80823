//! The real run with a clock that goes faster, to count what a sample costs with everything in: sampling, slots,
//! sealing, the spool, TLS. Under callgrind or strace an hour passes in seconds. The data directory is enrolled.
//!
//! usage: accelerated DATA SECONDS FACTOR [BATCH_EVERY_S]
// SPDX-License-Identifier: Apache-2.0

use anyhow::Context as _;
use cairn_agent::clock::{Clock, Instants, SystemClock};
use cairn_agent::config::Config;
use cairn_agent::root::Root;
use cairn_agent::run::{Host, ServiceManager, Trial, run};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

struct Fast {
    began: Instants,
    /// How far in the past it begins, so that nothing it stamps lies in the future.
    back_ms: i64,
    factor: i64,
}

impl Clock for Fast {
    fn now(&self) -> Instants {
        let passed_ns = (SystemClock.now().mono_ns - self.began.mono_ns) * self.factor;
        Instants {
            wall_ms: self.began.wall_ms - self.back_ms + passed_ns / 1_000_000,
            boot_ns: self.began.boot_ns + passed_ns,
            mono_ns: self.began.mono_ns + passed_ns,
        }
    }

    fn sleep_until(&self, mono_ns: i64) {
        SystemClock.sleep_until(self.began.mono_ns + (mono_ns - self.began.mono_ns) / self.factor);
    }
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).map(|text| text.parse::<u64>()).transpose();
    let data = arguments.first().context("usage: accelerated DATA SECONDS FACTOR [BATCH_EVERY_S]")?;
    let seconds = number(1)?.context("no seconds")?;
    let factor = number(2)?.context("no factor")?;
    let back_ms = i64::try_from(seconds)? * 1_000;
    let clock = Arc::new(Fast { began: SystemClock.now(), back_ms, factor: i64::try_from(factor)? });
    let host = Host { root: Root::new("/"), clock, service: ServiceManager::default() };
    let config = Config { batch_every_s: number(3)?, upload_every_s: Some(1), ..Config::default() };
    let stop_after = Some(Duration::from_millis(seconds * 1_000 / factor));
    run(Path::new(data), &host, &config, Trial { stop_after, ..Trial::default() })?;
    Ok(())
}
