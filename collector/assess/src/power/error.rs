//! How far predicted watts may be off, by the way they were found: measured on models left out of the fit, printed
//! beside the figures. `collector/assess/tests/power.rs` measures them again.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::assessment::{PowerError, PowerGrade, PowerUse};

/// Over models of processors, each predicted by a fit that never saw it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Published {
    /// Half of the models are nearer: `|actual / predicted - 1|`.
    pub median_ratio: f64,
    /// Nine of ten models are nearer.
    pub p90_ratio: f64,
    /// Median of `actual / predicted - 1`: above 0 where the prediction is too low.
    pub bias_ratio: f64,
    /// Tenth and ninetieth percentile of `actual / predicted`.
    pub p10_p90_factor: (f64, f64),
}

/// Errors of a grade, at idle and under full load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradeError {
    /// At idle.
    pub idle: Published,
    /// Under full load.
    pub max: Published,
}

const fn published(median: f64, p90: f64, bias: f64, p10_p90_factor: (f64, f64)) -> Published {
    Published { median_ratio: median, p90_ratio: p90, bias_ratio: bias, p10_p90_factor }
}

/// By generation and size.
pub const GENERATION: GradeError = GradeError {
    idle: published(0.144, 0.421, -0.033, (0.744, 1.421)),
    max: published(0.104, 0.295, 0.004, (0.806, 1.260)),
};

/// By size alone.
pub const SIZE: GradeError = GradeError {
    idle: published(0.359, 1.337, 0.000, (0.624, 2.337)),
    max: published(0.190, 0.459, -0.034, (0.658, 1.400)),
};

/// What it was measured on.
pub const SOURCE: &str =
    "fit to SPECpower_ssj2008 (2007-2021), spec.org; each CPU model predicted from all others";

/// When.
pub const DATE: &str = "2026-11";

/// The error of a grade; `None` where nothing can be said of it: a meter has its own, an assumption has none.
#[must_use]
pub const fn of(grade: PowerGrade) -> Option<GradeError> {
    match grade {
        PowerGrade::Generation => Some(GENERATION),
        PowerGrade::Size => Some(SIZE),
        PowerGrade::Metered | PowerGrade::Assumed => None,
    }
}

/// So many servers of a grade, with its error.
#[must_use]
pub fn used(grade: PowerGrade, servers: usize) -> PowerUse {
    let told = |published: Published| PowerError {
        median_ratio: published.median_ratio,
        p90_ratio: published.p90_ratio,
        bias_ratio: published.bias_ratio,
    };
    let error = of(grade);
    PowerUse {
        grade,
        servers,
        idle: error.map(|error| told(error.idle)),
        max: error.map(|error| told(error.max)),
    }
}
