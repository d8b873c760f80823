//! `cairn`: the only place of the collector that reads arguments and environment.
// SPDX-License-Identifier: Apache-2.0

use std::process::ExitCode;

fn main() -> ExitCode {
    cairn_collector::cli::main(std::env::args_os())
}
