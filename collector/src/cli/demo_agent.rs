//! The hidden verb behind which `cairn demo` runs a real agent: this program again, as a process of its own.
// SPDX-License-Identifier: Apache-2.0

use clap::Args;
use std::ffi::OsString;
use std::process::ExitCode;

/// Name of the verb.
pub const VERB: &str = "demo-agent";

/// What is handed to the agent unread.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub struct DemoAgentArgs {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// Runs the agent.
pub fn run(args: DemoAgentArgs) -> ExitCode {
    cairn_agent::cli::main_with_args(args.args)
}
