//! What an estate from elsewhere must keep before anybody computes with it: order, lengths, and times and counts
//! within reason. The collector's own store keeps it by construction.
// SPDX-License-Identifier: Apache-2.0

use super::{Estate, INTERVALS, Load, Server, StorageLoad, WEEK_HOURS, Week};
use cairn_schemas::time::{DAY_S, Timestamp, WEEK_S, Window};
use cairn_schemas::value_code::Code;

/// Longest window, in days: a century.
pub const WINDOW_DAYS_MAX: i64 = 36_525;
/// Times of evidence lie in the first four digits of a year: 1900 to 9999.
const TIMES_S: std::ops::RangeInclusive<i64> = -2_208_988_800..=253_402_300_799;
/// Largest count of a week: a petabyte, or three decades of microseconds.
const COUNT_MAX: u64 = 1 << 50;

impl Estate {
    /// The first thing that no estate of a store could have; `None` when it may be assessed.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        if let Some(fault) = of_window(self.window) {
            return Some(format!("its window {fault}"));
        }
        if !self.servers.is_sorted_by(|a, b| a.name < b.name) {
            return Some("its servers are not in order, or one is there twice".into());
        }
        let times = self.triggers.iter().map(|trigger| trigger.on);
        let times = times.chain(self.moments.iter().map(|moment| moment.on));
        if times
            .chain(self.answers.iter().map(|answer| answer.on))
            .chain(self.outcomes.times())
            .any(|at| !is_time(at))
        {
            return Some("something people recorded is of no time".into());
        }
        self.servers.iter().find_map(|server| {
            let fault = of_server(server, self.window)?;
            Some(format!("server {}: {fault}", server.name.escape_debug()))
        })
    }
}

fn is_time(at: Timestamp) -> bool {
    TIMES_S.contains(&at.0)
}

fn of_window(window: Window) -> Option<&'static str> {
    if !is_time(window.from) || !is_time(window.to) {
        Some("is of no time")
    } else if window.from >= window.to {
        Some("ends before it begins")
    } else if window.seconds() > WINDOW_DAYS_MAX * DAY_S {
        Some("is longer than a century")
    } else {
        None
    }
}

fn of_server(server: &Server, window: Window) -> Option<&'static str> {
    let facts = server.facts.values().flatten();
    let times = facts.flat_map(|fact| [Some(fact.observed_at), fact.valid_from]).flatten();
    let times = times.chain(server.first_seen).chain(server.decisions.iter().map(|decision| decision.on));
    let times = times.chain(server.decisions.iter().filter_map(|decision| decision.expires));
    let said = server.differences.iter().flat_map(|difference| &difference.says).map(|said| said.observed_at);
    if times.chain(said).any(|at| !is_time(at)) {
        return Some("something known of it is of no time");
    }
    if !server.decisions.is_sorted_by_key(|decision| decision.id) {
        return Some("its decisions are not in order");
    }
    let apart = server.gaps.is_sorted_by(|a, b| a.window.to <= b.window.from);
    let inside = |w: Window| window.from <= w.from && w.from <= w.to && w.to <= window.to;
    if !apart || !server.gaps.iter().all(|gap| inside(gap.window)) {
        return Some("its gaps overlap, or lie outside the window");
    }
    if !server.weeks.is_sorted_by(|a, b| a.start < b.start) {
        return Some("its weeks are not in order");
    }
    server.weeks.iter().find_map(|week| of_week(week, window))
}

fn of_week(week: &Week, window: Window) -> Option<&'static str> {
    let end = week.start.0.saturating_add(WEEK_S);
    if !is_time(week.start) || week.start != week.start.start_of_week() {
        return Some("a week of it does not begin with a Monday");
    }
    if end <= window.from.0 || window.to <= week.start {
        return Some("a week of it is outside the window");
    }
    let days = week.covered_s.iter().zip(&week.off_s);
    // A slot counts in the day it starts in, however long it is.
    if days.into_iter().any(|(covered, off)| off > covered || i64::from(*covered) > WEEK_S) {
        return Some("a day of it has more seconds than a week");
    }
    if week.span.is_some_and(|span| of_window(span).is_some()) {
        return Some("the span of a week of it is none");
    }
    week.loads.iter().flatten().find_map(of_load).or_else(|| of_storage(week.storage.as_ref()?))
}

fn of_load(load: &Load) -> Option<&'static str> {
    if load.five_minute.len() != INTERVALS || load.counts.len() > usize::from(Code::MAX) {
        return Some("a load of it has not the intervals of a week");
    }
    if load.counts.iter().any(|(_, count)| i64::from(*count) > WEEK_S) {
        return Some("a load of it counts more slots than a week has seconds");
    }
    let ascending = load.counts.is_sorted_by(|a, b| a.0 < b.0);
    (!ascending).then_some("the counts of a load of it are not in order")
}

fn of_storage(storage: &StorageLoad) -> Option<&'static str> {
    if storage.operations_by_hour.len() != WEEK_HOURS {
        return Some("its operations are not those of the hours of a week");
    }
    let s = storage;
    let counts = [
        s.operations,
        s.read_operations,
        s.bytes,
        s.read_bytes,
        s.timed_operations,
        s.busy_us,
        s.latency_us_max,
    ];
    let used = s.used.iter().flatten();
    let odd = counts.into_iter().chain(used.clone().map(|used| used.bytes)).any(|count| count > COUNT_MAX)
        || used.into_iter().any(|used| !is_time(used.at));
    odd.then_some("its storage has values that nothing can have")
}
