//! What a server draws: the customer's own measurement, else its processors' generation and size, else its size, else
//! the constants of the policy; always with the error of the way.
//!
//! Our own coefficients, by least squares on the logarithm of watts at idle and at full load in SPECpower_ssj2008 (2007
//! to 2021, spec.org; read under SPEC's fair-use rules, none of its results kept here): `watts = base(generation) *
//! sockets^a * cores^b * GHz^c * GiB^d`. `collector/assess/tests/power.rs` repeats the fit and predicts each model of
//! processor from all the others. Those servers were configured to be frugal: real ones draw more, so a saving told by
//! them is rather too small.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Server;
use crate::normalize::generation;
use crate::normalize::model_name::canonical;
use crate::policy::ValuePolicy;
use cairn_schemas::assessment::{PowerGrade, Range};

pub mod coefficients;
pub mod error;

use coefficients::{Exponents, GENERATIONS, GenerationWatts, MAX_BY_GENERATION, RANGES, SIZE_IDLE, SIZE_MAX};

/// Watts of one server, idle and under full load, with how they were found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    /// Watts at idle.
    pub idle_watts: Range,
    /// Watts under full load.
    pub max_watts: Range,
    /// The way they were found.
    pub grade: PowerGrade,
}

impl Power {
    /// Watts at a mean CPU busy ratio: from idle to full in a straight line (Fan, Weber, Barroso, ISCA 2007). Over the
    /// ten loads of 315 results of SPECpower_ssj2008 the line is off by 6.6 % on average, bias 0.0 %; the curve
    /// `2u - u^1.4` of the same paper by 10.1 %, bias 8.9 %.
    #[must_use]
    pub fn at(&self, busy_ratio: f64) -> Range {
        let busy = busy_ratio.clamp(0.0, 1.0);
        let watts = |idle: f64, max: f64| idle + (max - idle).max(0.0) * busy;
        Range {
            low: watts(self.idle_watts.low, self.max_watts.low),
            base: watts(self.idle_watts.base, self.max_watts.base),
            high: watts(self.idle_watts.high, self.max_watts.high),
        }
    }
}

/// What a server's facts say of it. What is not known is taken the way that promises less: it draws little today.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Populated sockets.
    pub sockets: f64,
    /// Physical cores.
    pub cores: f64,
    /// Base clock.
    pub ghz: f64,
    /// Installed memory, GiB.
    pub memory_gib: f64,
}

impl Size {
    fn of(server: &Server) -> Option<Self> {
        let number = |fact: &str| server.number(fact).filter(|value| *value > 0.0);
        let cores = number("cpu_cores").or_else(|| number("cpu_threads").map(|threads| threads / 2.0))?;
        Some(Self {
            sockets: number("cpu_sockets").unwrap_or(RANGES.sockets.0),
            cores,
            ghz: number("cpu_mhz").map_or(RANGES.ghz.0, |mhz| mhz / 1_000.0),
            memory_gib: number("memory_bytes")
                .map_or(RANGES.memory_gib.0, |bytes| bytes / f64::from(1 << 30)),
        })
    }

    /// Within what the coefficients were fitted to: beyond it they are not believed.
    fn within(self, memory_gib_max: f64) -> Self {
        let bound = |value: f64, (low, high): (f64, f64)| value.clamp(low, high);
        Self {
            sockets: bound(self.sockets, RANGES.sockets),
            cores: bound(self.cores, RANGES.cores),
            ghz: bound(self.ghz, RANGES.ghz),
            memory_gib: bound(self.memory_gib, (RANGES.memory_gib.0, memory_gib_max)),
        }
    }
}

/// What a server draws.
#[must_use]
pub fn of(server: &Server, policy: &ValuePolicy) -> Power {
    metered(server, policy)
        .or_else(|| by_generation(server))
        .or_else(|| by_size(server))
        .unwrap_or_else(|| assumed(policy))
}

/// The customer's own row for the machine's model.
fn metered(server: &Server, policy: &ValuePolicy) -> Option<Power> {
    let model = server.text("model").filter(|model| !model.trim().is_empty())?;
    let row = policy.power.iter().find(|row| canonical(&row.server_model) == canonical(model))?;
    Some(Power {
        idle_watts: Range::of(row.idle_watts),
        max_watts: Range::of(row.max_watts),
        grade: PowerGrade::Metered,
    })
}

fn by_generation(server: &Server) -> Option<Power> {
    let generation = generation::of(server.text("cpu_model")?)?.id;
    let known: &GenerationWatts = GENERATIONS.iter().find(|known| known.id == generation)?;
    let size = Size::of(server)?.within(known.memory_gib_max);
    let idle = predict(known.idle_log_watts, coefficients::IDLE_BY_GENERATION, size);
    let max = predict(known.max_log_watts, MAX_BY_GENERATION, size);
    Some(spread(idle, max, PowerGrade::Generation))
}

fn by_size(server: &Server) -> Option<Power> {
    let size = Size::of(server)?.within(RANGES.memory_gib.1);
    let idle = predict(SIZE_IDLE.0, SIZE_IDLE.1, size);
    let max = predict(SIZE_MAX.0, SIZE_MAX.1, size);
    Some(spread(idle, max, PowerGrade::Size))
}

fn assumed(policy: &ValuePolicy) -> Power {
    let constants = policy.resolved();
    let value = |name: &str| constants.get(name).map(|constant| constant.value).unwrap_or_default();
    Power {
        idle_watts: value("server_idle_watts"),
        max_watts: value("server_max_watts"),
        grade: PowerGrade::Assumed,
    }
}

/// Watts by the exponents of a fit.
#[must_use]
pub fn predict(log_base: f64, exponents: Exponents, size: Size) -> f64 {
    let power = log_base
        + exponents.sockets * size.sockets.ln()
        + exponents.cores * size.cores.ln()
        + exponents.ghz * size.ghz.ln()
        + exponents.memory * size.memory_gib.ln();
    power.exp()
}

/// Low and high are where nine of ten models left out of the fit lay between. The error is taken to be the same for all
/// servers of an estate, since many of them are alike: it does not average out.
fn spread(idle: f64, max: f64, grade: PowerGrade) -> Power {
    let Some(published) = error::of(grade) else {
        return Power { idle_watts: Range::of(idle), max_watts: Range::of(max), grade };
    };
    let range = |base: f64, (low, high): (f64, f64)| Range { low: base * low, base, high: base * high };
    Power {
        idle_watts: range(idle, published.idle.p10_p90_factor),
        max_watts: range(max.max(idle), published.max.p10_p90_factor),
        grade,
    }
}

#[cfg(test)]
#[path = "power/power_tests.rs"]
mod tests;
