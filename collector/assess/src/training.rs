//! What a plan is made from: the candidates that a stretch of weeks gives, and the whole weeks over which
//! plans are tested.
// SPDX-License-Identifier: Apache-2.0

use crate::cells::{self, Measured};
use crate::constraint;
use crate::demand::Candidate;
use crate::estate::{Estate, Server, Week};
use crate::packing;
use crate::policy::{Policy, UnseenMonthEnd};
use crate::sizing;
use cairn_schemas::time::{Timestamp, WEEK_S, Window};
use serde::{Deserialize, Serialize};

/// Whole weeks a plan under test is made from.
pub const TRAINING_WEEKS: usize = 4;

/// Most whole weeks looked back on, so that the work does not grow without end: half a year (*ours*).
const LOOK_BACK_WEEKS: usize = 26;

/// Candidates among some servers of an estate, ascending by name, sized from all their weeks or from those
/// that start in a window. Nodes of failover clusters are sized for each other's load. Servers that cannot be
/// sized, CPU or memory being unknown, are left out.
#[must_use]
pub fn candidates(
    estate: &Estate,
    policy: &Policy,
    servers: &[usize],
    window: Option<Window>,
    growth_ratio: f64,
) -> Vec<Candidate> {
    let window_or_all = window.unwrap_or(estate.window);
    let size = |index: usize| {
        let server = estate.servers.get(index)?;
        let weeks = weeks_of(server, window);
        sizing::candidate(server, index, weeks, window_or_all, policy, growth_ratio)
    };
    let server = |index: usize| estate.servers.get(index);
    taken_over(server, policy, ordered(servers).into_iter().filter_map(size).collect())
}

/// The candidates of a stretch of weeks under test, without what is provided beyond the measured: growth, and a
/// month-end that was not seen. Either would hide the very error and risk a test is there to show.
#[must_use]
pub fn unprovided(estate: &Estate, policy: &Policy, servers: &[usize], weeks: Window) -> Vec<Candidate> {
    let mut policy = policy.clone();
    policy.sizing.unseen_month_end = UnseenMonthEnd::OrdinaryWeek;
    candidates(estate, &policy, servers, Some(weeks), 0.0)
}

/// A server whose load was measured, without the weeks it was measured in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ready {
    /// Its place in the estate.
    pub index: usize,
    /// What is known of it; without weeks and gaps.
    server: Server,
    /// What was measured of it over the whole window.
    pub measured: Measured,
}

/// Measures some servers, ascending by their place in the estate: the dear part of [`candidates`], which growth
/// and limits do not change.
#[must_use]
pub fn ready(estate: &Estate, policy: &Policy, servers: &[usize]) -> Vec<Ready> {
    let ready = |index: usize| {
        let server = estate.servers.get(index)?;
        let measured = cells::measured(server, &server.weeks, estate.window, policy);
        let (name, facts) = (server.name.clone(), server.facts.clone());
        let server = Server {
            name,
            facts,
            simulated: server.simulated,
            first_seen: server.first_seen,
            ..Server::default()
        };
        Some(Ready { index, server, measured })
    };
    ordered(servers).into_iter().filter_map(ready).collect()
}

/// The candidates that [`candidates`] would give over the whole window, from what [`ready`] gave.
#[must_use]
pub fn candidates_from(ready: &[Ready], window: Window, policy: &Policy) -> Vec<Candidate> {
    let growth = policy.sizing.growth_ratio;
    let size = |ready: &Ready| {
        sizing::from_measured(&ready.server, ready.index, &ready.measured, window, policy, growth)
    };
    let at = |index: usize| ready.binary_search_by_key(&index, |ready| ready.index).ok();
    let server = |index: usize| at(index).map(|place| &ready[place].server);
    taken_over(server, policy, ready.iter().filter_map(size).collect())
}

fn ordered(servers: &[usize]) -> Vec<usize> {
    let mut servers = servers.to_vec();
    servers.sort_unstable();
    servers.dedup();
    servers
}

fn taken_over<'a>(
    server: impl Fn(usize) -> Option<&'a Server>,
    policy: &Policy,
    mut candidates: Vec<Candidate>,
) -> Vec<Candidate> {
    packing::size_for_takeover(&mut candidates, |candidate| {
        let installed = server(candidate.index)?.number("memory_bytes")?;
        Some(installed + policy.template.per_vm_memory_bytes)
    });
    let partners: Vec<_> = candidates.iter().map(|c| constraint::partner(&server, &candidates, c)).collect();
    packing::size_partners(&mut candidates, &partners);
    packing::keep_apart(&mut candidates, &partners);
    candidates
}

/// The weeks of a server that start in a window, or all.
fn weeks_of(server: &Server, window: Option<Window>) -> &[Week] {
    window.map_or(server.weeks.as_slice(), |window| weeks_in(server, window))
}

/// The weeks of a server that start in a window.
fn weeks_in(server: &Server, window: Window) -> &[Week] {
    let from = server.weeks.partition_point(|week| week.start < window.from);
    let to = server.weeks.partition_point(|week| week.start < window.to);
    &server.weeks[from..to.max(from)]
}

/// First moments of the weeks (Monday 00:00 UTC on) that lie wholly inside a window, ascending; the last ones
/// where there are very many.
#[must_use]
pub fn whole_weeks(window: Window) -> Vec<Timestamp> {
    let before = window.from.start_of_week();
    let first = if before == window.from { before } else { Timestamp(before.0 + WEEK_S) };
    let count = usize::try_from((window.to.0 - first.0) / WEEK_S).unwrap_or(0);
    let nth = |n: usize| Timestamp(first.0 + n as i64 * WEEK_S);
    (count.saturating_sub(LOOK_BACK_WEEKS)..count).map(nth).collect()
}

/// The stretch of so many weeks from a moment on.
#[must_use]
pub const fn stretch(from: Timestamp, weeks: usize) -> Window {
    Window { from, to: Timestamp(from.0 + weeks as i64 * WEEK_S) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_weeks_wholly_inside_count() {
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        let check = |from: &str, to: &str, expected: &[&str]| {
            let weeks = whole_weeks(Window { from: at(from), to: at(to) });
            assert_eq!(weeks.iter().map(|week| week.date()).collect::<Vec<_>>(), expected);
        };
        check("2026-11-02T00:00:00Z", "2026-11-16T00:00:00Z", &["2026-11-02", "2026-11-09"]);
        check("2026-11-02T00:00:01Z", "2026-11-16T00:00:00Z", &["2026-11-09"]);
        check("2026-11-02T00:00:00Z", "2026-11-15T23:59:59Z", &["2026-11-02"]);
        check("2026-11-15T00:00:00Z", "2026-11-02T00:00:00Z", &[]);
        let years = whole_weeks(Window { from: at("2024-01-01T00:00:00Z"), to: at("2026-01-05T00:00:00Z") });
        assert_eq!((years.len(), years[25].date()), (26, "2025-12-29".to_owned()));
    }
}
