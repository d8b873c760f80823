//! Disposition: what becomes of each server, by which method, how long that takes beside the time there is for it,
//! and what is kept to go back. What is not known stays unknown, and never makes a move look shorter.
// SPDX-License-Identifier: Apache-2.0

use crate::constraint::known;
use crate::estate::{Estate, Server};
use crate::policy::{Freeze, MigrationPolicy, Policy};
use cairn_schemas::assessment::{
    Disposition, Excluded, ExclusionReason, Fit, Method, Path, Range, ServerReadiness, Stay, WayBack,
};
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::time::{HOUR_S, Timestamp, Window};
use std::collections::BTreeMap;

mod change_window;
mod duration;
mod path;

#[cfg(test)]
#[path = "disposition/disposition_tests.rs"]
mod tests;

/// What dispositions rest on.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The estate.
    pub estate: &'a Estate,
    /// The policy.
    pub policy: &'a Policy,
    /// Every assessed server, with its place in the estate.
    pub servers: &'a [(usize, &'a ServerReadiness)],
    /// Servers outside the count.
    pub excluded: &'a [Excluded],
    /// Servers that stay physical.
    pub stay: &'a [Stay],
    /// The moment looked from.
    pub now: Timestamp,
}

/// What becomes of every assessed server and of those that retire, ascending by name.
#[must_use]
pub fn dispositions(judged: &Judged<'_>) -> Vec<Disposition> {
    let stay: BTreeMap<&str, &str> =
        judged.stay.iter().map(|stay| (stay.server.as_str(), stay.reason.as_str())).collect();
    let assessed = judged.servers.iter().map(|(index, server)| {
        let facts = &judged.estate.servers[*index];
        assessed(judged, facts, server, stay.get(server.server.as_str()).copied())
    });
    let retiring = judged.excluded.iter().filter(|excluded| excluded.reason == ExclusionReason::Retiring);
    let retiring = retiring.map(|excluded| retired(excluded, &judged.policy.migration));
    let mut all: Vec<Disposition> = assessed.chain(retiring).collect();
    all.sort_by(|a, b| a.server.cmp(&b.server));
    all
}

fn retired(excluded: &Excluded, policy: &MigrationPolicy) -> Disposition {
    let why = Finding::new("disposition", "retires", Severity::Info).evidence(excluded.evidence.as_str());
    Disposition {
        way_back: Some(WayBack { keep: "disk-image".into(), days: policy.retired_image_days }),
        ..nothing(&excluded.server, Path::Retire, vec![why])
    }
}

/// A disposition that moves nothing.
fn nothing(server: &str, path: Path, why: Vec<Finding>) -> Disposition {
    Disposition {
        server: server.to_owned(),
        path,
        method: None,
        bytes: None,
        bytes_source: String::new(),
        write_bytes_per_s: None,
        link_bytes_per_s: None,
        copy_hours: None,
        delta_hours: None,
        outage_hours: None,
        window_hours: None,
        fit: None,
        way_back: None,
        why,
    }
}

fn assessed(
    judged: &Judged<'_>,
    facts: &Server,
    server: &ServerReadiness,
    stay: Option<&str>,
) -> Disposition {
    let (path, reason) = path::of(server, stay);
    let mut why = vec![reason];
    why.extend(path::ask_first(server));
    let policy = &judged.policy.migration;
    let (method, reason) = match path {
        Path::Virtualise => path::method(facts),
        Path::Rebuild => (Method::Rebuild, Finding::new("disposition", "method-rebuild", Severity::Info)),
        Path::Stay | Path::Retire => return nothing(&server.server, path, why),
    };
    why.push(reason);
    let bytes = crate::storage::used(facts).or_else(|| crate::storage::allocated(facts));
    let link = duration::link(facts, judged.policy);
    let write = duration::write_rate(facts, server);
    let times = bytes.zip(link).map(|((bytes, _), link)| duration::times(method, bytes, write, link, policy));
    let missing = [
        (bytes.is_none(), "bytes-unknown"),
        (link.is_none(), "link-unknown"),
        (write.is_none() && matches!(method, Method::Hot | Method::Replication), "writes-unknown"),
    ];
    let missing = missing.into_iter().filter(|(missing, _)| *missing);
    why.extend(missing.map(|(_, what)| Finding::new("disposition", what, Severity::Attention).remedy()));
    let outage_hours = times.and_then(|times| times.outage);
    let delta_hours = times.and_then(|times| times.delta);
    if method == Method::Replication && write.is_some() && times.is_some() && delta_hours.is_none() {
        why.push(Finding::new("disposition", "never-catches-up", Severity::Attention).remedy());
    }
    let window_hours = window(facts, &mut why);
    let fit = match frozen(policy, facts, judged.now, times) {
        Some(freeze) => {
            why.push(freeze);
            Fit::DoesNotFit
        }
        None => fit(outage_hours, window_hours),
    };
    let keep = if method == Method::Rebuild { "old-server-running" } else { "old-server-off" };
    Disposition {
        method: Some(method),
        bytes: bytes.map(|(bytes, _)| bytes),
        bytes_source: bytes.map(|(_, source)| source.to_owned()).unwrap_or_default(),
        write_bytes_per_s: write,
        link_bytes_per_s: link,
        copy_hours: times.map(|times| times.copy),
        delta_hours,
        outage_hours,
        window_hours,
        fit: Some(fit),
        way_back: Some(WayBack { keep: keep.into(), days: policy.way_back_days }),
        ..nothing(&server.server, path, why)
    }
}

/// Hours of the longest change window; what cannot be read is said.
fn window(facts: &Server, why: &mut Vec<Finding>) -> Option<f64> {
    let Some(text) = known(facts, "change_window") else {
        why.push(Finding::new("disposition", "window-unknown", Severity::Attention).remedy());
        return None;
    };
    let hours = change_window::hours(text);
    if hours.is_none() {
        why.push(
            Finding::new("disposition", "window-unread", Severity::Attention).arg("text", text).remedy(),
        );
    }
    hours
}

fn fit(outage: Option<Range>, window_hours: Option<f64>) -> Fit {
    match outage.zip(window_hours) {
        Some((outage, window)) if outage.high <= window => Fit::Fits,
        Some((outage, window)) if outage.base > window => Fit::DoesNotFit,
        _ => Fit::Unknown,
    }
}

/// A freeze that a move begun now would run into; what cannot be timed runs into none but the present one.
fn frozen(
    policy: &MigrationPolicy,
    facts: &Server,
    now: Timestamp,
    times: Option<duration::Times>,
) -> Option<Finding> {
    let hours = times.map_or(0.0, |times| times.longest());
    let stretch = Window { from: now, to: Timestamp(now.0.saturating_add((hours * HOUR_S as f64) as i64)) };
    let (owner, application) = (facts.text("owner"), facts.text("application"));
    let applies = |freeze: &&Freeze| freeze.touches(stretch) && freeze.is_for(owner, application);
    let freeze = policy.freezes.iter().filter(applies).min_by_key(|freeze| freeze.from)?;
    let finding = Finding::new("disposition", "frozen", Severity::Attention);
    Some(
        finding
            .arg("name", freeze.name.as_str())
            .arg("from", freeze.from.date())
            .arg("to", freeze.to.date())
            .remedy(),
    )
}
