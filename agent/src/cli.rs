//! The command line: verbs, options, exit codes. The only module that prints.
// SPDX-License-Identifier: Apache-2.0

mod arguments;
mod bounded_log;
mod change_pack;
mod collect;
mod enroll;
mod explain;
mod inventory;
mod once;
mod run;
mod status;
mod uninstall;

use arguments::{Arguments, Verb};
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write};
use std::process::ExitCode;

/// Exit codes, the same for every verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Failed; standard error says what, why, and what to do.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// Not enrolled.
    NotEnrolled = 3,
    /// The collector does not answer.
    Unreachable = 4,
    /// Done in part: batches are left in the spool.
    Partial = 5,
}

/// What a verb may write to, and what it must know of the terminal.
struct Terminal<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    colour: bool,
}

/// The whole program on the real terminal and environment. `args` is without the program's name.
pub fn main_with_args(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let environment = |name: &str| std::env::var_os(name);
    let colour = std::io::stderr().is_terminal() && environment("NO_COLOR").is_none_or(|v| v.is_empty());
    let (out, err) = (&mut std::io::stdout().lock(), &mut std::io::stderr());
    ExitCode::from(run(args, &environment, Terminal { out, err, colour }) as u8)
}

/// The program on a given environment and writers.
fn run(
    args: impl IntoIterator<Item = OsString>,
    environment: &dyn Fn(&str) -> Option<OsString>,
    mut terminal: Terminal<'_>,
) -> Exit {
    let arguments = match Arguments::parse(args, environment) {
        Ok(arguments) => arguments,
        Err(why) => {
            let _ = writeln!(terminal.err, "cairn-agent: {why}\nTry `cairn-agent --help`.");
            return Exit::Usage;
        }
    };
    let Some(verb) = arguments.verb.filter(|_| !arguments.help) else {
        let _ = write!(terminal.out, "{}", arguments::help(arguments.verb));
        return Exit::Done;
    };
    let done = match verb {
        Verb::Run => run::run(&arguments, &terminal),
        Verb::Collect => collect::run(&arguments, &mut terminal),
        Verb::Once => once::run(&arguments, &mut terminal),
        Verb::Enroll => enroll::run(&arguments, &mut terminal),
        Verb::Inventory => inventory::run(&arguments, &mut terminal),
        Verb::Explain => explain::run(&arguments, &mut terminal),
        Verb::Status => status::run(&arguments, &mut terminal),
        Verb::ChangePack => change_pack::run(&arguments, &mut terminal),
        Verb::Uninstall => uninstall::run(&arguments, &mut terminal),
    };
    done.unwrap_or_else(|error| {
        let exit = exit_of(&error);
        // A reader that has seen enough (`| head`) is no failure.
        if error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
        {
            return Exit::Done;
        }
        let _ = writeln!(terminal.err, "cairn-agent: {error:#}");
        exit
    })
}

fn exit_of(error: &anyhow::Error) -> Exit {
    use crate::identity::IdentityError;
    use crate::uplink::http::EnrolError;
    if matches!(error.downcast_ref(), Some(IdentityError::NotEnrolled(_))) {
        Exit::NotEnrolled
    } else if matches!(error.downcast_ref(), Some(EnrolError::Unreachable { .. })) {
        Exit::Unreachable
    } else {
        Exit::Failed
    }
}

/// Prints a value as JSON.
fn print_json(out: &mut dyn Write, value: &impl serde::Serialize) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value).map_err(std::io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

#[cfg(test)]
#[path = "cli_tests.rs"]
mod tests;
