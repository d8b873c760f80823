//! From seconds to slots: one UTC minute each (a part of one in demonstrations), with the mean and the largest
//! second of every series. Every minute becomes a slot or a gap with its reason, never both and never neither.
// SPDX-License-Identifier: Apache-2.0

mod open_minute;
pub use open_minute::OpenMinute;

use crate::clock::Instants;
use crate::sampler::Board;
use cairn_schemas::gap::{Gap, GapReason};
use cairn_schemas::metric::{self, Scope};
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot, SlotTable};
use cairn_schemas::time::{MINUTE_S, Timestamp, Window};
use cairn_schemas::value_code::{Code, MISSING};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Width of an agent's slot; a demonstration may use a whole part of it.
pub const WIDTH_S: u32 = MINUTE_S as u32;
/// A reading speaks of the second before it: the middle of that second says which minute it belongs to.
const HALF_READING_MS: i64 = 500;
/// The wall clock may drift this far against boot time between two readings; beyond it, it was set.
const JUMP_MS: i64 = 1_000;
/// No agent has run before 2025: a clock that says so has not been set yet (a host without a working clock of its own
/// begins in 1970). Nothing is measured under it; once it is right, the time up to then is a gap.
const CLOCK_FLOOR_MS: i64 = 1_735_689_600_000;
/// Set back further than this, the clock was wrong before: its minutes are measured again under true names.
const RESTART_S: i64 = 3_600;

/// One closed slot with its values; `keys`, `mean` and `max` are parallel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedSlot {
    /// When, and on how many readings it rests.
    pub slot: Slot,
    /// Which series; shared between slots while no device comes or goes.
    pub keys: Arc<[SeriesKey]>,
    /// Mean of each series.
    pub mean: Box<[Code]>,
    /// Largest second of each series.
    pub max: Box<[Code]>,
}

/// What the passing of time brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A minute has been measured.
    Slot(ClosedSlot),
    /// A stretch has not, and why.
    Gap(Gap),
    /// The clock was set far back, and time is accounted for again from here on: what is held must be sealed before
    /// older minutes follow.
    Restart(Timestamp),
}

/// Up to where an earlier run accounted for time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// First moment not accounted for.
    pub until: Timestamp,
    /// Whether that run said goodbye; if not, the minute it was in is lost with it.
    pub stopped: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    sum: f64,
    max: f64,
    readings: u32,
}

/// Turns readings into slots and gaps.
#[derive(Debug)]
pub struct Timeline {
    width_s: i64,
    open: Option<(Timestamp, u32)>,
    cells: Vec<Cell>,
    keys: Arc<[SeriesKey]>,
    covered: Option<Covered>,
    before: Option<Instants>,
    /// Why nothing is read at present, if it is so by intent.
    resting: Option<GapReason>,
    /// Why the open minute lacks readings, if it rested in it.
    rested: Option<GapReason>,
    /// What was read of the open minute before this board, series by series, until they show up on it.
    carried: BTreeMap<SeriesKey, Cell>,
    /// When the machine was switched on that left the minute which is resumed, by the wall clock.
    resumed_boot_ms: Option<i64>,
}

impl Timeline {
    /// Continues where an earlier run left off.
    #[must_use]
    pub fn new(covered: Option<Covered>) -> Self {
        Self::with_width(WIDTH_S, covered)
    }

    /// The same with narrower slots, of a width that divides a minute.
    #[must_use]
    pub fn with_width(width_s: u32, covered: Option<Covered>) -> Self {
        debug_assert!(width_s > 0 && WIDTH_S.is_multiple_of(width_s), "{width_s}");
        Self {
            width_s: i64::from(width_s),
            open: None,
            cells: Vec::new(),
            keys: Arc::from([]),
            covered,
            before: None,
            resting: None,
            rested: None,
            carried: BTreeMap::new(),
            resumed_boot_ms: None,
        }
    }

    /// Goes on with the minute an earlier run was stopped in, if nothing has been told of it since.
    pub fn resume(&mut self, open: OpenMinute) {
        let untold = self.covered.is_none_or(|covered| covered.until == open.start);
        if open.width_s == self.width_s && untold {
            self.open = Some((open.start, open.samples));
            self.resumed_boot_ms = open.boot_ms;
            self.carried = open.into_cells().collect();
        }
    }

    /// Takes the readings on the board into the minute they belong to.
    pub fn read(&mut self, at: Instants, board: &Board, emit: &mut dyn FnMut(Event)) {
        if at.wall_ms < CLOCK_FLOOR_MS {
            return self.wait_for_clock(at, emit);
        }
        let minute = self.pass(at, emit);
        self.resting = None;
        if self.open.is_some() || self.covered.is_none_or(|covered| covered.until <= minute) {
            self.add(minute, board);
        }
    }

    /// Nothing is read for now, by intent: accounts for the time up to here.
    pub fn rest(&mut self, at: Instants, reason: GapReason, emit: &mut dyn FnMut(Event)) {
        if at.wall_ms < CLOCK_FLOOR_MS {
            return self.wait_for_clock(at, emit);
        }
        self.resting = Some(reason);
        let minute = self.pass(at, emit);
        self.rested = Some(reason);
        // Whoever measures after a rest begins with a board of its own.
        self.carried.extend(self.keys.iter().cloned().zip(self.cells.iter().copied()));
        self.forget_series();
        if self.covered.is_none() {
            self.covered = Some(Covered { until: minute, stopped: true });
        }
    }

    /// What is read under a clock that cannot be right belongs to no minute.
    fn wait_for_clock(&mut self, at: Instants, emit: &mut dyn FnMut(Event)) {
        if let Some((start, _)) = self.open {
            self.give_up_open_minute(Timestamp(start.0 + self.width_s), emit);
        }
        self.before = Some(at);
    }

    /// Accounts for the time since the reading before, and returns the minute this one belongs to.
    fn pass(&mut self, at: Instants, emit: &mut dyn FnMut(Event)) -> Timestamp {
        let minute = self.slot_of(at.wall_ms - HALF_READING_MS);
        let before = self.before.replace(at);
        // A copy of a disk goes on with nobody's minute: two machines would count as one in it.
        if self.resumed_boot_ms.take().is_some_and(|ms| ms.abs_diff(offset_ms(&at)) > JUMP_MS as u64) {
            self.open = None;
            self.forget_readings();
        }
        match before {
            None if self.open.is_some_and(|(start, _)| start == minute) => {}
            None if self.open.is_some_and(|(start, _)| start > minute) => {
                self.open = None;
                self.forget_readings();
            }
            None => self.account_for_absence(at, minute, emit),
            Some(before) if offset_ms(&at).abs_diff(offset_ms(&before)) > JUMP_MS as u64 => {
                self.give_up_open_minute(minute, emit);
                self.skip_to(minute, GapReason::ClockInvalid, emit);
            }
            Some(before) => {
                if self.open.is_some_and(|(start, _)| start < minute) {
                    self.close(emit);
                }
                let asleep_ns = (at.boot_ns - before.boot_ns) - (at.mono_ns - before.mono_ns);
                let asleep = asleep_ns > JUMP_MS * 1_000_000;
                let unasked = if asleep { GapReason::HostDown } else { GapReason::AgentDown };
                let reason = self.resting.filter(|_| !asleep).unwrap_or(unasked);
                self.skip_to(minute, reason, emit);
            }
        }
        self.restart_if_far_back(minute, emit);
        minute
    }

    /// Ends the run and gives the minute it was in. Unless the next run resumes it, that run tells it as a gap.
    pub fn stop(&mut self) -> Option<OpenMinute> {
        let (start, samples) = self.open.take()?;
        self.meet_carried();
        let boot_ms = self.before.as_ref().map(offset_ms);
        Some(OpenMinute::new(start, samples, self.width_s, boot_ms, &self.keys, &self.cells))
    }

    /// Adds what was read of series that have not shown up again. Says whether there were any.
    fn meet_carried(&mut self) -> bool {
        if self.carried.is_empty() {
            return false;
        }
        let (keys, cells): (Vec<_>, Vec<_>) = std::mem::take(&mut self.carried).into_iter().unzip();
        self.keys = self.keys.iter().cloned().chain(keys).collect();
        self.cells.extend(cells);
        true
    }

    /// Start of the slot a moment of the wall clock lies in.
    const fn slot_of(&self, wall_ms: i64) -> Timestamp {
        Timestamp(wall_ms.div_euclid(1_000 * self.width_s) * self.width_s)
    }

    fn add(&mut self, minute: Timestamp, board: &Board) {
        let (_, samples) = self.open.get_or_insert((minute, 0));
        // The wall clock runs slightly slow against ours at times: the 61st reading still is of this minute.
        *samples = (*samples + 1).min(self.width_s as u32);
        for key in &board.keys()[self.cells.len().min(board.keys().len())..] {
            self.cells.push(self.carried.remove(key).unwrap_or_default());
        }
        for (cell, reading) in self.cells.iter_mut().zip(board.readings()) {
            if let Ok(value) = *reading {
                cell.max = if cell.readings == 0 { value } else { cell.max.max(value) };
                cell.sum += value;
                cell.readings += 1;
            }
        }
        if self.keys.len() != board.keys().len() {
            self.keys = Arc::from(board.keys());
        }
    }

    fn close(&mut self, emit: &mut dyn FnMut(Event)) {
        let Some((start, samples)) = self.open.take() else { return };
        let (others, rested) = (self.meet_carried(), self.rested.take());
        let slot = Slot { start, width_s: self.width_s as u32, samples, power: Power::On };
        if !slot.is_valid() {
            // Too few readings to stand for the minute: the agent began late in it, or was kept from running.
            self.forget_readings();
            if others {
                self.forget_series();
            }
            let unasked = if others { GapReason::OpenMinute } else { GapReason::AgentDown };
            return self.gap(start, slot.end(), rested.unwrap_or(unasked), emit);
        }
        let code = |cell: &Cell, key: &SeriesKey, value: f64| {
            let known = (cell.readings > 0).then_some(value);
            metric::by_id(key.metric).map_or(MISSING, |metric| metric.unit.coding().encode(known))
        };
        let cells = || self.cells.iter().zip(self.keys.iter());
        let mean = cells().map(|(cell, key)| code(cell, key, cell.sum / f64::from(cell.readings))).collect();
        let max = cells().map(|(cell, key)| code(cell, key, cell.max)).collect();
        let keys = Arc::clone(&self.keys);
        self.forget_readings();
        if others {
            self.forget_series();
        }
        self.covered = Some(Covered { until: slot.end(), stopped: false });
        emit(Event::Slot(ClosedSlot { slot, keys, mean, max }));
    }

    fn forget_readings(&mut self) {
        self.cells.fill(Cell::default());
        self.carried.clear();
    }

    /// The next board may have its series in another order.
    fn forget_series(&mut self) {
        self.cells.clear();
        self.keys = Arc::from([]);
    }

    /// First reading of a run: says why there was none since the run before.
    fn account_for_absence(&mut self, at: Instants, minute: Timestamp, emit: &mut dyn FnMut(Event)) {
        // What an earlier run left half read is a slot if it was read for long enough.
        if self.open.is_some() {
            self.close(emit);
            self.covered = self.covered.map(|covered| Covered { stopped: true, ..covered });
        }
        let Some(covered) = self.covered.filter(|covered| covered.until < minute) else { return };
        let mut from = covered.until;
        if !covered.stopped {
            let lost = Timestamp(from.0 + self.width_s);
            self.gap(from, lost, GapReason::OpenMinute, emit);
            from = lost;
        }
        let booted_minute = self.slot_of(offset_ms(&at)).min(minute);
        self.gap(from, booted_minute, GapReason::HostDown, emit);
        self.gap(from.max(booted_minute), minute, GapReason::AgentDown, emit);
    }

    /// The clock was set during the open minute: what it holds belongs to no minute.
    fn give_up_open_minute(&mut self, minute: Timestamp, emit: &mut dyn FnMut(Event)) {
        if let Some((start, _)) = self.open.take() {
            self.forget_readings();
            let end = if minute > start { minute } else { Timestamp(start.0 + self.width_s) };
            self.gap(start, end, GapReason::ClockInvalid, emit);
        }
    }

    fn skip_to(&mut self, minute: Timestamp, reason: GapReason, emit: &mut dyn FnMut(Event)) {
        if let Some(covered) = self.covered
            && self.open.is_none()
        {
            self.gap(covered.until, minute, reason, emit);
        }
    }

    fn restart_if_far_back(&mut self, minute: Timestamp, emit: &mut dyn FnMut(Event)) {
        if self.open.is_none() && self.covered.is_some_and(|c| c.until.0 - minute.0 > RESTART_S) {
            emit(Event::Restart(minute));
            self.covered = Some(Covered { until: minute, stopped: true });
        }
    }

    fn gap(&mut self, from: Timestamp, to: Timestamp, reason: GapReason, emit: &mut dyn FnMut(Event)) {
        if from < to {
            emit(Event::Gap(Gap { window: Window { from, to }, reason }));
            self.covered = Some(Covered { until: to, stopped: true });
        }
    }
}

/// How far the wall clock is ahead of boot time: the moment of boot. It moves only when the clock is set.
const fn offset_ms(at: &Instants) -> i64 {
    at.wall_ms - at.boot_ns / 1_000_000
}

/// Lays slots side by side, one column a series; series that nobody knows anything of are left out.
#[must_use]
pub fn table(slots: &[ClosedSlot]) -> SlotTable {
    let mut columns: BTreeMap<&SeriesKey, (Vec<Code>, Vec<Code>)> = BTreeMap::new();
    for (at, closed) in slots.iter().enumerate() {
        for ((key, mean), max) in closed.keys.iter().zip(&closed.mean).zip(&closed.max) {
            if *mean != MISSING {
                let missing = || (vec![MISSING; slots.len()], vec![MISSING; slots.len()]);
                let (means, maxima) = columns.entry(key).or_insert_with(missing);
                (means[at], maxima[at]) = (*mean, *max);
            }
        }
    }
    // A file system is looked at once a minute: it has no largest second.
    let has_max = |key: &SeriesKey| metric::by_id(key.metric).is_some_and(|m| m.scope != Scope::FileSystem);
    let column = |(key, (mean, max)): (&SeriesKey, _)| Column {
        key: key.clone(),
        mean,
        max: has_max(key).then_some(max),
    };
    SlotTable {
        slots: slots.iter().map(|closed| closed.slot).collect(),
        columns: columns.into_iter().map(column).collect(),
    }
}

/// The slots of a table, one by one: the inverse of [`table`].
#[must_use]
pub fn slots(table: &SlotTable) -> Vec<ClosedSlot> {
    let keys: Arc<[SeriesKey]> = table.columns.iter().map(|column| column.key.clone()).collect();
    let of = |at: usize, slot: &Slot| ClosedSlot {
        slot: *slot,
        keys: Arc::clone(&keys),
        mean: table.columns.iter().map(|column| column.mean[at]).collect(),
        max: table.columns.iter().map(|c| c.max.as_ref().map_or(c.mean[at], |max| max[at])).collect(),
    };
    table.slots.iter().enumerate().map(|(at, slot)| of(at, slot)).collect()
}

#[cfg(test)]
#[path = "slot_tests.rs"]
mod tests;
