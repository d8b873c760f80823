//! Moments: which ones a person may record, the figures each is told with, and the record that counts.
// SPDX-License-Identifier: Apache-2.0

use super::{Condition, Evidence, PHASES};
use crate::estate::Moment;

/// The figures of moments (*ours*, as what makes each of them worth telling): what it was like before or had to be,
/// what it is like now, and how many machines or requests that is about.
const FIGURES: &[(&str, &[&str])] = &[
    ("first-live-migration", &["downtime_minutes_before", "downtime_minutes_after", "machines_moved"]),
    (
        "first-maintenance-without-downtime",
        &["downtime_minutes_before", "downtime_minutes_after", "machines_moved"],
    ),
    ("first-recovery-test", &["recovery_minutes_required", "recovery_minutes_tested", "machines_recovered"]),
    ("first-same-day-request", &["request_hours_before", "request_hours_after", "machines_requested"]),
];

/// Every moment a person may record, in the order of the phases.
pub fn moments() -> impl Iterator<Item = &'static str> {
    PHASES.iter().flat_map(|phase| {
        let conditions = phase.entry.iter().chain(phase.exit).filter_map(Condition::moment);
        conditions.chain(phase.told.iter().copied())
    })
}

/// The figures a moment may be recorded with; none where it is only dated and told.
#[must_use]
pub fn figures(moment: &str) -> &'static [&'static str] {
    FIGURES.iter().find(|(known, _)| *known == moment).map_or(&[], |(_, figures)| figures)
}

/// Every figure there is, each once.
pub fn all_figures() -> impl Iterator<Item = &'static str> {
    let mut all: Vec<&str> = FIGURES.iter().flat_map(|(_, figures)| *figures).copied().collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter()
}

/// The record of a moment that counts: of several the earliest day, since it is the first time; of one day what was
/// recorded last, so that a figure can be put right and words can follow.
pub(crate) fn recorded<'a>(moment: &str, evidence: &Evidence<'a>) -> Option<&'a Moment> {
    let of_it = evidence.estate.moments.iter().filter(|recorded| recorded.moment == moment);
    of_it.rev().filter(|recorded| recorded.on <= evidence.now).min_by_key(|recorded| recorded.on.day())
}

/// What has happened, in the order of the phases.
pub(super) fn happened(evidence: &Evidence<'_>) -> Vec<Moment> {
    moments().filter_map(|moment| recorded(moment, evidence)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_of_moments_there_are() {
        for (moment, figures) in FIGURES {
            assert!(moments().any(|known| known == *moment), "{moment}");
            assert!(!figures.is_empty());
        }
        assert_eq!(figures("catalogue-in-use"), &[] as &[&str]);
        assert_eq!(all_figures().count(), 9);
    }
}
