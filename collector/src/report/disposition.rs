//! What becomes of a server, as facts of its card: path and method, hours, window, way back.
// SPDX-License-Identifier: Apache-2.0

use super::population::fact;
use super::{Context, Fact};
use crate::number;
use cairn_schemas::assessment::{Disposition, Range};
use cairn_schemas::finding::Arg;

/// The disposition of a server; older assessments have none.
pub(super) fn of<'a>(cx: &Context<'a>, server: &str) -> Option<&'a Disposition> {
    let all = &cx.assessment.dispositions;
    all.binary_search_by(|other| other.server.as_str().cmp(server)).ok().map(|place| &all[place])
}

/// What a card says of it.
pub(super) fn facts(cx: &Context<'_>, disposition: &Disposition) -> Vec<Fact> {
    let path = cx.name(&[format!("report.path.{}", disposition.path.name())], disposition.path.name());
    let Some(method) = disposition.method else {
        return std::iter::once(cx.fact("server.disposition", path))
            .chain(way_back(cx, disposition))
            .collect();
    };
    let method = cx.name(&[format!("report.move.{}", method.name())], method.name());
    let becomes = cx.with("server.disposition.value", [("path", path), ("method", method)]);
    let bytes = disposition.bytes.map(|bytes| {
        let from = disposition.bytes_source.as_str();
        let source = cx.name(&[format!("report.bytes-source.{from}")], from);
        cx.with("server.copied.value", [("bytes", Arg::from(bytes)), ("source", Arg::from(source))])
    });
    let hours = |hours: Option<Range>| hours.map(|hours| hours_text(cx, hours));
    let mut facts = vec![
        cx.fact("server.disposition", becomes),
        fact(cx, "server.copied", bytes, "disk"),
        fact(cx, "server.copy", hours(disposition.copy_hours), "copy"),
        fact(cx, "server.delta", hours(disposition.delta_hours), "delta"),
        fact(cx, "server.outage", hours(disposition.outage_hours), "outage"),
        fact(cx, "server.fit", fit(cx, disposition), "window"),
    ];
    facts.extend(way_back(cx, disposition));
    facts
}

fn fit(cx: &Context<'_>, disposition: &Disposition) -> Option<String> {
    let fit = disposition.fit?;
    let fit = cx.name(&[format!("report.window-fit.{}", fit.name())], fit.name());
    let window = disposition.window_hours.map(number::hours);
    Some(cx.with("server.fit.value", [("fit", fit), ("window", cx.known(window, "window"))]))
}

fn way_back(cx: &Context<'_>, disposition: &Disposition) -> Option<Fact> {
    let kept = disposition.way_back.as_ref()?;
    let keep = cx.name(&[format!("report.keep.{}", kept.keep)], &kept.keep);
    let args = [("keep", Arg::from(keep)), ("days", Arg::from(kept.days))];
    Some(cx.fact("server.way-back", cx.with("server.way-back.value", args)))
}

/// `3.2 (2.1 to 6.4) hours`.
pub(super) fn hours_text(cx: &Context<'_>, hours: Range) -> String {
    let show = |hours: f64| if hours < 0.1 { number::plain(hours) } else { number::one(hours) };
    let ends = [("base", show(hours.base)), ("low", show(hours.low)), ("high", show(hours.high))];
    cx.with("move-hours", ends)
}
