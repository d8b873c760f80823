//! Packing against its goals: the public sets with known optimum, estates of up to 100,000 servers, and what-if
//! answers. Reads what `tests/bench/packing/run` prepares under `CAIRN_PACKING`; says what it skips.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::print_stdout, reason = "a bench prints its table")]
#![allow(clippy::disallowed_methods, reason = "a bench reads its data and its own cost; the core does not")]

#[path = "packing/estate.rs"]
mod estate;
#[path = "packing/meter.rs"]
mod meter;
#[path = "packing/public_sets.rs"]
mod public_sets;
#[path = "packing/whatif.rs"]
mod whatif;

use std::path::PathBuf;

fn main() {
    let small = std::env::args().any(|arg| arg == "--small");
    let wanted = |name: &str| {
        std::env::args().all(|arg| !arg.starts_with("only="))
            || std::env::args().any(|arg| arg == format!("only={name}"))
    };
    let Some(prepared) = std::env::var_os("CAIRN_PACKING").map(PathBuf::from) else {
        println!("SKIPPED: CAIRN_PACKING is not set; run tests/bench/packing/run, which prepares the data");
        return;
    };
    if wanted("sets") {
        public_sets::run(&prepared, small);
    }
    if wanted("estates") {
        estate::run(&prepared, small);
    }
    if wanted("whatif") {
        whatif::run(&prepared);
    }
}
