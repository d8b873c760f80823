//! One row a server, for spreadsheets. A value that is not known is an empty cell, and text that a spreadsheet
//! would run as a formula is disarmed with an apostrophe.
// SPDX-License-Identifier: Apache-2.0

use crate::number::terminal_safe;
use crate::report::Context;
use crate::report::disposition::of;
use cairn_schemas::assessment::{Disposition, MemoryBasis, Method, Percentiles, Range, ServerReadiness};

/// A column: its heading and what stands in it.
type Column = (&'static str, fn(&Context<'_>, &ServerReadiness) -> String);

/// Every column, in order.
const COLUMNS: &[Column] = &[
    ("server", |_, s| s.server.clone()),
    ("simulated", |_, s| s.simulated.to_string()),
    ("category", |cx, s| cx.category(s.category).text),
    ("score", |_, s| number(s.score)),
    ("score_fit", |_, s| number(s.parts.map(|p| p.fit))),
    ("score_steadiness", |_, s| number(s.parts.map(|p| p.steadiness))),
    ("score_room", |_, s| number(s.parts.map(|p| p.room))),
    ("score_ease", |_, s| number(s.parts.map(|p| p.ease))),
    ("score_ownership", |_, s| number(s.parts.map(|p| p.ownership))),
    ("confidence", |cx, s| cx.confidence(s.confidence)),
    ("coverage_ratio", |_, s| number(s.coverage_ratio)),
    ("span_days", |_, s| number(Some(s.coverage.span_days))),
    ("reasons", |cx, s| s.findings.iter().map(|f| cx.said(f).text).collect::<Vec<_>>().join(" | ")),
    ("to_do", |cx, s| s.findings.iter().filter_map(|f| cx.said(f).remedy).collect::<Vec<_>>().join(" | ")),
    ("owner", |_, s| s.owner.clone().unwrap_or_default()),
    ("role", |_, s| s.role.clone().unwrap_or_default()),
    ("os", |_, s| s.os.clone().unwrap_or_default()),
    ("cpu_mhz", |_, s| number(s.capacity.cpu_mhz)),
    ("memory_bytes", |_, s| number(s.capacity.memory_bytes)),
    ("cpu_busy_ratio_mean", |_, s| number(cpu(s).map(|p| p.mean))),
    ("cpu_busy_ratio_p50", |_, s| number(cpu(s).map(|p| p.p50))),
    ("cpu_busy_ratio_p95", |_, s| number(cpu(s).map(|p| p.p95))),
    ("cpu_busy_ratio_p99", |_, s| number(cpu(s).map(|p| p.p99))),
    ("cpu_busy_ratio_max", |_, s| number(cpu(s).map(|p| p.max))),
    ("memory_used_bytes_p50", |_, s| number(memory(s).map(|p| p.p50))),
    ("memory_used_bytes_p99", |_, s| number(memory(s).map(|p| p.p99))),
    ("memory_used_bytes_max", |_, s| number(memory(s).map(|p| p.max))),
    ("disk_bytes_per_s_p95", |_, s| number(s.utilisation.disk_bytes_per_s.map(|p| p.p95))),
    ("network_bytes_per_s_p95", |_, s| number(s.utilisation.network_bytes_per_s.map(|p| p.p95))),
    ("vcpu", |_, s| number(s.size.map(|size| f64::from(size.vcpu)))),
    ("size_memory_bytes", |_, s| number(s.size.map(|size| size.memory_bytes))),
    ("size_disk_bytes", |_, s| number(s.size.and_then(|size| size.disk_bytes))),
    ("size_memory_basis", |_, s| s.size.map(|size| basis(size.memory_basis)).unwrap_or_default().to_owned()),
    ("host", |cx, s| cx.host_of(&s.server).map(|host| host.host.clone()).unwrap_or_default()),
    ("host_cluster", |cx, s| cx.host_of(&s.server).map(|host| host.cluster.clone()).unwrap_or_default()),
    ("disposition", |cx, s| of(cx, &s.server).map(|d| d.path.name()).unwrap_or_default().to_owned()),
    ("method", |cx, s| moved(cx, s).and_then(|d| d.method).map(Method::name).unwrap_or_default().to_owned()),
    ("copied_bytes", |cx, s| number(moved(cx, s).and_then(|d| d.bytes))),
    ("outage_hours_low", |cx, s| number(outage(cx, s).map(|hours| hours.low))),
    ("outage_hours_base", |cx, s| number(outage(cx, s).map(|hours| hours.base))),
    ("outage_hours_high", |cx, s| number(outage(cx, s).map(|hours| hours.high))),
    ("disposition_why", |cx, s| {
        let why = of(cx, &s.server).map(|d| d.why.iter().map(|f| cx.said(f).text).collect::<Vec<_>>());
        why.unwrap_or_default().join(" | ")
    }),
];

/// The servers of an assessment as CSV.
///
/// # Errors
/// The rows cannot be written; with memory behind it, only a bug can make that happen.
pub fn csv(cx: &Context<'_>) -> Result<String, ::csv::Error> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS.iter().map(|(heading, _)| *heading))?;
    for server in &cx.assessment.readiness.servers {
        writer.write_record(COLUMNS.iter().map(|(_, cell)| {
            // People print such files: no name may turn what they read.
            disarmed(terminal_safe(&cell(cx, server)).into_owned())
        }))?;
    }
    let bytes = writer.into_inner().map_err(|error| ::csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn moved<'a>(cx: &Context<'a>, server: &ServerReadiness) -> Option<&'a Disposition> {
    of(cx, &server.server).filter(|disposition| disposition.method.is_some())
}

fn outage(cx: &Context<'_>, server: &ServerReadiness) -> Option<Range> {
    moved(cx, server)?.outage_hours
}

fn cpu(server: &ServerReadiness) -> Option<Percentiles> {
    server.utilisation.cpu_busy_ratio
}

fn memory(server: &ServerReadiness) -> Option<Percentiles> {
    server.utilisation.memory_used_bytes
}

const fn basis(basis: MemoryBasis) -> &'static str {
    match basis {
        MemoryBasis::MeasuredPeak => "measured_peak",
        MemoryBasis::MatchedPercentile => "matched_percentile",
        MemoryBasis::Installed => "installed",
        MemoryBasis::LargerOfInstalledAndObserved => "larger_of_installed_and_observed",
    }
}

fn number(value: Option<f64>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

/// Numbers stay numbers; other text that begins like a formula gets an apostrophe.
pub(crate) fn disarmed(text: String) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    if formula { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed_and_numbers_are_not() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("-web", "'-web"),
            ("-3.5", "-3.5"),
            ("web-01", "web-01"),
        ] {
            assert_eq!(disarmed(text.to_owned()), expected);
        }
    }
}
