//! Every minute becomes a slot or a gap, whatever the clocks do.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::clock::SystemClock;
use crate::root::Root;
use crate::sampler::Samplers;
use crate::spool::SystemDisk;
use cairn_schemas::metric::{CPU_BUSY, FS_USED};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

/// 2026-11-25T16:00:00Z.
const HOUR: i64 = 1_795_622_400;
/// The host has been up for a day.
const BOOTED_MS: i64 = (HOUR - 86_400) * 1_000;

fn at(second: i64) -> Instants {
    let wall_ms = (HOUR + second) * 1_000;
    let ns = (wall_ms - BOOTED_MS) * 1_000_000;
    Instants { wall_ms, boot_ns: ns, mono_ns: ns }
}

fn board(value: f64) -> Board {
    let mut board = Board::default();
    let busy = board.total(&CPU_BUSY);
    board.set(busy, Ok(value));
    board
}

fn play(covered: Option<Covered>, moments: impl IntoIterator<Item = Instants>, stop: bool) -> Vec<Event> {
    let mut timeline = Timeline::new(covered);
    let mut events = Vec::new();
    for (n, moment) in moments.into_iter().enumerate() {
        timeline.read(moment, &board((n % 60) as f64 / 100.0), &mut |event| events.push(event));
    }
    if stop {
        let _ = timeline.stop();
    }
    events
}

/// `slot <minute> <samples>` and `<reason> <from>..<to>`, in seconds from [`HOUR`].
fn told(events: &[Event]) -> Vec<String> {
    let line = |event: &Event| match event {
        Event::Slot(closed) => format!("slot {} {}", closed.slot.start.0 - HOUR, closed.slot.samples),
        Event::Gap(gap) => {
            let (from, to) = (gap.window.from.0 - HOUR, gap.window.to.0 - HOUR);
            format!("{} {from}..{to}", gap.reason.name())
        }
        Event::Restart(_) => "restart".to_owned(),
    };
    events.iter().map(line).collect()
}

fn covered(second: i64, stopped: bool) -> Option<Covered> {
    Some(Covered { until: Timestamp(HOUR + second), stopped })
}

#[test]
fn a_demonstration_has_narrower_slots() {
    let mut timeline = Timeline::with_width(5, None);
    let mut events = Vec::new();
    for second in 3..=12 {
        timeline.read(at(second), &board(0.5), &mut |event| events.push(event));
    }
    assert_eq!(told(&events), ["slot 0 3", "slot 5 5"]);
    assert!(matches!(&events[0], Event::Slot(closed) if closed.slot.width_s == 5 && closed.slot.is_valid()));
}

#[test]
fn a_minute_has_sixty_seconds_and_a_mean_and_a_maximum() {
    let events = play(None, (1..=121).map(at), true);
    assert_eq!(told(&events), ["slot 0 60", "slot 60 60"]);
    let Event::Slot(closed) = &events[0] else { panic!("no slot") };
    let coding = CPU_BUSY.unit.coding();
    assert_eq!(coding.decode(closed.mean[0]), Some(0.295));
    assert_eq!(coding.decode(closed.max[0]), Some(0.59));
}

#[test]
fn a_minute_of_few_readings_is_a_gap_with_its_reason() {
    assert_eq!(told(&play(None, (31..=90).map(at), true)), ["slot 0 30"]);
    assert_eq!(told(&play(None, (32..=90).map(at), true)), ["agent_down 0..60"]);
}

#[test]
fn absence_is_told_by_its_reason() {
    let check = |covered, first: Instants, expected: &[&str]| {
        assert_eq!(told(&play(covered, [first], false)), expected);
    };
    check(None, at(600), &[]);
    check(covered(600, false), at(630), &[]);
    check(covered(300, true), at(630), &["agent_down 300..600"]);
    check(covered(300, false), at(630), &["open_minute 300..360", "agent_down 360..600"]);
    // Booted two minutes ago.
    let rebooted = Instants { boot_ns: 120_000_000_000, mono_ns: 120_000_000_000, ..at(630) };
    check(
        covered(300, false),
        rebooted,
        &["open_minute 300..360", "host_down 360..480", "agent_down 480..600"],
    );
}

#[test]
fn a_minute_told_as_a_gap_is_not_measured_as_well() {
    let events = play(covered(60, true), (20..=121).map(at), false);
    assert_eq!(told(&events), ["slot 60 60"]);
}

#[test]
fn a_clock_that_is_set_spoils_its_minute() {
    let jump = |by: i64| {
        move |second: i64| {
            let moment = at(second);
            if second > 90 { Instants { wall_ms: moment.wall_ms + by * 1_000, ..moment } } else { moment }
        }
    };
    let forward = play(None, (1..=200).map(jump(600)), false);
    assert_eq!(told(&forward), ["slot 0 60", "clock_invalid 60..660", "slot 660 30", "slot 720 60"]);
    let back = play(None, (1..=250).map(jump(-60)), false);
    assert_eq!(told(&back), ["slot 0 60", "clock_invalid 60..120", "slot 120 60"]);
    let far_back = play(None, (1..=130).map(jump(-86_400)), false);
    assert_eq!(told(&far_back), ["slot 0 60", "clock_invalid 60..120", "restart", "slot -86340 30"]);
}

#[test]
fn a_clock_that_was_never_set_measures_nothing() {
    let early = |second: i64| Instants { wall_ms: second * 1_000, ..at(second) };
    let moments = (1..=200).map(early).chain((300..=481).map(at));
    let expected =
        ["clock_invalid 0..240", "agent_down 240..300", "slot 300 60", "slot 360 60", "slot 420 60"];
    assert_eq!(told(&play(covered(0, true), moments, false)), expected);
    // One that is lost while the agent runs.
    let lost = (1..=90).map(at).chain((91..=130).map(early)).chain((131..=241).map(at));
    assert_eq!(
        told(&play(None, lost, false)),
        ["slot 0 60", "clock_invalid 60..120", "slot 120 50", "slot 180 60"]
    );
}

#[test]
fn suspended_and_starved_minutes_are_told_apart() {
    let later = |mono_s: i64| {
        let moment = at(300);
        Instants { mono_ns: at(30).mono_ns + mono_s * 1_000_000_000, ..moment }
    };
    let suspended = play(None, (1..=30).map(at).chain([later(1)]), false);
    assert_eq!(told(&suspended), ["slot 0 30", "host_down 60..240"]);
    let starved = play(None, (1..=30).map(at).chain([later(270)]), false);
    assert_eq!(told(&starved), ["slot 0 30", "agent_down 60..240"]);
}

/// A run of some seconds that goes on with what the run before left, and leaves something itself.
fn run(
    covered: Option<Covered>,
    left: Option<OpenMinute>,
    seconds: std::ops::RangeInclusive<i64>,
) -> (Vec<Event>, Option<OpenMinute>) {
    let (mut timeline, mut events) = (Timeline::new(covered), Vec::new());
    left.into_iter().for_each(|open| timeline.resume(open));
    for second in seconds {
        let value = (second % 60) as f64 / 100.0;
        timeline.read(at(second), &board(value), &mut |event| events.push(event));
    }
    (events, timeline.stop())
}

#[test]
fn a_restart_within_a_minute_costs_no_slot() {
    let (events, open) = run(None, None, 1..=80);
    assert_eq!(told(&events), ["slot 0 60"]);
    let data = tempfile::tempdir().unwrap();
    open.unwrap().leave(&mut SystemDisk, data.path()).unwrap();
    let left = OpenMinute::take(&mut SystemDisk, data.path());
    assert!(left.is_some() && OpenMinute::take(&mut SystemDisk, data.path()).is_none(), "it holds once");

    let (events, _) = run(covered(60, false), left.clone(), 84..=121);
    assert_eq!(told(&events), ["slot 60 57"], "three seconds are missing, no slot");
    let Event::Slot(closed) = &events[0] else { panic!("no slot") };
    assert_eq!(CPU_BUSY.unit.coding().decode(closed.max[0]), Some(0.59));

    let check = |why: &str, covered, first: i64, expected: &[&str]| {
        let (events, _) = run(covered, left.clone(), first..=first);
        assert_eq!(told(&events), expected, "{why}");
    };
    check("read for too short a time", covered(60, false), 130, &["open_minute 60..120"]);
    check("told already", covered(120, true), 130, &[]);
    check("the clock was set back", covered(60, false), 30, &[]);
    let boot_ms = left.as_ref().and_then(|open| open.boot_ms).map(|ms| ms + 90_000);
    let copied = left.clone().map(|open| OpenMinute { boot_ms, ..open });
    let (events, _) = run(covered(60, false), copied, 84..=121);
    assert_eq!(told(&events), ["slot 60 37"], "another machine's readings are not this one's");
    let (_, long) = run(None, None, 1..=118);
    let (events, _) = run(covered(60, false), long, 250..=250);
    assert_eq!(told(&events), ["slot 60 58", "agent_down 120..240"]);
}

#[test]
fn a_rest_is_told_and_ends_when_measuring_begins_again() {
    let (mut timeline, mut events) = (Timeline::new(None), Vec::new());
    let mut emit = |event| events.push(event);
    (1..=100).for_each(|second| timeline.read(at(second), &board(0.5), &mut emit));
    timeline.rest(at(101), GapReason::Paused, &mut emit);
    timeline.rest(at(400), GapReason::Paused, &mut emit);
    (700..=781).for_each(|second| timeline.read(at(second), &board(0.5), &mut emit));
    let expected = ["slot 0 60", "slot 60 40", "paused 120..360", "paused 360..660", "paused 660..720"];
    assert_eq!(told(&events)[..5], expected, "{:?}", told(&events));
    assert_eq!(told(&events)[5..], ["slot 720 60"]);
}

#[test]
fn a_short_rest_splits_no_minute() {
    let (mut timeline, mut events) = (Timeline::new(None), Vec::new());
    let mut emit = |event| events.push(event);
    (1..=20).for_each(|second| timeline.read(at(second), &board(0.5), &mut emit));
    timeline.rest(at(21), GapReason::HeldBack, &mut emit);
    (30..=61).for_each(|second| timeline.read(at(second), &board(0.25), &mut emit));
    assert_eq!(told(&events), ["slot 0 51"]);
}

#[test]
fn slots_side_by_side_and_back() {
    let key =
        |metric: &metric::Metric, instance: &str| SeriesKey { metric: metric.id, instance: instance.into() };
    let closed = |minute: i64, keys: &[SeriesKey], mean: &[Code], max: &[Code]| ClosedSlot {
        slot: Slot { start: Timestamp(minute * 60), width_s: 60, samples: 60, power: Power::On },
        keys: keys.into(),
        mean: mean.into(),
        max: max.into(),
    };
    let (cpu, disk) = (key(&CPU_BUSY, ""), key(&FS_USED, "/"));
    let slots_in = [
        closed(1, std::slice::from_ref(&cpu), &[10], &[20]),
        closed(2, &[disk.clone(), cpu.clone()], &[7, 11], &[7, MISSING]),
        closed(3, &[cpu.clone(), disk.clone()], &[MISSING, 9], &[MISSING, 9]),
    ];
    let table = table(&slots_in);
    assert_eq!(table.check(), Ok(()));
    assert_eq!(table.column(&cpu).unwrap().mean, [10, 11, MISSING]);
    assert_eq!(table.column(&cpu).unwrap().max, Some(vec![20, MISSING, MISSING]));
    assert_eq!(table.column(&disk).unwrap().max, None);
    assert_eq!(super::table(&slots(&table)), table);
}

/// An ordinary second allocates nothing: not to read, not to parse, not to add up.
#[test]
fn an_ordinary_second_allocates_nothing() {
    let recorded = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/stacked");
    for root in ["/", recorded] {
        let (mut samplers, mut timeline) = (Samplers::new(&Root::new(root)), Timeline::new(None));
        let mut second = |samplers: &mut Samplers, n: i64| {
            let board = samplers.sample(&SystemClock);
            timeline.read(at(n), board, &mut |_| ());
        };
        // Devices are found and buffers grow in the first readings. From then on two seconds of a minute may allocate:
        // the one that closes it, and the one that has file systems asked.
        (1..=600).for_each(|n| second(&mut samplers, n));
        let mut allocates = |n: i64| allocation_counter::measure(|| second(&mut samplers, n)).count_total > 0;
        let seconds = (601..=6_600).filter(|n| allocates(*n)).count();
        assert!(seconds <= 200, "{root}: {seconds} of 6000 seconds");
    }
}

/// Whether the events follow one another without a hole or an overlap from `until` on, and, after a restart,
/// from wherever it leads.
fn assert_each_minute_once(events: Vec<Event>, mut until: i64) -> Result<(), TestCaseError> {
    for event in events {
        let (from, to) = match event {
            Event::Slot(closed) => (closed.slot.start.0, closed.slot.end().0),
            Event::Gap(gap) => (gap.window.from.0, gap.window.to.0),
            Event::Restart(_) => {
                until = i64::MIN;
                continue;
            }
        };
        prop_assert!(until == i64::MIN || until == from, "{} is followed by {}", until - HOUR, from - HOUR);
        prop_assert!(from < to && from % 60 == 0 && to % 60 == 0);
        until = to;
    }
    Ok(())
}

proptest! {
    /// Whatever happens, minutes are accounted for once, in order and without a hole until the clock is set far back.
    #[test]
    fn every_minute_once(
        steps in proptest::collection::vec((0_u8..20, 1_i64..400), 1..80),
        started in -600_i64..0,
        stopped in any::<bool>(),
    ) {
        let (mut wall_s, mut boot_s, mut mono_s) = (0, 86_400, 86_400);
        let mut moments = Vec::new();
        for (kind, seconds) in steps {
            let (wall, boot, mono) = match kind {
                0 => (seconds, seconds, seconds),
                1 => (seconds, seconds, 0),
                2 => (seconds, 1, 1),
                3 => (-seconds, 1, 1),
                _ => (1, 1, 1),
            };
            (wall_s, boot_s, mono_s) = (wall_s + wall, boot_s + boot, mono_s + mono);
            moments.push(Instants {
                wall_ms: (HOUR + wall_s) * 1_000,
                boot_ns: boot_s * 1_000_000_000,
                mono_ns: mono_s * 1_000_000_000,
            });
        }
        let until = HOUR + started / 60 * 60;
        let earlier = Some(Covered { until: Timestamp(until), stopped });
        assert_each_minute_once(play(earlier, moments, true), until)?;
    }

    /// A wall clock that is nudged at every reading, as a bad time server does, and readings that come late.
    #[test]
    fn every_minute_once_under_a_nervous_clock(
        nudges in proptest::collection::vec((-1_100_i64..1_100, 1_000_i64..1_900), 1..400),
    ) {
        let mut moment = at(0);
        let mut moments = vec![moment];
        for (nudge_ms, passed_ms) in nudges {
            moment = Instants {
                wall_ms: moment.wall_ms + passed_ms + nudge_ms,
                boot_ns: moment.boot_ns + passed_ms * 1_000_000,
                mono_ns: moment.mono_ns + passed_ms * 1_000_000,
            };
            moments.push(moment);
        }
        let until = HOUR - 60;
        let events = play(Some(Covered { until: Timestamp(until), stopped: true }), moments, true);
        for event in &events {
            if let Event::Slot(closed) = event {
                prop_assert!(closed.slot.samples <= closed.slot.width_s);
            }
        }
        assert_each_minute_once(events, until)?;
    }
}
