//! A resting agent: the real pulse under a simulated clock. Outside its hours it reads nothing and leaves a word at each
//! check-in; it is awake when they begin, also where a schedule's hour moves with the clocks of its zone.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::slot::ClosedSlot;
use cairn_schemas::directives::MeasuringWindow;
use cairn_schemas::gap::Gap;
use cairn_schemas::time::{MINUTE_S, Timestamp};

const BOOT_MS: i64 = 1_790_000_000_000;

/// A clock that only sleeping moves.
struct Simulated(AtomicI64);

impl Simulated {
    fn pass_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for Simulated {
    fn now(&self) -> Instants {
        let wall_ms = self.0.load(Ordering::Relaxed);
        let ns = (wall_ms - BOOT_MS) * 1_000_000;
        Instants { wall_ms, boot_ns: ns, mono_ns: ns }
    }

    fn sleep_until(&self, mono_ns: i64) {
        self.0.store(BOOT_MS + mono_ns / 1_000_000, Ordering::Relaxed);
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

/// What a run brought.
#[derive(Default)]
struct Told {
    slots: Vec<ClosedSlot>,
    gaps: Vec<Gap>,
    /// When it woke up for nothing, and when a word was left.
    naps: usize,
    words: Vec<Timestamp>,
    readings: u64,
}

/// Runs a pulse from one moment to another; each of the directives is heard from its moment on.
fn run(from: &str, to: &str, directives: &[(&str, Directives)]) -> Told {
    let tree = tempfile::tempdir().unwrap();
    std::fs::create_dir(tree.path().join("proc")).unwrap();
    let meminfo = "MemTotal: 16000000 kB\nMemFree: 8000000 kB\nMemAvailable: 9000000 kB\n";
    std::fs::write(tree.path().join("proc/meminfo"), meminfo).unwrap();
    let clock = Simulated(AtomicI64::new(at(from).0 * 1_000 + 37_417));
    let (asks, heard) = watch::channel(Directives::default());
    let (sender, mut messages) = mpsc::unbounded_channel();
    let control = Control {
        stop: Arc::new(AtomicBool::new(false)),
        directives: heard,
        last_beat_ns: Arc::new(AtomicI64::new(0)),
    };
    let mut pulse = Pulse::new(&Root::new(tree.path()), Timeline::new(None), sender, control);
    let (mut told, mut asked) = (Told::default(), directives.iter().peekable());
    let mut due_ns = next_whole_second(&clock);
    while clock.now().timestamp() < at(to) {
        while let Some((_, said)) = asked.next_if(|(when, _)| at(when) <= clock.now().timestamp()) {
            asks.send(said.clone()).unwrap();
        }
        due_ns = match pulse.turn(due_ns, &clock) {
            None => next_due(due_ns, &clock),
            Some(nap) => {
                assert!(pulse.samplers.is_none(), "a resting agent holds no descriptor");
                told.naps += 1;
                clock.pass_ms(i64::try_from(nap.as_millis()).unwrap());
                next_whole_second(&clock)
            }
        };
        while let Ok(message) = messages.try_recv() {
            match message {
                Message::Time(Event::Slot(slot)) => told.slots.push(slot),
                Message::Time(Event::Gap(gap)) => told.gaps.push(gap),
                // The word was left before the nap that has just passed.
                Message::Rests => told.words.push(clock.now().timestamp()),
                _ => {}
            }
        }
    }
    told.readings = pulse.readings;
    told
}

/// Whether slots and gaps follow one another without a hole.
fn check_accounted(told: &Told) {
    let slots = told.slots.iter().map(|closed| (closed.slot.start.0, closed.slot.end().0));
    let gaps = told.gaps.iter().map(|gap| (gap.window.from.0, gap.window.to.0));
    let mut all: Vec<(i64, i64)> = slots.chain(gaps).collect();
    all.sort_unstable();
    assert!(all.windows(2).all(|pair| pair[0].1 == pair[1].0), "{all:?}");
    assert!(told.gaps.iter().all(|gap| gap.reason == GapReason::Paused), "by intent: {:?}", told.gaps);
}

fn starts(told: &Told) -> Vec<Timestamp> {
    told.slots.iter().map(|closed| closed.slot.start).collect()
}

fn minutes(from: &str, count: i64) -> Vec<Timestamp> {
    (0..count).map(|minute| Timestamp(at(from).0 + minute * MINUTE_S)).collect()
}

#[test]
fn outside_its_hours_it_reads_nothing_and_leaves_a_word_at_each_check_in() {
    let windows = vec![MeasuringWindow::parse("mon-sun 06:00-06:10").unwrap()];
    let hours = Directives { windows, ..Directives::default() };
    let from = "2026-11-23T00:30:00Z";
    let told = run(from, "2026-11-24T12:30:30Z", &[(from, hours)]);
    let expected = [minutes("2026-11-23T06:00:00Z", 10), minutes("2026-11-24T06:00:00Z", 10)].concat();
    assert_eq!(starts(&told), expected, "these minutes and no other");
    assert!(told.slots.iter().all(|closed| closed.slot.samples >= 59), "whole minutes: {:?}", told.slots);
    assert!(told.readings <= 2 * 602, "{} readings of {} seconds", told.readings, 2 * 600);
    check_accounted(&told);
    // One word an hour, and one when a rest begins: 5.5 + 23.8 + 6.3 hours.
    assert_eq!(told.words.len(), 6 + 24 + 7, "{:?}", told.words);
    assert!(told.naps <= 36 * 60 + 2, "it wakes once a minute at most: {}", told.naps);
}

#[test]
fn it_is_awake_for_the_hour_of_a_schedule_on_both_sides_of_a_change_of_the_clocks() {
    // Six to ten past six in Berlin: an hour later by UTC once the clocks were put back on the 25th of October.
    let hour = |day: &str, utc: &str| Directives {
        measure_from: Some(at(&format!("2026-10-{day}T{utc}:00:00Z"))),
        measure_until: Some(at(&format!("2026-10-{day}T{utc}:10:00Z"))),
        check_in_every_s: Some(6 * 3_600),
        ..Directives::default()
    };
    let asked = [
        ("2026-10-24T00:00:00Z", hour("24", "04")),
        ("2026-10-24T12:00:00Z", hour("25", "05")),
        ("2026-10-25T12:00:00Z", hour("26", "05")),
    ];
    let told = run("2026-10-24T00:00:00Z", "2026-10-26T12:00:00Z", &asked);
    let expected = [
        minutes("2026-10-24T04:00:00Z", 10),
        minutes("2026-10-25T05:00:00Z", 10),
        minutes("2026-10-26T05:00:00Z", 10),
    ];
    assert_eq!(starts(&told), expected.concat());
    check_accounted(&told);
}
