//! A server as it would have been measured later, had its load stayed as it was: the later coverage, the earlier load.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::{Load, Server, Week};
use cairn_schemas::value_code::MISSING;

/// `after` with the load of `before`: each week of the later one has the load of the same earlier week, else of the
/// earlier weeks in turn. An interval of the week that was never measured before has the load it has later, since
/// nobody can say that it grew.
pub(super) fn still(before: &Server, after: &Server) -> Server {
    if before.weeks.is_empty() {
        return after.clone();
    }
    let weeks = after.weeks.iter().enumerate();
    let weeks = weeks.map(|(place, week)| still_week(&before.weeks, place, week)).collect();
    Server { weeks, ..after.clone() }
}

fn still_week(earlier: &[Week], place: usize, later: &Week) -> Week {
    let same = earlier.iter().position(|week| week.start == later.start);
    let first = same.unwrap_or(place % earlier.len());
    // The week itself first, then those after it in turn.
    let turn: Vec<&Week> = (0..earlier.len()).map(|n| &earlier[(first + n) % earlier.len()]).collect();
    let loads = std::array::from_fn(|resource| {
        let loads: Vec<&Load> = turn.iter().filter_map(|week| week.loads[resource].as_ref()).collect();
        let Some(own) = loads.first() else { return later.loads[resource].clone() };
        let now = later.loads[resource].as_ref();
        let five_minute = (0..own.five_minute.len()).map(|interval| {
            let read = |load: &&Load| load.five_minute.get(interval).copied().filter(|code| *code != MISSING);
            loads.iter().find_map(read).or_else(|| now.and_then(|load| read(&load))).unwrap_or(MISSING)
        });
        Some(Load {
            five_minute: five_minute.collect(),
            counts: own.counts.clone(),
            max_1s: own.max_1s.or_else(|| now.and_then(|load| load.max_1s)),
        })
    });
    let storage = turn.iter().find_map(|week| week.storage.clone()).or_else(|| later.storage.clone());
    Week { loads, storage, ..later.clone() }
}
