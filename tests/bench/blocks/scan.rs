//! Values a second and core. A full scan reads every day block and summarises it week by week, as an assessment does
//! where it has no summary it can use; the query asks 95th percentile and maximum of every server off the summaries.
// SPDX-License-Identifier: Apache-2.0

use super::{cpu_s, open, say};
use cairn_assess::estate::Week;
use cairn_assess::load::{merge, summarise};
use cairn_collector::store::{Source, Store};
use cairn_schemas::time::{Timestamp, WEEK_S, Window};
use cairn_schemas::value_code::Code;
use std::path::Path;

/// What one pass took.
#[derive(Clone, Copy, Default)]
struct Pass {
    values: u64,
    read_s: f64,
    summarised_s: f64,
}

pub(crate) fn run(dir: &Path, rounds: usize) -> anyhow::Result<()> {
    let store = open(dir)?;
    let sources = store.sources()?;
    let Some(extent) = store.extent()? else { anyhow::bail!("nothing is measured in {}", dir.display()) };
    for _ in 0..rounds {
        let mut pass = Pass::default();
        for source in &sources {
            scan(&store, source, extent, &mut pass)?;
        }
        let values = pass.values as f64 / 1e6;
        say(&format!(
            "MEASURED scan: {values:.1} million values: {:.1} million/s a core ({:.2} s reading and unpacking, {:.2} s \
             summarising)",
            values / (pass.read_s + pass.summarised_s),
            pass.read_s,
            pass.summarised_s
        ))?;
        let before = cpu_s();
        let asked =
            sources.iter().try_fold(0, |asked, source| anyhow::Ok(asked + query(&store, source, extent)?))?;
        say(&format!(
            "MEASURED scan: 95th percentile and maximum of {asked} series of {} servers off the summaries: {:.1} ms CPU",
            sources.len(),
            1e3 * (cpu_s() - before)
        ))?;
    }
    Ok(())
}

fn scan(store: &dyn Store, source: &Source, extent: Window, pass: &mut Pass) -> anyhow::Result<()> {
    let mut start = extent.from.start_of_week();
    while start < extent.to {
        let week = Window { from: start, to: Timestamp(start.0 + WEEK_S) };
        let begun = cpu_s();
        let tables = store.day_tables(source.id, week)?;
        let read = cpu_s();
        std::hint::black_box(summarise(start, &tables.iter().collect::<Vec<_>>(), week));
        pass.summarised_s += cpu_s() - read;
        pass.read_s += read - begun;
        pass.values += tables.iter().map(|table| table.values_known() as u64).sum::<u64>();
        start = week.to;
    }
    Ok(())
}

/// Answers for each resource of a server, and says how many there were.
fn query(store: &dyn Store, source: &Source, extent: Window) -> anyhow::Result<usize> {
    let weeks = store.weeks(source.id, extent)?;
    let Some(all) = weeks
        .into_iter()
        .map(|week| Week { start: Timestamp(0), ..week })
        .fold(None, |all, week| merge(all, Some(week)))
    else {
        return Ok(0);
    };
    let answers = all.loads.iter().flatten().filter_map(|load| p95_and_max(&load.counts));
    Ok(answers.map(std::hint::black_box).count())
}

/// Of counts ascending by code.
fn p95_and_max(counts: &[(Code, u32)]) -> Option<(Code, Code)> {
    let all: u64 = counts.iter().map(|(_, count)| u64::from(*count)).sum();
    let mut below = 0;
    let p95 = counts.iter().find(|(_, count)| {
        below += u64::from(*count);
        below * 20 >= all * 19
    })?;
    Some((p95.0, counts.last()?.0))
}
