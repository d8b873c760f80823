//! Gaps as a set: what is measured is no gap, and no moment has two reasons. Pure.
// SPDX-License-Identifier: Apache-2.0

use super::NOTHING_BEFORE;
use cairn_schemas::gap::Gap;
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

/// Adds gaps to gaps; where two claim a moment the first one said stays.
pub(crate) fn add(held: Vec<Gap>, new: &[Gap]) -> Vec<Gap> {
    let mut all = held;
    for gap in new {
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
    use cairn_schemas::gap::GapReason::{self, AgentDown, HostDown};
    use cairn_schemas::time::Timestamp;

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
    fn no_moment_has_two_reasons() {
        let held = vec![gap(20, 40, HostDown)];
        let all = add(held, &[gap(0, 60, AgentDown), gap(60, 80, AgentDown)]);
        assert_eq!(all, [gap(0, 20, AgentDown), gap(20, 40, HostDown), gap(40, 80, AgentDown)]);
        assert_eq!(add(all.clone(), &[gap(0, 80, AgentDown)]), all);
    }

    #[test]
    fn gaps_are_cut_to_a_window() {
        assert_eq!(cut(gap(0, 100, AgentDown), window(50, 70)), Some(gap(50, 70, AgentDown)));
        assert_eq!(cut(gap(0, 100, AgentDown), window(100, 170)), None);
    }
}
