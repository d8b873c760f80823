//! Estates of trace-derived replicas, 168 cells x 4 dimensions: hosts, bound, gap and cost, beside one plain
//! first-fit pass and the naive practice. Replicas of the trace, amplitude x 0.6-1.5, up to 3 hours apart.
// SPDX-License-Identifier: Apache-2.0

use crate::meter::{peak_mb, timed, timed_often};
use cairn_assess::packing::vector::{Items, pack, unsearched};
use std::path::Path;

pub(crate) const CELLS: usize = 168;
pub(crate) const LANES: usize = 4 * CELLS;
const FULL: u16 = 24_000;
/// A host of 120 GHz and 256 GB, with disk and network that rarely bind, filled to 80 %.
const HOST: [f64; 4] = [120e3 * 0.8, 256.0 * 1_048_576.0 * 0.8, 4e6 * 0.8, 2.5e6 * 0.8];

/// Servers, and moves of the search per server.
const ESTATES: [(usize, u64); 3] = [(10_000, 6_000), (50_000, 6_000), (100_000, 6_000)];

pub(crate) fn run(prepared: &Path, small: bool) {
    let Some(trace) = trace(prepared) else { return };
    println!(
        "servers,hosts,bound,gap_%,constructed,cpu_s,build_cpu_s,first_fit_hosts,first_fit_cpu_s,times_first_fit,naive_hosts,peak_mb"
    );
    let estates = if small { vec![(1_000, 5_000)] } else { ESTATES.to_vec() };
    for (servers, steps) in estates {
        one(&trace, servers, steps);
    }
}

/// Rows of the trace, [`LANES`] numbers each.
pub(crate) fn trace(prepared: &Path) -> Option<Vec<f32>> {
    let Ok(bytes) = std::fs::read(prepared.join("profiles.f32")) else {
        println!("SKIPPED: profiles.f32 is not in {}", prepared.display());
        return None;
    };
    Some(bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}

fn one(trace: &[f32], servers: usize, steps: u64) {
    let (items, build_s) = timed(|| items(trace, servers));
    let (first_fit, first_fit_s) = timed_often(|| unsearched(&items));
    let (packing, cpu_s) = timed(|| pack(&items, steps * servers as u64));
    let peak = peak_mb();
    let (hosts, bound) = (packing.bins.len(), packing.lower_bound);
    println!(
        "{servers},{hosts},{bound},{:.3},{},{cpu_s:.2},{build_s:.2},{first_fit},{first_fit_s:.4},{:.0},{},{peak:.0}",
        (hosts as f64 / bound as f64 - 1.0) * 100.0,
        packing.constructed,
        cpu_s / first_fit_s,
        naive(trace, servers)
    );
}

/// Rows one after the other: the demand of the whole estate is never held as floating point.
fn items(trace: &[f32], servers: usize) -> Items {
    let mut items = Items::new(vec![FULL; LANES], servers, 1);
    let mut units = [0.0; LANES];
    for server in 0..servers {
        replica(trace, server, &mut units);
        let rounded = units.map(|units| units.ceil() as u16);
        items.push(&rounded, units);
    }
    items
}

/// Demand of a replica in units of a full host.
fn replica(trace: &[f32], server: usize, units: &mut [f64; LANES]) {
    let rows = trace.len() / LANES;
    let mut random = Stream(server as u64 * 7 + 1);
    let original = &trace[server % rows * LANES..][..LANES];
    let copied = server < rows;
    let shift = if copied { 0 } else { (random.unit() * 7.0) as usize + CELLS - 3 };
    for (dimension, room) in HOST.iter().enumerate() {
        let factor = if copied { 1.0 } else { 0.6 + 0.9 * random.unit() };
        for cell in 0..CELLS {
            let value = f64::from(original[dimension * CELLS + (cell + shift) % CELLS]) * factor;
            // What would not fit a host alone is cut to one: oversized servers are no part of this measure.
            units[dimension * CELLS + cell] = (value / room).min(1.0) * f64::from(FULL);
        }
    }
}

/// The practice: 95th percentile of CPU and memory, first-fit decreasing.
fn naive(trace: &[f32], servers: usize) -> usize {
    let mut items = Items::new(vec![FULL; 2], servers, 1);
    let mut units = [0.0; LANES];
    let p95 = |cells: &[f64]| {
        let mut sorted = cells.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[CELLS * 95 / 100]
    };
    for server in 0..servers {
        replica(trace, server, &mut units);
        let sizes = [p95(&units[..CELLS]), p95(&units[CELLS..2 * CELLS])];
        items.push(&sizes.map(|size| size.ceil() as u16), sizes);
    }
    unsearched(&items)
}

/// `SplitMix64`, fixed seed.
pub(crate) struct Stream(pub(crate) u64);

impl Stream {
    pub(crate) fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
