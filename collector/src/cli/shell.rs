//! `cairn completions` and `cairn man`: what a shell and `man` know of the command line, written from the command line
//! itself.
// SPDX-License-Identifier: Apache-2.0

use super::{Cli, Exit};
use anyhow::Context as _;
use clap::{Args, CommandFactory as _};
use std::io::Write;
use std::path::PathBuf;

/// Prints completions for a shell.
///
/// bash: cairn completions bash > ~/.local/share/bash-completion/completions/cairn
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell.
    pub(super) shell: clap_complete::Shell,
}

pub(super) fn completions(args: &Completions, out: &mut impl Write) -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "cairn", &mut text);
    out.write_all(&text)?;
    Ok(Exit::Done)
}

/// Writes a man page for each verb.
#[derive(Debug, Args)]
pub(super) struct Man {
    /// Folder they go into, as ~/.local/share/man/man1; made when it is missing.
    pub(super) dir: PathBuf,
}

pub(super) fn man(args: &Man, out: &mut impl Write) -> anyhow::Result<Exit> {
    let tried = || format!("writing man pages into {}", args.dir.display());
    std::fs::create_dir_all(&args.dir).with_context(tried)?;
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    clap_mangen::generate_to(command, &args.dir).with_context(tried)?;
    writeln!(out, "man pages are in {}", args.dir.display())?;
    Ok(Exit::Done)
}
