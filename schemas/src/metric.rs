//! Metrics: what every series has besides its values. The catalogue itself, `METRICS`, is in `catalogue`.
// SPDX-License-Identifier: Apache-2.0

use crate::value_code::Coding;

mod catalogue;
pub use catalogue::*;

/// The number of a metric on the wire and in the store. Never re-used.
pub type MetricId = u16;

/// What kind of number a metric is, and so how it is coded and combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A share, 0 to 1 (above 1 is kept).
    Ratio,
    /// Bytes held.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
    /// Events a second.
    PerSecond,
    /// Seconds, of latency.
    Seconds,
    /// A plain number.
    Count,
}

impl Unit {
    /// The coding of this unit.
    #[must_use]
    #[inline]
    pub const fn coding(self) -> Coding {
        match self {
            Self::Ratio => Coding::Ratio,
            Self::Bytes | Self::BytesPerSecond => Coding::Significant { scale: 1 },
            Self::PerSecond => Coding::Significant { scale: 1_000 },
            Self::Seconds => Coding::Significant { scale: 1_000_000 },
            Self::Count => Coding::Significant { scale: 100 },
        }
    }
}

/// What the instance of a series names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole server; the instance is empty.
    Server,
    /// A whole disk, `sda` say; the empty instance is the sum over disks.
    Disk,
    /// A physical interface, `eno1` say; the empty instance is the sum over interfaces.
    Interface,
    /// A mounted file system, by mount point.
    FileSystem,
}

/// One entry of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Number on the wire and in the store.
    pub id: MetricId,
    /// Name in CSV, JSON and pages.
    pub name: &'static str,
    /// Unit, and with it the coding.
    pub unit: Unit,
    /// What an instance of the series is.
    pub scope: Scope,
    /// The OpenTelemetry name, where one exists.
    pub otel: Option<&'static str>,
    /// What it says, and how it is read, in one sentence; printed by `cairn-agent explain`.
    pub meaning: &'static str,
}

/// The metric of a number, if this version knows it.
#[must_use]
pub fn by_id(id: MetricId) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.id == id)
}

/// The metric of a name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn numbers_and_names_are_unique_and_names_end_in_their_unit() {
        let ids: BTreeSet<_> = METRICS.iter().map(|m| m.id).collect();
        let names: BTreeSet<_> = METRICS.iter().map(|m| m.name).collect();
        assert_eq!((ids.len(), names.len()), (METRICS.len(), METRICS.len()));
        for metric in METRICS {
            let ending = match metric.unit {
                Unit::Ratio => "_ratio",
                Unit::Bytes => "_bytes",
                Unit::BytesPerSecond => "_bytes_per_s",
                Unit::PerSecond => "_per_s",
                Unit::Seconds => "_s",
                Unit::Count => "_count",
            };
            assert!(metric.name.ends_with(ending), "{}", metric.name);
            assert!(metric.meaning.ends_with('.'), "{}", metric.name);
        }
    }
}
