//! `cairn plan`: plain vector bin packing of a file, without an engagement.
// SPDX-License-Identifier: Apache-2.0

use super::Exit;
use anyhow::Context as _;
use cairn_assess::packing::vbp;
use cairn_assess::packing::vector::{Items, pack};
use clap::Args;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;

/// Packs the items of a vector packing file into as few bins as it finds, and proves how few there can be.
///
/// The file is the public `.vbp` text: the number of dimensions, the capacities of a bin, the number of item
/// lines, and on each of those the sizes of an item and how many of it there are.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Moves the search may try; it ends sooner when the bound is reached.
    #[arg(long, value_name = "N", default_value_t = 20_000_000)]
    steps: u64,
    /// Prints the packing as JSON.
    #[arg(long)]
    json: bool,
}

/// A packing. Items are numbered from 1 in the order of the file, copies one after the other.
#[derive(Debug, Serialize)]
struct Planned {
    items: usize,
    bins: usize,
    lower_bound_bins: usize,
    /// Null when there is nothing to pack.
    proven_gap_ratio: Option<f64>,
    /// The gap to what the configuration program says, where that is above the bound and not proven.
    estimated_gap_ratio: Option<f64>,
    assignment: Vec<Vec<usize>>,
}

pub(super) fn run(args: &Plan, out: &mut impl Write) -> anyhow::Result<Exit> {
    let file = args.file.display();
    let text = std::fs::read_to_string(&args.file).with_context(|| format!("{file} could not be read"))?;
    let planned = plan(&text, args.steps).with_context(|| format!("{file} is no vector packing file"))?;
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &planned)?;
        writeln!(out)?;
    } else {
        print(&planned, out)?;
    }
    Ok(Exit::Done)
}

fn plan(text: &str, steps: u64) -> Result<Planned, vbp::Malformed> {
    let instance = vbp::parse(text)?;
    let (items, order) = Items::of(&instance);
    let packing = pack(items, steps);
    let numbered = |bin: Vec<usize>| {
        let mut numbers: Vec<usize> = bin.into_iter().map(|item| order[item] + 1).collect();
        numbers.sort_unstable();
        numbers
    };
    let mut assignment: Vec<Vec<usize>> = packing.bins.into_iter().map(numbered).collect();
    assignment.sort_unstable();
    let (bins, bound) = (assignment.len(), packing.lower_bound);
    let proven_gap_ratio = (bound > 0).then(|| (bins - bound) as f64 / bound as f64);
    let estimated = packing.estimated_bound;
    let estimated_gap_ratio = (estimated > bound).then(|| (bins - estimated) as f64 / estimated as f64);
    Ok(Planned {
        items: order.len(),
        bins,
        lower_bound_bins: bound,
        proven_gap_ratio,
        estimated_gap_ratio,
        assignment,
    })
}

fn print(planned: &Planned, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(
        out,
        "{} items in {} bins; no packing has fewer than {}",
        planned.items, planned.bins, planned.lower_bound_bins
    )?;
    match planned.proven_gap_ratio {
        Some(gap) if gap > 0.0 => writeln!(out, "proven gap: {:.1} %", gap * 100.0)?,
        Some(_) => writeln!(out, "proven gap: 0 %, no packing is better")?,
        None => {}
    }
    if let Some(gap) = planned.estimated_gap_ratio {
        writeln!(out, "estimated gap, not proven: {:.1} %", gap * 100.0)?;
    }
    for (number, bin) in planned.assignment.iter().enumerate() {
        let items: Vec<String> = bin.iter().map(usize::to_string).collect();
        writeln!(out, "bin {}: {}", number + 1, items.join(" "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> String {
        let mut out = Vec::new();
        print(&plan(text, 1_000).unwrap(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn bins_bound_gap_and_assignment_are_printed() {
        let expected =
            "4 items in 2 bins; no packing has fewer than 2\nproven gap: 0 %, no packing is better\n";
        assert_eq!(printed("1\n10\n3\n7 1\n3 2\n6 1\n"), format!("{expected}bin 1: 1 2\nbin 2: 3 4\n"));
        // Each pair passes 10 in a dimension of its own; only the configuration program shows it.
        let gap = "3 items in 3 bins; no packing has fewer than 3\nproven gap: 0 %, no packing is better\n";
        assert!(printed("3\n10 10 10\n3\n6 6 0 1\n5 0 6 1\n0 5 5 1\n").starts_with(gap));
        assert_eq!(printed("1\n10\n0\n"), "0 items in 0 bins; no packing has fewer than 0\n");
    }

    #[test]
    fn a_malformed_file_is_refused_with_file_line_and_field() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("bad.vbp");
        std::fs::write(&file, "2\n10 10\n1\n4 -3 1\n").unwrap();
        let error = run(&Plan { file, steps: 1, json: true }, &mut Vec::new()).unwrap_err();
        let said = format!("{error:#}");
        assert!(
            said.contains("bad.vbp") && said.contains("line 4, field 2") && said.contains("negative"),
            "{said}"
        );
    }

    #[test]
    fn the_order_of_the_items_changes_no_count() {
        let counts = |text: &str| {
            let planned = plan(text, 1_000).unwrap();
            (planned.bins, planned.lower_bound_bins)
        };
        assert_eq!(
            counts("2\n10 10\n3\n6 1 2\n3 9 1\n4 2 3\n"),
            counts("2\n10 10\n3\n4 2 3\n3 9 1\n6 1 2\n")
        );
    }
}
