//! Writes a generated `/proc` and `/sys` to measure on:
//! `make_tree --cpus 256 --disks 500 --interfaces 500 [--second N] DIR`.
// SPDX-License-Identifier: Apache-2.0

#[path = "../src/sampler/generated_tree.rs"]
mod generated_tree;

use generated_tree::Shape;
use lexopt::{Arg, Parser, ValueExt as _};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut shape = Shape { cpus: 2, disks: 2, interfaces: 2 };
    let (mut second, mut tree) = (0, None);
    let mut arguments = Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("cpus") => shape.cpus = arguments.value()?.parse()?,
            Arg::Long("disks") => shape.disks = arguments.value()?.parse()?,
            Arg::Long("interfaces") => shape.interfaces = arguments.value()?.parse()?,
            Arg::Long("second") => second = arguments.value()?.parse()?,
            Arg::Value(directory) if tree.is_none() => tree = Some(directory),
            other => return Err(other.unexpected().into()),
        }
    }
    generated_tree::write(tree.ok_or("which directory?")?.as_ref(), shape, second)?;
    Ok(())
}
