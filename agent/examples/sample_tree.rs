//! Takes samples back to back and does nothing else, so that their instructions and system calls can be
//! counted: `sample_tree [--root DIR] [--samples N]`. The difference of two runs is the cost of the samples.
// SPDX-License-Identifier: Apache-2.0

use cairn_agent::clock::SystemClock;
use cairn_agent::root::Root;
use cairn_agent::sampler::Samplers;
use lexopt::{Arg, Parser, ValueExt as _};
use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut root, mut samples) = (Root::new("/"), 100_u64);
    let mut arguments = Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("root") => root = Root::new(arguments.value()?),
            Arg::Long("samples") => samples = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    let mut samplers = Samplers::new(&root);
    for _ in 0..samples {
        samplers.sample(&SystemClock);
    }
    let known = samplers.board().readings().iter().filter(|reading| reading.is_ok()).count();
    let series = samplers.board().keys().len();
    writeln!(std::io::stdout(), "samples={samples} series={series} known={known}")?;
    Ok(())
}
