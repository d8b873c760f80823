//! Measuring on: how near so many weeks came to what the four weeks after them needed, at every origin the window
//! allows, and so how many more days this estate asks for. What other estates showed stands apart.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::Candidate;
use crate::estate::Estate;
use crate::interval::needed_over_planned;
use crate::packing::Axis;
use crate::policy::Policy;
use crate::training::{TRAINING_WEEKS, stretch, unprovided, whole_weeks};
use cairn_schemas::assessment::{Learned, Measuring, PublishedInflation};

/// Most servers for which it is looked for: every length of measurement is a sizing an origin.
pub const SERVERS_MAX: usize = 2_000;

/// How near the estimate is to be (*ours*).
const WITHIN_RATIO: f64 = 0.05;

/// Lengths of measurement tried, in weeks.
const LENGTHS: [usize; 6] = [1, 2, 3, 4, 6, 8];

/// needed / planned after so many weeks on another estate.
const PUBLISHED: [(usize, f64); 4] = [(1, 1.21), (2, 1.11), (3, 1.065), (4, 1.04)];
const PUBLISHED_SOURCE: &str = "403 virtual machines of one trace (GWA-T-12 Bitbrains Rnd, 2013), maximum per hour of the week at 90 %, needed over planned; one estate, not this one";

/// What the estate's own whole weeks say of the length of measurement.
#[must_use]
pub fn measuring(estate: &Estate, policy: &Policy, servers: &[usize], axes: &[Axis]) -> Measuring {
    let weeks = whole_weeks(estate.window).len();
    let learned =
        if servers.len() > SERVERS_MAX { Vec::new() } else { learned(estate, policy, servers, axes) };
    let near = |l: &&Learned| l.error_min >= -WITHIN_RATIO && l.error_max <= WITHIN_RATIO;
    let enough = learned.iter().find(near).map(|learned| learned.weeks);
    let reason = match (enough, learned.is_empty()) {
        (Some(_), _) => None,
        (None, true) if servers.len() > SERVERS_MAX => Some("too-many-servers"),
        (None, true) => Some("too-few-weeks"),
        (None, false) => Some("not-reached"),
    };
    Measuring {
        weeks,
        within_ratio: WITHIN_RATIO,
        days_more: enough.map(|enough| 7 * enough.saturating_sub(weeks) as u32),
        reason: reason.map(str::to_owned),
        learned,
        published: PUBLISHED.map(|(weeks, factor)| PublishedInflation { weeks, factor }).to_vec(),
        published_source: PUBLISHED_SOURCE.to_owned(),
    }
}

fn learned(estate: &Estate, policy: &Policy, servers: &[usize], axes: &[Axis]) -> Vec<Learned> {
    let weeks = whole_weeks(estate.window);
    let mut errors: [Vec<f64>; LENGTHS.len()] = Default::default();
    for origin in 1..(weeks.len() + 1).saturating_sub(TRAINING_WEEKS) {
        let sized = |from: usize, length: usize| -> Vec<Candidate> {
            unprovided(estate, policy, servers, stretch(weeks[from], length))
        };
        let after = sized(origin, TRAINING_WEEKS);
        for (errors, &length) in errors.iter_mut().zip(&LENGTHS).filter(|(_, length)| **length <= origin) {
            let ratio = needed_over_planned(&sized(origin - length, length), &after, axes);
            errors.extend(ratio.filter(|ratio| *ratio > 0.0).map(|ratio| 1.0 / ratio - 1.0));
        }
    }
    let row = |(weeks, errors): (&usize, &Vec<f64>)| {
        Some(Learned {
            weeks: *weeks,
            origins: errors.len(),
            error_mean: errors.iter().sum::<f64>() / errors.len() as f64,
            error_min: errors.iter().copied().reduce(f64::min)?,
            error_max: errors.iter().copied().reduce(f64::max)?,
        })
    };
    LENGTHS.iter().zip(&errors).filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate_testing::{Did, estate, server};
    use crate::packing;
    use crate::packing::testing::policy;
    use crate::training::candidates;

    fn check(weeks: usize, busy: impl Fn(usize) -> f64, days: Option<u32>, reason: Option<&str>) {
        let estate = estate(weeks, vec![server("a", weeks, |week, _| Did::Busy(busy(week)))]);
        let policy = policy();
        let axes = packing::plan(&candidates(&estate, &policy, &[0], None, 0.0), &policy).axes;
        let said = measuring(&estate, &policy, &[0], &axes);
        assert_eq!((said.days_more, said.reason.as_deref()), (days, reason), "{weeks} weeks: {said:?}");
    }

    #[test]
    fn the_estate_says_how_long_to_measure_or_why_it_cannot() {
        check(4, |_| 0.2, None, Some("too-few-weeks"));
        check(5, |_| 0.2, Some(0), None);
        // Busy every other week: one week is half the time too few, two never are.
        check(8, |week| if week % 2 == 0 { 0.4 } else { 0.2 }, Some(0), None);
        // Growing all the time: no length is ever enough.
        check(8, |week| 0.1 + 0.05 * week as f64, None, Some("not-reached"));
    }

    #[test]
    fn the_error_is_that_of_the_weeks_before_against_those_after() {
        let busy = |week, _| Did::Busy(if week < 4 { 0.20 } else { 0.25 });
        let estate = estate(8, vec![server("a", 8, busy)]);
        let policy = policy();
        let axes = packing::plan(&candidates(&estate, &policy, &[0], None, 0.0), &policy).axes;
        let said = measuring(&estate, &policy, &[0], &axes);
        let four = said.learned.iter().find(|learned| learned.weeks == 4).unwrap();
        assert_eq!(four.origins, 1);
        assert!((four.error_mean + 0.2).abs() < 1e-9, "20 planned, 25 needed: {four:?}");
        assert!(said.learned.iter().all(|learned| learned.weeks <= 4));
    }
}
