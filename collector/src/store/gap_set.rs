//! Gaps as a set: what is measured is no gap, and no moment has two reasons. Pure.
// SPDX-License-Identifier: Apache-2.0

use super::NOTHING_BEFORE;
use cairn_schemas::gap::{Gap, GapReason};
use cairn_schemas::slot::Slot;
use cairn_schemas::time::{DAY_S, Window};

/// Longest gap believed: ten years.
const GAP_S_MAX: i64 = 3_653 * DAY_S;

/// Whether a gap can be one: within this century, and no longer than an agent's life.
pub(crate) fn is_believable(gap: &Gap) -> bool {
    let length_s = gap.window.to.0.saturating_sub(gap.window.from.0);
    gap.window.from >= NOTHING_BEFORE && (1..=GAP_S_MAX).contains(&length_s)
}

/// The stretches slots cover, ascending, joined where they touch.
pub(crate) fn cover<'a>(slots: impl IntoIterator<Item = &'a Slot>) -> Vec<Window> {
    union(slots.into_iter().map(|slot| Window { from: slot.start, to: slot.end() }).collect())
}

/// Stretches sorted and joined where they touch or overlap.
pub(crate) fn union(mut windows: Vec<Window>) -> Vec<Window> {
    windows.sort_by_key(|window| window.from);
    let mut joined: Vec<Window> = Vec::new();
    for window in windows {
        match joined.last_mut() {
            Some(last) if window.from <= last.to => last.to = last.to.max(window.to),
            _ => joined.push(window),
        }
    }
    joined
}

/// Takes stretches (ascending, apart) out of gaps.
pub(crate) fn subtract(gaps: &[Gap], cover: &[Window]) -> Vec<Gap> {
    let mut rest = Vec::new();
    for gap in gaps {
        let mut from = gap.window.from;
        let first = cover.partition_point(|window| window.to <= from);
        for window in cover[first..].iter().take_while(|window| window.from < gap.window.to) {
            rest.push(Gap { window: Window { from, to: window.from }, ..*gap });
            from = window.to;
        }
        rest.push(Gap { window: Window { from, to: gap.window.to }, ..*gap });
    }
    rest.retain(|gap| gap.window.seconds() > 0);
    rest
}

/// Which reason holds where two claim a moment, the weakest first. Our own order: what an agent tells is dated by a clock
/// that may have been wrong, and what arrived first depends on the network and on what was packed first.
const BY_WEIGHT: [GapReason; GapReason::ALL.len()] = [
    // Nobody knows.
    GapReason::NotReported,
    GapReason::NeverEnrolled,
    // A clock that jumped claims time that had not come yet, or that was accounted for before it went wrong.
    GapReason::ClockInvalid,
    // The next run inferred it from the clock it began with.
    GapReason::HostDown,
    GapReason::AgentDown,
    // An agent ran at that moment.
    GapReason::Paused,
    GapReason::HeldBack,
    GapReason::OpenMinute,
    // It was measured, and no absence hides that it is lost. Of a damaged batch nobody read which slots it held.
    GapReason::Corrupt,
    GapReason::CollectorRejected,
    GapReason::SpoolFull,
];

fn weight(reason: GapReason) -> Option<usize> {
    BY_WEIGHT.iter().position(|known| *known == reason)
}

/// Adds gaps to gaps; where two claim a moment the weightier reason holds, in whatever order they come.
pub(crate) fn add(held: Vec<Gap>, new: &[Gap]) -> Vec<Gap> {
    let mut all = held;
    for gap in new {
        let (weaker, rest): (Vec<Gap>, _) =
            all.into_iter().partition(|held| weight(held.reason) < weight(gap.reason));
        all = [rest, subtract(&weaker, &[gap.window])].concat();
        let taken = union(all.iter().map(|gap| gap.window).collect());
        all.extend(subtract(std::slice::from_ref(gap), &taken));
    }
    all.sort_by_key(|gap| gap.window.from);
    all.dedup_by(|later, earlier| {
        let joins = later.reason == earlier.reason && later.window.from == earlier.window.to;
        if joins {
            earlier.window.to = later.window.to;
        }
        joins
    });
    all
}

/// Cuts a gap to a window; `None` when nothing of it is inside.
pub(crate) fn cut(gap: Gap, window: Window) -> Option<Gap> {
    let inside = Window { from: gap.window.from.max(window.from), to: gap.window.to.min(window.to) };
    (inside.seconds() > 0).then_some(Gap { window: inside, ..gap })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::gap::GapReason::{AgentDown, ClockInvalid, Corrupt, HostDown, NotReported, SpoolFull};
    use cairn_schemas::time::Timestamp;
    use proptest::prelude::*;

    fn window(from: i64, to: i64) -> Window {
        Window { from: Timestamp(from), to: Timestamp(to) }
    }

    fn gap(from: i64, to: i64, reason: GapReason) -> Gap {
        Gap { window: window(from, to), reason }
    }

    #[test]
    fn what_is_measured_is_no_gap() {
        let check = |cover: &[Window], expected: &[Gap]| {
            assert_eq!(subtract(&[gap(0, 100, AgentDown)], cover), expected, "{cover:?}");
        };
        check(&[], &[gap(0, 100, AgentDown)]);
        check(&[window(-50, 0), window(100, 150)], &[gap(0, 100, AgentDown)]);
        check(&[window(0, 100)], &[]);
        check(&[window(-10, 20), window(40, 60)], &[gap(20, 40, AgentDown), gap(60, 100, AgentDown)]);
        check(&[window(90, 200)], &[gap(0, 90, AgentDown)]);
    }

    #[test]
    fn every_reason_has_its_weight() {
        assert!(GapReason::ALL.into_iter().all(|reason| weight(reason).is_some()));
    }

    #[test]
    fn of_two_reasons_the_weightier_holds_in_either_order() {
        let check = |narrow: GapReason, wide: GapReason, holds: GapReason| {
            let (narrow, wide) = (gap(30, 60, narrow), gap(0, 90, wide));
            let expected = if holds == wide.reason {
                vec![wide]
            } else {
                vec![gap(0, 30, wide.reason), narrow, gap(60, 90, wide.reason)]
            };
            assert_eq!(add(vec![wide], &[narrow]), expected, "{narrow:?}");
            assert_eq!(add(vec![narrow], &[wide]), expected, "{narrow:?}, in the other order");
        };
        check(HostDown, ClockInvalid, HostDown);
        check(AgentDown, HostDown, AgentDown);
        // A clock that was ahead had claimed the time to come: then it was measured, and lost.
        check(SpoolFull, HostDown, SpoolFull);
        check(Corrupt, HostDown, Corrupt);
        check(Corrupt, SpoolFull, SpoolFull);
        // A collector back from a backup asks for all there was: what is known of it holds.
        check(ClockInvalid, NotReported, ClockInvalid);
    }

    #[test]
    fn no_moment_has_two_reasons() {
        let held = vec![gap(20, 40, AgentDown)];
        let all = add(held, &[gap(0, 60, HostDown), gap(60, 80, HostDown)]);
        assert_eq!(all, [gap(0, 20, HostDown), gap(20, 40, AgentDown), gap(40, 80, HostDown)]);
        assert_eq!(add(all.clone(), &[gap(0, 80, HostDown)]), all);
    }

    proptest! {
        #[test]
        fn what_came_first_and_what_came_together_change_nothing(
            told in proptest::collection::vec((0..20_i64, 1..10_i64, 1..=11_u8), 0..12),
            cut in 0..12_usize,
        ) {
            let told: Vec<Gap> = told
                .into_iter()
                .map(|(from, length, number)| gap(from, from + length, GapReason::from_number(number).unwrap()))
                .collect();
            let all = add(Vec::new(), &told);
            for moment in 0..30 {
                let at = |gap: &&Gap| gap.window.from.0 <= moment && moment < gap.window.to.0;
                let claims = told.iter().filter(at).map(|gap| gap.reason);
                let holds: Vec<GapReason> = all.iter().filter(at).map(|gap| gap.reason).collect();
                prop_assert_eq!(holds, Vec::from_iter(claims.max_by_key(|reason| weight(*reason))));
            }
            let (first, rest) = told.split_at(cut.min(told.len()));
            prop_assert_eq!(&add(add(Vec::new(), rest), first), &all);
        }
    }

    #[test]
    fn gaps_are_cut_to_a_window() {
        assert_eq!(cut(gap(0, 100, AgentDown), window(50, 70)), Some(gap(50, 70, AgentDown)));
        assert_eq!(cut(gap(0, 100, AgentDown), window(100, 170)), None);
    }
}
