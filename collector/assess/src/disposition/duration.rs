//! How long a move takes. With S bytes to copy, w bytes written a second, and a copy of B bytes a second:
//!
//! - copy: S / B, where B = min(slower link * utilisation, what one stream sustains);
//! - delta, hot: min(w * S / B, S) / B, the one copy of what was written meanwhile; replication: S / (B - w) - S / B,
//!   the sum of ever shorter rounds, none if w >= B;
//! - outage, cold and rebuild: copy + cut-over; hot: delta + cut-over; replication: min(w * lag, S) / B + cut-over,
//!   and as cold where it never catches up.
//!
//! The rounds are those of iterative pre-copy (Clark and others, *Live Migration of Virtual Machines*, 2005), with
//! disks in place of memory.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Server;
use crate::policy::{MigrationPolicy, Policy};
use cairn_schemas::assessment::{Method, Range, ServerReadiness};
use cairn_schemas::time::HOUR_S;

/// Hours; low is the shortest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Times {
    pub(super) copy: Range,
    pub(super) delta: Option<Range>,
    pub(super) outage: Option<Range>,
}

impl Times {
    /// From the first byte to the end of the outage, at the longest.
    pub(super) fn longest(&self) -> f64 {
        let delta = self.delta.map_or(0.0, |delta| delta.high);
        self.copy.high + delta + self.outage.map_or(0.0, |outage| outage.high)
    }
}

/// Bytes a second between the server and a host: the slowest of its links, the host's, and the network set aside.
/// Unknown where its own links are.
pub(super) fn link(server: &Server, policy: &Policy) -> Option<f64> {
    let own = server.number("network_bytes_per_s").filter(|own| *own > 0.0)?;
    let host = policy.template.network_bytes_per_s;
    Some(own.min(host).min(policy.migration.link_bytes_per_s.unwrap_or(host)))
}

/// Bytes written a second: the disks' traffic at its median, mean and 95th percentile, times the share of writes;
/// where that share was not measured, all of it.
pub(super) fn write_rate(server: &Server, readiness: &ServerReadiness) -> Option<Range> {
    let traffic = readiness.utilisation.disk_bytes_per_s?;
    let loads = || server.weeks.iter().filter_map(|week| week.storage.as_ref());
    let sum = |pick: fn(&crate::estate::StorageLoad) -> u64| loads().map(pick).sum::<u64>() as f64;
    let (bytes, read) = (sum(|load| load.bytes), sum(|load| load.read_bytes));
    let share = if bytes > 0.0 { 1.0 - read.min(bytes) / bytes } else { 1.0 };
    let base = share * traffic.mean;
    Some(Range { low: base.min(share * traffic.p50), base, high: base.max(share * traffic.p95) })
}

/// The times of a move; without a write rate only those that need none.
pub(super) fn times(
    method: Method,
    bytes: f64,
    write: Option<Range>,
    link: f64,
    policy: &MigrationPolicy,
) -> Times {
    let (share, stream) = (policy.link_utilisation.value, policy.stream_bytes_per_s.value);
    let speed = |share: f64, stream: f64| (link * share).min(stream);
    // The fast copy of a quiet server is the short end, the slow copy of a busy one the long end.
    let cases = |write: Range| {
        let (cutover, lag) = (policy.cutover_hours.value, policy.replication_lag_s.value);
        [
            Case {
                bytes,
                speed: speed(share.high, stream.high),
                write: write.low,
                cutover: cutover.low,
                lag: lag.low,
            },
            Case {
                bytes,
                speed: speed(share.base, stream.base),
                write: write.base,
                cutover: cutover.base,
                lag: lag.base,
            },
            Case {
                bytes,
                speed: speed(share.low, stream.low),
                write: write.high,
                cutover: cutover.high,
                lag: lag.high,
            },
        ]
    };
    let copy = range(cases(Range::default()).map(|case| Some(case.copy())));
    let moving = matches!(method, Method::Hot | Method::Replication);
    let cases = if moving { write.map(cases) } else { Some(cases(Range::default())) };
    Times {
        copy: copy.unwrap_or_default(),
        delta: cases.filter(|_| moving).and_then(|cases| range(cases.map(|case| case.delta(method)))),
        outage: cases.and_then(|cases| range(cases.map(|case| Some(case.outage(method))))),
    }
}

/// One of low, base and high.
#[derive(Clone, Copy)]
struct Case {
    bytes: f64,
    /// Bytes a second that are copied.
    speed: f64,
    /// Bytes a second that are written.
    write: f64,
    cutover: f64,
    lag: f64,
}

impl Case {
    fn hours(self, bytes: f64) -> f64 {
        bytes / self.speed / HOUR_S as f64
    }

    fn copy(self) -> f64 {
        self.hours(self.bytes)
    }

    /// No more than everything is ever copied again.
    fn written_meanwhile(self) -> f64 {
        self.hours((self.write * self.bytes / self.speed).min(self.bytes))
    }

    fn delta(self, method: Method) -> Option<f64> {
        match method {
            Method::Hot => Some(self.written_meanwhile()),
            Method::Replication => {
                let ahead = self.speed - self.write;
                (ahead > 0.0).then(|| self.bytes / ahead / HOUR_S as f64 - self.copy())
            }
            Method::Cold | Method::Rebuild => None,
        }
    }

    fn outage(self, method: Method) -> f64 {
        let copying = match method {
            Method::Hot => self.written_meanwhile(),
            Method::Replication if self.write < self.speed => {
                self.hours((self.write * self.lag).min(self.bytes)).min(self.written_meanwhile())
            }
            Method::Replication | Method::Cold | Method::Rebuild => self.copy(),
        };
        copying + self.cutover
    }
}

/// A range where all three are known and finite.
fn range(cases: [Option<f64>; 3]) -> Option<Range> {
    let [Some(low), Some(base), Some(high)] = cases else { return None };
    high.is_finite().then_some(Range { low, base, high })
}
