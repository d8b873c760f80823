//! `cairn-agent`: reads arguments and environment, and nothing else does.
// SPDX-License-Identifier: Apache-2.0

use std::process::ExitCode;

fn main() -> ExitCode {
    cairn_agent::cli::main_with_args(std::env::args_os().skip(1))
}
