//! How far a normalised capacity may be off, by the way it was found: measured against public results, printed
//! beside the figures. `collector/assess/tests/normalisation.rs` measures them again.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::assessment::CpuGrade;

/// `actual / predicted - 1` over CPU models.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Published {
    /// Half of the models are nearer, whichever way.
    pub median_ratio: f64,
    /// Nine of ten models are nearer, whichever way.
    pub p90_ratio: f64,
    /// The median with its sign: above 0 where the prediction is too low.
    pub bias_ratio: f64,
}

const fn published(median_ratio: f64, p90_ratio: f64, bias_ratio: f64) -> Published {
    Published { median_ratio, p90_ratio, bias_ratio }
}

/// Single results of one CPU model around their median: boards, memory and compilers differ.
pub const BENCHMARK: Published = published(0.010, 0.055, 0.0);

/// Cores by clock by generation, each model predicted by a fit that never saw it.
pub const GENERATION: Published = published(0.046, 0.131, 0.002);

/// Cores by clock alone, the same way.
pub const CORES_BY_CLOCK: Published = published(0.260, 0.431, -0.013);

/// Factors of generations against those another workload (Java, SPECpower_ssj2008) shows between the same
/// generations: what a scale from one benchmark leaves open, over generations and not over models.
pub const ANOTHER_WORKLOAD: Published = published(0.097, 0.254, 0.009);

/// What the errors and the factors of generations were measured on.
pub const SOURCE: &str =
    "fit to SPECint_rate_base2006 (2010-2014) and SPECrate2017_int_base (2017-2025), spec.org";

/// When.
pub const DATE: &str = "2026-11";

/// The error of a grade; `None` where nothing can be said of it, an assumption being no measurement.
#[must_use]
pub const fn of(grade: CpuGrade) -> Option<Published> {
    match grade {
        CpuGrade::Benchmark => Some(BENCHMARK),
        CpuGrade::Generation => Some(GENERATION),
        CpuGrade::CoresByClock => Some(CORES_BY_CLOCK),
        CpuGrade::Fastest | CpuGrade::CoresOnly | CpuGrade::Unknown => None,
    }
}
