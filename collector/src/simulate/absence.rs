//! When a simulated server was not measured, or was switched off: what everybody has now and then, and what
//! is planted in some.
// SPDX-License-Identifier: Apache-2.0

use super::kind::Plant;
use super::load::LOCAL_OFFSET_S;
use super::stream::{Stream, Topic};
use super::{Population, WIDTH_S};
use cairn_schemas::gap::{Gap, GapReason};
use cairn_schemas::time::{DAY_S, HOUR_S, Timestamp, WEEK_S, Window};

/// When a server has no ordinary slots.
#[derive(Clone, Debug)]
pub(super) struct Absences {
    /// Stretches without slots, ascending, not overlapping, inside the window.
    pub(super) gaps: Vec<Gap>,
    /// Whether it is off at night and at weekends.
    off_at_night: bool,
    /// When memory was built in, for a server with more of it since.
    pub(super) upgrade_at: Timestamp,
}

impl Absences {
    /// Draws the absences of a server. A planted one replaces the ordinary restart, so none overlap.
    pub(super) fn draw(population: &Population, index: usize, plant: Plant) -> Self {
        let mut stream = Stream::new(population.seed, Topic::Absence, index, 0);
        let window = population.window;
        let share = |ratio: f64| {
            let seconds = (window.seconds() as f64 * ratio) as i64;
            Timestamp(window.from.0 + seconds / WIDTH_S * WIDTH_S)
        };
        let planted = |from: f64, to: f64, reason| {
            vec![Gap { window: Window { from: share(from), to: share(to) }, reason }]
        };
        let start = stream.between((0.2, 0.6));
        let mut gaps = match plant {
            Plant::AgentLate => planted(0.0, stream.between((0.3, 0.45)), GapReason::NeverEnrolled),
            Plant::AgentDown => planted(start, start + stream.between((0.08, 0.2)), GapReason::AgentDown),
            // The collector's outage is the same for all who could not hold out.
            Plant::SpoolFull => planted(0.35, 0.39, GapReason::SpoolFull),
            Plant::MostlyMissing => planted(0.15, 0.80, GapReason::AgentDown),
            Plant::NeverMeasured => planted(0.0, 1.0, GapReason::NeverEnrolled),
            _ => restarts(window, &mut stream),
        };
        gaps.retain(|gap| gap.window.seconds() > 0);
        Self { gaps, off_at_night: plant == Plant::OffAtNight, upgrade_at: share(0.5) }
    }

    /// Whether the server is off in the slot that starts then: before six, after twenty, at weekends; but
    /// not on the last day of a month, when there is work at all hours.
    pub(super) fn is_off(&self, start: Timestamp) -> bool {
        let local = Timestamp(start.0 + LOCAL_OFFSET_S);
        let weekend = local.hour_of_week() >= 5 * 24;
        self.off_at_night && !local.is_month_end() && (weekend || !(6..20).contains(&local.hour_of_day()))
    }
}

/// A restart for patches every fourth Sunday, in the small hours; a fifth of the servers skip it.
fn restarts(window: Window, stream: &mut Stream) -> Vec<Gap> {
    const PATCH_CYCLE_S: i64 = 4 * WEEK_S;
    let minutes_in = (stream.between((0.0, 180.0)) as i64) * 60 / WIDTH_S * WIDTH_S;
    let slots = *stream.pick(&[1, 1, 2, 3]);
    if stream.chance(0.2) {
        return Vec::new();
    }
    let sunday =
        Timestamp(window.from.0.div_euclid(PATCH_CYCLE_S) * PATCH_CYCLE_S).start_of_week().0 + 6 * DAY_S;
    (0..)
        .map(|cycle| sunday + cycle * PATCH_CYCLE_S + 2 * HOUR_S + minutes_in)
        .take_while(|from| *from < window.to.0)
        .map(|from| Window { from: Timestamp(from), to: Timestamp(from + slots * WIDTH_S) })
        .filter(|gap| window.from <= gap.from && gap.to <= window.to)
        .map(|window| Gap { window, reason: GapReason::HostDown })
        .collect()
}
