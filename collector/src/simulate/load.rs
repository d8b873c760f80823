//! The load of a simulated server: the shape of its day and week, the noise on it, and what CPU, memory,
//! disk and network make of it.
// SPDX-License-Identifier: Apache-2.0

use super::machine::Machine;
use super::stream::Stream;
use cairn_schemas::time::{DAY_S, HOUR_S, Timestamp};

/// How far local time is ahead of UTC; the estate stands in one time zone, without summer time.
pub(super) const LOCAL_OFFSET_S: i64 = HOUR_S;

/// How a server is used; ranges are drawn from for each server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) shape: Shape,
    /// CPU when nothing happens, and at full activity before noise: ratios.
    pub(super) idle_cpu: (f64, f64),
    pub(super) peak_cpu: (f64, f64),
    /// Share of the installed memory in use.
    pub(super) memory: (f64, f64),
    /// Disk and network traffic at full activity.
    pub(super) disk_mb_per_s: (f64, f64),
    pub(super) network_mb_per_s: (f64, f64),
}

/// The shape of a day and a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// People at work: before and after lunch, hardly at weekends.
    Office,
    /// Next to nothing.
    Quiet,
    /// Much the same at all hours.
    Steady,
    /// A job of some hours every night.
    Nightly,
    /// Visitors by day and evening, and bursts at any time.
    Bursty,
    /// A little in office hours, everything around the end of the month.
    MonthEnd,
    /// Office hours and reports at night.
    Database,
}

/// Whether the accounts are being closed on a day: the last of a month, the one before and the one after.
pub(super) fn is_closing(day: Timestamp) -> bool {
    [-DAY_S, 0, DAY_S].into_iter().any(|shift| Timestamp(day.0 + shift).is_month_end())
}

/// A moment as the shapes see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// Local hour of the day, 0 to 24.
    pub(super) hour: f64,
    weekend: bool,
    saturday: bool,
    month_end: bool,
}

impl Moment {
    pub(super) fn of(start: Timestamp, month_end: bool) -> Self {
        let local = Timestamp(start.0 + LOCAL_OFFSET_S);
        let day = local.hour_of_week() / 24;
        Self {
            hour: (local.0 - local.start_of_day().0) as f64 / HOUR_S as f64,
            weekend: day >= 5,
            saturday: day == 5,
            month_end,
        }
    }

    /// Hours since a local hour of today or yesterday.
    fn since(self, hour: f64) -> f64 {
        (self.hour - hour).rem_euclid(24.0)
    }
}

fn bump(hour: f64, centre: f64, width: f64) -> f64 {
    (-((hour - centre) / width).powi(2) / 2.0).exp()
}

fn office(moment: Moment) -> f64 {
    let people = if moment.weekend { 0.08 } else { 1.0 };
    people * (bump(moment.hour, 10.2, 1.5) + 0.92 * bump(moment.hour, 14.8, 1.8)).min(1.0)
}

/// A server's own levels, drawn once.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    load: Load,
    idle_cpu: f64,
    peak_cpu: f64,
    memory_bytes: f64,
    memory_ratio: f64,
    disk_bytes_per_s: f64,
    network_bytes_per_s: f64,
    /// Links and disks give no more than this.
    disk_max: f64,
    network_max: f64,
    /// How far its day is ahead of or behind the others', hours.
    shift_h: f64,
    /// Start (local hour) and hours of its nightly job and of its backup.
    job: (f64, f64),
    backup: (f64, f64),
    read_ratio: f64,
}

impl Levels {
    pub(super) fn draw(load: &Load, machine: &Machine, stream: &mut Stream) -> Self {
        let disk_max = machine.model.disk_mb_per_s * 1e6;
        Self {
            load: *load,
            idle_cpu: stream.between(load.idle_cpu),
            peak_cpu: stream.between(load.peak_cpu),
            memory_bytes: machine.memory_bytes,
            memory_ratio: stream.between(load.memory),
            disk_bytes_per_s: (stream.between(load.disk_mb_per_s) * 1e6).min(0.7 * disk_max),
            network_bytes_per_s: stream.between(load.network_mb_per_s) * 1e6,
            disk_max,
            network_max: machine.model.network_gbit * 1.25e8,
            shift_h: stream.between((-0.8, 0.8)),
            job: (*stream.pick(&[20.0, 22.0, 23.0, 1.0, 2.0]), stream.between((2.0, 4.5))),
            // Four backup groups one after the other: many servers are busy at the same hours.
            backup: (*stream.pick(&[21.0, 22.5, 0.0, 1.5]), stream.between((0.5, 1.4))),
            read_ratio: stream.between((0.35, 0.75)),
        }
    }

    /// Activity from 0 to about 1, before noise.
    fn activity(&self, moment: Moment) -> f64 {
        let shifted = Moment { hour: (moment.hour + self.shift_h).rem_euclid(24.0), ..moment };
        let job = f64::from(u8::from(moment.since(self.job.0) < self.job.1));
        match self.load.shape {
            Shape::Office => office(shifted),
            Shape::Quiet => 0.05 + 0.10 * office(shifted),
            Shape::Steady => 0.55 + 0.15 * office(shifted),
            Shape::Nightly => (0.9 * job).max(0.06 * office(shifted)),
            Shape::Bursty => {
                0.12 + 0.30 * bump(shifted.hour, 12.5, 2.5) + 0.42 * bump(shifted.hour, 20.0, 1.9)
            }
            Shape::MonthEnd if moment.month_end && (6.0..23.0).contains(&moment.hour) => 0.95,
            Shape::MonthEnd => 0.15 * office(shifted),
            Shape::Database => (0.9 * office(shifted)).max(0.55 * job).max(0.12),
        }
    }
}

/// One slot of a server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) cpu_busy: f64,
    pub(super) cpu_busy_max: f64,
    pub(super) memory_used: f64,
    pub(super) swap_used: f64,
    pub(super) disk_read: f64,
    pub(super) disk_write: f64,
    pub(super) network_receive: f64,
    pub(super) network_transmit: f64,
}

/// What carries over from slot to slot of a day.
#[derive(Clone, Debug)]
pub(super) struct Day {
    stream: Stream,
    /// How busy this day is for everybody.
    estate_factor: f64,
    /// Slowly wandering noise.
    wander: f64,
    /// Activity of a burst going on, and how many slots of it are left.
    burst: (f64, u32),
}

impl Day {
    pub(super) fn new(stream: Stream, estate_factor: f64) -> Self {
        Self { stream, estate_factor, wander: 0.0, burst: (0.0, 0) }
    }

    /// The readings of the next slot of the day. Always draws the same number of random numbers for the
    /// same shape and burst state, measured or not.
    pub(super) fn next(&mut self, levels: &Levels, moment: Moment) -> Reading {
        self.wander = 0.75 * self.wander + 0.25 * self.stream.normal();
        let noise = 1.0 + 0.35 * self.wander + 0.06 * self.stream.normal();
        let activity = levels.activity(moment) * self.estate_factor * noise.max(0.1);
        let activity = activity.max(self.burst_activity(levels.load.shape)).clamp(0.0, 1.25);
        let backup = self.backup(levels, moment);

        let cpu = levels.idle_cpu * (1.0 + 0.2 * self.stream.normal())
            + (levels.peak_cpu - levels.idle_cpu) * activity
            + 0.05 * backup;
        let cpu_busy = cpu.clamp(0.001, 0.99);
        let spike = cpu_busy * (0.5 + 0.5 * self.stream.normal().abs()) + 0.03 * self.stream.unit();
        let memory = levels.memory_ratio + 0.05 * activity.min(1.0) + 0.01 * self.wander;
        let swapping = (memory - 0.93).max(0.0) * levels.memory_bytes;
        let disk = levels.disk_bytes_per_s * (0.04 + activity) * (1.0 + 0.25 * self.stream.normal()).max(0.1);
        let network =
            levels.network_bytes_per_s * (0.03 + activity) * (1.0 + 0.2 * self.stream.normal()).max(0.1);
        let read_in_backup = 0.45 * levels.disk_max * backup;
        let sent_in_backup = read_in_backup.min(0.55 * levels.network_max);
        Reading {
            cpu_busy,
            cpu_busy_max: (cpu_busy + spike).clamp(cpu_busy, 1.0),
            memory_used: (memory.clamp(0.02, 0.975) * levels.memory_bytes).round(),
            swap_used: swapping.round(),
            disk_read: (disk * levels.read_ratio + read_in_backup).min(levels.disk_max),
            disk_write: (disk * (1.0 - levels.read_ratio)).min(levels.disk_max),
            network_receive: (0.4 * network).min(levels.network_max),
            network_transmit: (network + sent_in_backup).min(levels.network_max),
        }
    }

    /// A burst begins twice a day or so and lasts up to half an hour.
    fn burst_activity(&mut self, shape: Shape) -> f64 {
        if shape != Shape::Bursty {
            return 0.0;
        }
        if self.burst.1 == 0 && self.stream.chance(2.0 / 288.0) {
            let slots = 1 + (self.stream.unit() * 6.0) as u32;
            self.burst = (self.stream.between((0.6, 1.0)), slots);
        }
        if self.burst.1 == 0 {
            return 0.0;
        }
        self.burst.1 -= 1;
        self.burst.0 * self.stream.between((0.85, 1.0))
    }

    /// 1 while the nightly backup runs, three times as long on Saturdays; 0 otherwise.
    fn backup(&mut self, levels: &Levels, moment: Moment) -> f64 {
        let hours = levels.backup.1 * if moment.saturday { 3.0 } else { 1.0 };
        f64::from(u8::from(moment.since(levels.backup.0) < hours)) * self.stream.between((0.8, 1.0))
    }
}
