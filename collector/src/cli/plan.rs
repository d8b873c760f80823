//! `cairn plan`: plain vector bin packing of a file, without an engagement.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, progress};
use anyhow::Context as _;
use cairn_assess::packing::vbp::{self, Instance};
use cairn_assess::packing::vector::{Items, Packing, pack};
use cairn_assess::packing::vector_json;
use cairn_schemas::assessment::BoundBasis;
use clap::Args;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Moves the search begins with under a budget of time.
const STEPS_FIRST: u64 = 500_000;
/// What is left of the time buys a search at most this many times as long as the one before.
const LONGER_MAX: f64 = 8.0;

/// Packs the items of a vector packing file into as few bins as it finds, and proves how few there can be.
///
/// The file is JSON, {"capacity": [..], "items": [[..], ..]}, or the public text format: the number of dimensions, the
/// capacities of a bin, the number of item lines, and on each of those the sizes of an item and how many of it there are.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Moves the search may try; it ends sooner when the bound is reached. The same number gives the same packing.
    #[arg(long, value_name = "N", default_value_t = 20_000_000)]
    steps: u64,
    /// About how long to search instead: 3s, 500ms.
    #[arg(long, value_name = "T", value_parser = budget, conflicts_with = "steps")]
    budget: Option<Duration>,
    /// Prints the packing as JSON.
    #[arg(long)]
    json: bool,
}

/// A packing as JSON. Bins and items are numbered from 0.
#[derive(Debug, Serialize)]
struct Planned {
    bins: usize,
    lower_bound: usize,
    /// What proves it.
    bound_basis: BoundBasis,
    /// Null when there is nothing to pack.
    proven_gap_ratio: Option<f64>,
    /// The gap to what the configuration program says, where that is above the bound and not proven.
    estimated_gap_ratio: Option<f64>,
    /// The bin of each item, in the order of the file, copies one after the other.
    assignment: Vec<usize>,
}

pub(super) fn run(args: &Plan, out: &mut impl Write) -> anyhow::Result<Exit> {
    let file = args.file.display();
    let text = std::fs::read_to_string(&args.file).with_context(|| format!("{file} could not be read"))?;
    let instance = read(&text).with_context(|| format!("{file} is no vector packing file"))?;
    let planned = progress::during("packing", || {
        plan(&instance, |items| match args.budget {
            Some(budget) => pack_within(items, budget),
            None => pack(items, args.steps),
        })
    });
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &planned)?;
        writeln!(out)?;
    } else {
        print(&planned, out)?;
    }
    Ok(Exit::Done)
}

/// Either format; only JSON begins with a brace.
fn read(text: &str) -> anyhow::Result<Instance> {
    let is_json = text.trim_start().starts_with('{');
    Ok(if is_json { vector_json::parse(text)? } else { vbp::parse(text)? })
}

/// Ever longer searches while there is time for them; the fewest bins found.
fn pack_within(items: &Items, budget: Duration) -> Packing {
    let began = Instant::now();
    let mut steps = STEPS_FIRST;
    let mut best = pack(items, steps);
    let mut took = began.elapsed();
    while best.bins.len() > best.lower_bound {
        let left = budget.saturating_sub(began.elapsed());
        let longer = (left.as_secs_f64() / took.as_secs_f64().max(1e-6)).min(LONGER_MAX);
        if longer < 1.0 {
            break;
        }
        steps = (steps as f64 * longer) as u64;
        let since = Instant::now();
        let next = pack(items, steps);
        took = since.elapsed();
        if next.bins.len() < best.bins.len() {
            best = next;
        }
    }
    best
}

fn plan(instance: &Instance, packed: impl FnOnce(&Items) -> Packing) -> Planned {
    let (items, order) = Items::of(instance);
    let packing = packed(&items);
    let mut bins: Vec<Vec<usize>> =
        packing.bins.iter().map(|bin| bin.iter().map(|&item| order[item]).collect()).collect();
    bins.sort_by_key(|bin: &Vec<usize>| bin.iter().min().copied());
    let mut assignment = vec![0; order.len()];
    for (number, bin) in bins.iter().enumerate() {
        bin.iter().for_each(|&item| assignment[item] = number);
    }
    let gap_to = |bound: usize| (bins.len() - bound) as f64 / bound as f64;
    let (bound, estimated) = (packing.lower_bound, packing.estimated_bound);
    Planned {
        bins: bins.len(),
        lower_bound: bound,
        bound_basis: packing.bound_basis,
        proven_gap_ratio: (bound > 0).then(|| gap_to(bound)),
        estimated_gap_ratio: (estimated > bound).then(|| gap_to(estimated)),
        assignment,
    }
}

/// `3s`, `500ms`.
fn budget(text: &str) -> Result<Duration, String> {
    let parsed = text.strip_suffix("ms").map(|number| (number, 1)).or_else(|| {
        let number = text.strip_suffix('s')?;
        Some((number, 1_000))
    });
    let budget = parsed.and_then(|(number, unit_ms)| {
        let number: u64 = number.parse().ok().filter(|n| (1..=100_000).contains(n))?;
        Some(Duration::from_millis(number * unit_ms))
    });
    budget.ok_or_else(|| "give a number and s or ms: 3s, 500ms".to_owned())
}

fn print(planned: &Planned, out: &mut impl Write) -> std::io::Result<()> {
    let items = planned.assignment.len();
    writeln!(
        out,
        "{items} items in {} bins; no packing has fewer than {}",
        planned.bins, planned.lower_bound
    )?;
    match planned.proven_gap_ratio {
        Some(gap) if gap > 0.0 => writeln!(out, "proven gap: {:.1} %", gap * 100.0)?,
        Some(_) => writeln!(out, "proven gap: 0 %, no packing is better")?,
        None => {}
    }
    if let Some(gap) = planned.estimated_gap_ratio {
        writeln!(out, "estimated gap, not proven: {:.1} %", gap * 100.0)?;
    }
    let mut bins = vec![Vec::new(); planned.bins];
    for (item, &bin) in planned.assignment.iter().enumerate() {
        bins[bin].push(item.to_string());
    }
    for (bin, items) in bins.iter().enumerate() {
        writeln!(out, "bin {bin}: {}", items.join(" "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(text: &str) -> Planned {
        plan(&read(text).unwrap(), |items| pack(items, 1_000))
    }

    fn printed(text: &str) -> String {
        let mut out = Vec::new();
        print(&planned(text), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn bins_bound_gap_and_assignment_are_printed() {
        let expected =
            "4 items in 2 bins; no packing has fewer than 2\nproven gap: 0 %, no packing is better\n";
        assert_eq!(printed("1\n10\n3\n7 1\n3 2\n6 1\n"), format!("{expected}bin 0: 0 1\nbin 1: 2 3\n"));
        // Each pair passes 10 in a dimension of its own; only the configuration program shows it.
        let gap = "3 items in 3 bins; no packing has fewer than 3\nproven gap: 0 %, no packing is better\n";
        assert!(printed("3\n10 10 10\n3\n6 6 0 1\n5 0 6 1\n0 5 5 1\n").starts_with(gap));
        assert_eq!(printed("1\n10\n0\n"), "0 items in 0 bins; no packing has fewer than 0\n");
    }

    #[test]
    fn json_in_json_out_by_the_contract() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("four.json");
        std::fs::write(&file, r#"{"capacity": [10], "items": [[7], [3], [3], [6]]}"#).unwrap();
        for budget in [None, Some(Duration::from_millis(1))] {
            let (file, mut out) = (file.clone(), Vec::new());
            run(&Plan { file, steps: 1_000, budget, json: true }, &mut out).unwrap();
            let answer: serde_json::Value = serde_json::from_slice(&out).unwrap();
            assert_eq!((&answer["bins"], &answer["lower_bound"]), (&2.into(), &2.into()));
            assert_eq!(answer["assignment"], serde_json::json!([0, 0, 1, 1]));
        }
    }

    #[test]
    fn a_malformed_file_is_refused_with_file_line_and_field() {
        let dir = tempfile::tempdir().unwrap();
        let check = |text: &str, parts: &[&str]| {
            let file = dir.path().join("bad");
            std::fs::write(&file, text).unwrap();
            let error = run(&Plan { file, steps: 1, budget: None, json: true }, &mut Vec::new()).unwrap_err();
            let said = format!("{error:#}");
            assert!(parts.iter().all(|part| said.contains(part)), "{said}");
        };
        check("2\n10 10\n1\n4 -3 1\n", &["bad is no", "line 4, field 2", "negative"]);
        check(r#"{"capacity": [9], "items": [[-3]]}"#, &["bad is no", "items[0][0]", "negative"]);
    }

    #[test]
    fn the_order_of_the_items_changes_no_count() {
        let counts = |text: &str| (planned(text).bins, planned(text).lower_bound);
        assert_eq!(
            counts("2\n10 10\n3\n6 1 2\n3 9 1\n4 2 3\n"),
            counts("2\n10 10\n3\n4 2 3\n3 9 1\n6 1 2\n")
        );
    }

    #[test]
    fn budgets() {
        assert_eq!(
            (budget("3s"), budget("500ms")),
            (Ok(Duration::from_secs(3)), Ok(Duration::from_millis(500)))
        );
        for wrong in ["", "3", "s", "ms", "0s", "-1s", "1.5s", "3m"] {
            assert!(budget(wrong).is_err(), "{wrong}");
        }
    }
}
