//! Nightly peaks that servers have together, as backups that start at one hour make them; and the hosts that would
//! do if those peaks were spread over the night or did not count.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::{Candidate, WEEK_CELLS};
use crate::estate::{Estate, Server, coding};
use crate::packing;
use crate::policy::Policy;
use cairn_schemas::assessment::{NightlyHour, NightlyPeaks, Resource};
use cairn_schemas::value_code::MISSING;

/// Hours of the night, UTC, in the order they pass (*ours*: 20:00 to 07:00 holds the night of most of a continent).
const NIGHT: [usize; 11] = [20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6];

/// A peak recurs when so large a share of the measured days has its largest hour there (*ours*).
const RECURRING_RATIO: f64 = 0.6;

/// A day has a peak when its largest hour is so many times the day's median hour (*ours*).
const PEAK_FACTOR: f64 = 3.0;

/// Fewest measured days a peak can recur on.
const DAYS_MIN: usize = 7;

/// Servers that make a peak of the estate: this share, and never fewer than [`TOGETHER_MIN`] (*ours*).
const TOGETHER_RATIO: f64 = 0.05;
const TOGETHER_MIN: usize = 3;

/// Most servers for which hosts without the peaks are counted: each is a packing.
pub const SERVERS_MAX: usize = 2_000;

/// The nightly peaks of the candidates a plan has placed on so many hosts. `None` when in no hour enough servers
/// peak together.
#[must_use]
pub fn nightly_peaks(
    estate: &Estate,
    policy: &Policy,
    placed: &[Candidate],
    hosts: usize,
) -> Option<NightlyPeaks> {
    let peaks: Vec<Option<usize>> =
        placed.iter().map(|candidate| recurring_hour(&estate.servers[candidate.index])).collect();
    let together = ((placed.len() as f64 * TOGETHER_RATIO).ceil() as usize).max(TOGETHER_MIN);
    let count = |&hour: &usize| NightlyHour {
        hour,
        servers: peaks.iter().filter(|peak| **peak == Some(hour)).count(),
    };
    let hours: Vec<NightlyHour> = NIGHT.iter().map(count).filter(|hour| hour.servers >= together).collect();
    if hours.is_empty() {
        return None;
    }
    let without = |changed: Vec<Candidate>| {
        (placed.len() <= SERVERS_MAX)
            .then(|| packing::host_count(&changed, policy))
            .flatten()
            .map(|count| count.min(hosts))
    };
    Some(NightlyPeaks {
        servers: peaks.iter().flatten().count(),
        hosts,
        hosts_if_staggered: without(staggered(placed, &peaks)),
        hosts_if_excluded: without(excluded(placed, &peaks)),
        hours,
    })
}

/// The night hour in which a server peaks on most of its days, of disk before network before CPU.
fn recurring_hour(server: &Server) -> Option<usize> {
    [Resource::Disk, Resource::Network, Resource::Cpu].into_iter().find_map(|resource| {
        let mut days = 0;
        let mut peaks = [0; 24];
        for load in server.weeks.iter().filter_map(|week| week.loads[resource as usize].as_ref()) {
            for day in load.five_minute.chunks_exact(24 * 12) {
                let tops = hour_tops(resource, day);
                days += usize::from(tops.iter().any(Option::is_some));
                if let Some(hour) = peak_of(&tops) {
                    peaks[hour] += 1;
                }
            }
        }
        let recurs = |hour: &&usize| peaks[**hour] as f64 >= RECURRING_RATIO * days as f64;
        NIGHT.iter().find(recurs).copied().filter(|_| days >= DAYS_MIN)
    })
}

/// Largest five-minute mean of each hour of a day.
fn hour_tops(resource: Resource, day: &[u16]) -> [Option<f64>; 24] {
    let mut tops = [None; 24];
    for (top, codes) in tops.iter_mut().zip(day.chunks(12)) {
        let code = codes.iter().copied().filter(|code| *code != MISSING).max();
        *top = code.and_then(|code| coding(resource).decode(code));
    }
    tops
}

/// The largest hour of a day, where it stands out of it.
fn peak_of(tops: &[Option<f64>; 24]) -> Option<usize> {
    let mut known: Vec<f64> = tops.iter().flatten().copied().collect();
    known.sort_by(f64::total_cmp);
    let (most, median) = (*known.last()?, known[known.len() / 2]);
    let stands_out = most > 0.0 && most >= PEAK_FACTOR * median;
    stands_out.then(|| tops.iter().position(|top| *top == Some(most))).flatten()
}

/// Every hour of the day `hour` among the cells, month-end ones included, with the cell of `other` that day.
fn pairs(hour: usize, other: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..=WEEK_CELLS / 24).map(move |day| (day * 24 + hour, day * 24 + other))
}

/// The servers' peaks dealt out over the hours of the night in turn: what a server did in its hour and what it
/// did in the one it is given change places.
fn staggered(placed: &[Candidate], peaks: &[Option<usize>]) -> Vec<Candidate> {
    let mut turn = NIGHT.iter().cycle();
    let mut changed = placed.to_vec();
    for (candidate, hour) in changed.iter_mut().zip(peaks) {
        let Some(hour) = *hour else { continue };
        let Some(&other) = turn.next() else { continue };
        for cells in candidate.demand.by_resource.iter_mut().flatten() {
            pairs(hour, other).for_each(|(a, b)| cells.swap(a, b));
        }
    }
    changed
}

/// The servers without their peaks: in that hour each asks for what it does in the hour before.
fn excluded(placed: &[Candidate], peaks: &[Option<usize>]) -> Vec<Candidate> {
    let mut changed = placed.to_vec();
    for (candidate, hour) in changed.iter_mut().zip(peaks) {
        let Some(hour) = *hour else { continue };
        for cells in candidate.demand.by_resource.iter_mut().flatten() {
            pairs(hour, (hour + 23) % 24)
                .for_each(|(peak, before)| cells[peak] = cells[peak].min(cells[before]));
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate_testing::{Did, estate, server};
    use crate::packing::testing::policy;
    use crate::training::candidates;

    fn check(servers: usize, peak: f64, hour: usize) -> Option<NightlyPeaks> {
        let did = move |_, interval: usize| Did::Busy(if interval / 12 % 24 == hour { peak } else { 0.05 });
        let names = (0..servers).map(|n| server(&format!("s{n}"), 5, did));
        // Five weeks hold a month-end; without one every hour of it would be planned at the peak.
        let estate = estate(5, names.collect());
        let mut policy = policy();
        policy.sizing.growth_ratio = 0.0;
        let placed = candidates(&estate, &policy, &(0..servers).collect::<Vec<_>>(), None, 0.0);
        let hosts = packing::host_count(&placed, &policy).unwrap();
        nightly_peaks(&estate, &policy, &placed, hosts)
    }

    #[test]
    fn backups_at_one_hour_are_counted_and_what_they_cost_is_said() {
        // Two of 40 fill a host of 80; out of step five fit, which is the most a host may have.
        let peaks = check(10, 0.40, 2).unwrap();
        assert_eq!(peaks.hours, [NightlyHour { hour: 2, servers: 10 }]);
        assert_eq!((peaks.servers, peaks.hosts), (10, 5));
        assert_eq!((peaks.hosts_if_staggered, peaks.hosts_if_excluded), (Some(2), Some(2)));
    }

    #[test]
    fn peaks_by_day_small_ones_and_those_of_few_are_none() {
        assert_eq!(check(10, 0.40, 14), None, "not at night");
        assert_eq!(check(10, 0.14, 2), None, "not thrice the median hour");
        assert_eq!(check(2, 0.40, 2), None, "two are no crowd");
    }
}
