//! `collect`: samples without any network into a bundle, which a person carries to the collector.
// SPDX-License-Identifier: Apache-2.0

use super::{Arguments, Exit, Terminal, print_json};
use crate::bundle::{Collected, Collection};
use crate::config::Config;
use anyhow::anyhow;
use std::io::Write;

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let Some(out) = &arguments.out else {
        writeln!(terminal.err, "cairn-agent: collect needs --out FILE")?;
        return Ok(Exit::Usage);
    };
    let config = Config::load(&arguments.data, arguments.environment, arguments.flags)
        .map_err(|why| anyhow!("configuration: {why}"))?;
    super::run::log(terminal);
    let (data, host) = (&arguments.data, &super::run::host(arguments));
    let collection = Collection::open(data, host, &config, out, arguments.duration)?;
    let collected = if collection.is_done(host.clock.now().timestamp()) {
        collection.collected()
    } else {
        if !arguments.json {
            announce(terminal.out, &collection)?;
        }
        collection.run(data, host, &config, arguments.trial.slot_width_s)?
    };
    if arguments.json {
        print_json(terminal.out, &collected)?;
    } else {
        print(terminal.out, &collected)?;
    }
    Ok(if collected.is_partial { Exit::Partial } else { Exit::Done })
}

fn announce(out: &mut dyn Write, collection: &Collection) -> std::io::Result<()> {
    let state = collection.state();
    let verb = if state.batches > 0 { "going on with" } else { "collecting into" };
    writeln!(out, "{verb} {} until {}", state.path, state.until)?;
    writeln!(out, "  agent {}", collection.header().agent_id)?;
    writeln!(out, "  key   {}   write it down: `cairn import bundle` shows the same", state.key)?;
    out.flush()
}

fn print(out: &mut dyn Write, collected: &Collected) -> std::io::Result<()> {
    let Collected { bundle, seal, is_finished, is_partial } = collected;
    let end = if *is_finished { "finished" } else { "stopped; the same command goes on with it" };
    writeln!(out, "{}: {} batches, {end}", bundle.path, bundle.batches)?;
    writeln!(out, "  key   {}", bundle.key)?;
    writeln!(out, "  seal  {seal}")?;
    if *is_partial {
        writeln!(
            out,
            "  batches are left that its disk did not take: free space and run the same command again"
        )?;
    }
    Ok(())
}
