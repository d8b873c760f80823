//! How unlike CPUs are brought on one scale.
// SPDX-License-Identifier: Apache-2.0

use crate::normalize::generation;
use crate::normalize::model_name::canonical;
use serde::{Deserialize, Serialize};

/// Unlike CPUs on one scale (design 7.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NormalisationPolicy {
    /// The best scale that may be used.
    pub scale: CpuScale,
    /// What a second thread of a core adds: capacity is multiplied by this when threads exceed cores.
    /// 1.25 is the default of PlateSpin Recon 3.6 (Novell documentation, 2008); peers range from 1.25 to 1.5.
    pub threads_factor: f64,
    /// Clock assumed where only the cores are known, in MHz (*ours*): the upper end of server base clocks, so
    /// that an unknown clock asks for more, never for less.
    pub default_mhz: f64,
    /// The CPU whose row ties the benchmark table to normalised MHz.
    pub reference: ReferenceCpu,
    /// The customer's benchmark table; a CPU without a row keeps the factor of its generation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub benchmarks: Vec<CpuBenchmark>,
}

/// The scale CPUs are compared on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CpuScale {
    /// Benchmark table, else generation; an unknown server as the fastest, an unknown host as the slowest.
    #[default]
    Best,
    /// Cores by clock alone, as if a GHz were the same in every generation.
    CoresByClock,
}

/// A CPU of a known generation that the benchmark table has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReferenceCpu {
    /// Its model.
    pub cpu_model: String,
    /// Its base clock, MHz.
    pub cpu_mhz: f64,
    /// Whether its cores had two threads when it was measured.
    pub two_threads: bool,
}

/// A result of the customer's benchmark table. Which benchmark it is does not matter, as long as it is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CpuBenchmark {
    /// The CPU, in any of its spellings.
    pub cpu_model: String,
    /// The result.
    pub score: f64,
    /// Cores of the system it is of, all sockets; without them it is the result of one core.
    #[serde(default)]
    pub cores: Option<f64>,
    /// Who says so.
    pub source: String,
    /// As of when.
    pub date: String,
}

impl CpuBenchmark {
    /// The result of one core. Threads and turbo are in it as they were when it was measured.
    #[must_use]
    pub fn per_core(&self) -> f64 {
        self.score / self.cores.unwrap_or(1.0)
    }
}

impl NormalisationPolicy {
    /// Normalised MHz of a core of a CPU by the benchmark table; `None` without a row or a tie.
    #[must_use]
    pub fn core_mhz(&self, cpu_model: &str) -> Option<f64> {
        Some(self.row(cpu_model)?.per_core() * self.mhz_per_point()?)
    }

    /// Normalised MHz of the fastest core the table has; 0 without one.
    #[must_use]
    pub fn fastest_core_mhz(&self) -> f64 {
        let points = self.benchmarks.iter().map(CpuBenchmark::per_core).fold(0.0, f64::max);
        points * self.mhz_per_point().unwrap_or(0.0)
    }

    /// What a point of one core is worth; `None` where the reference has no row or no known generation.
    #[must_use]
    pub fn mhz_per_point(&self) -> Option<f64> {
        let row = self.row(&self.reference.cpu_model)?;
        let factor = generation::of(&self.reference.cpu_model)?.factor;
        let threads = if self.reference.two_threads { self.threads_factor } else { 1.0 };
        Some(self.reference.cpu_mhz * factor * threads / row.per_core())
    }

    fn row(&self, cpu_model: &str) -> Option<&CpuBenchmark> {
        if self.benchmarks.is_empty() {
            return None;
        }
        let name = canonical(cpu_model);
        self.benchmarks.iter().find(|row| !name.is_empty() && canonical(&row.cpu_model) == name)
    }
}

impl Default for ReferenceCpu {
    /// The CPU of the standard host template (ark.intel.com, 2023: 32 cores of 2.4 GHz).
    fn default() -> Self {
        Self { cpu_model: "Intel Xeon Gold 6448H".into(), cpu_mhz: 2_400.0, two_threads: true }
    }
}

impl Default for NormalisationPolicy {
    fn default() -> Self {
        Self {
            scale: CpuScale::Best,
            threads_factor: 1.25,
            default_mhz: 4_000.0,
            reference: ReferenceCpu::default(),
            benchmarks: Vec::new(),
        }
    }
}
