//! What is due is done once, whatever happens: missed, broken off, two at once, nothing to assess.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::store::SourceKind;
use crate::store::sqlite::SqliteStore;
use crate::store::timetable::Timetable as _;
use cairn_schemas::event::{RUN_COMPLETED, RUN_FAILED, RunEvent};
use cairn_schemas::metric::CPU_BUSY;
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot, SlotTable};
use cairn_schemas::time::{DAY_S, HOUR_S, WEEK_S};

/// Monday 2026-03-02 06:00 UTC; the clock of Berlin, where it is 07:00, is put forward on the 29th.
const DUE: i64 = 1_772_431_200;

struct Bench {
    dir: tempfile::TempDir,
    store: SqliteStore,
}

impl Bench {
    /// A store with a schedule for Mondays at seven in Berlin, added an hour before it is due for the first time.
    fn new(policy: Option<&str>, ring: Option<&str>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(dir.path(), &"acme".parse().unwrap()).unwrap();
        let schedule = Schedule {
            name: "weekly".into(),
            cron: "0 7 * * mon".into(),
            zone: "Europe/Berlin".into(),
            days: 2,
            policy: policy.map(str::to_owned),
            keep: 12,
            ring: ring.map(str::to_owned),
            by: "A. Person".into(),
        };
        assert!(store.put_schedule(&schedule, Timestamp(DUE - HOUR_S)).unwrap());
        Self { dir, store }
    }

    /// Hourly slots of one server over some days.
    fn measured(&self, from: i64, days: i64) {
        let source = self.store.source(SourceKind::Import, "web1", "web1").unwrap();
        let starts = (0..days * 24).map(|hour| Timestamp(from + hour * HOUR_S));
        let slot = |start| Slot { start, width_s: 3_600, samples: 3_600, power: Power::On };
        let slots: Vec<Slot> = starts.map(slot).collect();
        let column = Column { key: SeriesKey::total(&CPU_BUSY), mean: vec![100; slots.len()], max: None };
        self.store.merge(source.id, &SlotTable { slots, columns: vec![column] }, &[]).unwrap();
    }

    fn lock(&self) -> std::path::PathBuf {
        SqliteStore::schedule_lock(self.dir.path(), self.store.engagement())
    }

    fn round(&self, now: i64) -> Vec<Done> {
        round(&self.store, &self.lock(), Timestamp(now)).unwrap().expect("nobody else runs")
    }

    fn events(&self) -> Vec<RunEvent> {
        let rows = self.store.outbox().unwrap();
        rows.iter().map(|row| serde_json::from_str(&row.body).unwrap()).collect()
    }
}

fn done(due: i64, missed: u32, assessment: u64) -> Done {
    Done { schedule: "weekly".into(), due: Timestamp(due), missed, result: Ok(assessment) }
}

#[test]
fn each_is_done_once_and_what_nobody_did_is_done_once_for_all() {
    let bench = Bench::new(None, None);
    bench.measured(DUE - 3 * DAY_S, 60);
    assert_eq!(bench.round(DUE - 1), []);
    assert_eq!(bench.round(DUE), [done(DUE, 0, 1)]);
    assert_eq!(bench.round(DUE + 20), []);
    // Down from the second to the fifth; between the fourth and the fifth the clock is put forward.
    let fifth = DUE + 4 * WEEK_S - HOUR_S;
    assert_eq!(bench.round(fifth + DAY_S), [done(fifth, 3, 2)]);
    assert_eq!(bench.round(fifth + DAY_S + 20), []);
    let made = bench.store.assessment(2).unwrap().unwrap();
    assert_eq!(made.window.to, Timestamp(fifth - HOUR_S), "of the stretch it was due for");
    assert_eq!(made.window.seconds(), 2 * DAY_S);

    let events = bench.events();
    let ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(
        ids,
        ["acme-schedule-weekly-2026-03-02T06:00:00Z", "acme-schedule-weekly-2026-03-30T05:00:00Z"]
    );
    let (first, second) = (&events[0].data, &events[1].data);
    assert_eq!((events[1].kind.as_str(), second.missed), (RUN_COMPLETED, 3));
    assert_eq!(first.previous, None);
    assert_eq!(second.previous, first.figures, "what is compared with is the run before");
    assert_eq!(second.figures.as_ref().map(|figures| figures.assessment), Some(2));
}

#[test]
fn a_run_that_was_broken_off_is_begun_again_three_times() {
    let bench = Bench::new(None, None);
    bench.measured(DUE - 3 * DAY_S, 20);
    let id = bench.store.schedules().unwrap()[0].id;
    let begin = |now: i64| bench.store.begin_run(id, Timestamp(DUE), 0, Timestamp(now)).unwrap();
    begin(DUE);
    assert_eq!(bench.round(DUE + 20), [], "it may be that the machine is just restarting");
    assert_eq!(bench.round(DUE + TRY_AGAIN_S), [done(DUE, 0, 1)]);
    assert_eq!(bench.store.runs().unwrap()[0].tries, 2);

    let next = DUE + WEEK_S;
    (0..3).for_each(|_| {
        bench.store.begin_run(id, Timestamp(next), 0, Timestamp(next)).unwrap();
    });
    let given_up = bench.round(next + 20);
    assert!(given_up[0].result.as_ref().is_err_and(|why| why.contains("broken off")), "{given_up:?}");
    assert_eq!(bench.events()[1].kind, RUN_FAILED);
    // And the one after that is done as if nothing had been.
    assert_eq!(bench.round(next + WEEK_S), [done(next + WEEK_S, 0, 2)]);
}

#[test]
fn only_one_process_is_at_it() {
    let bench = Bench::new(None, None);
    bench.measured(DUE - 3 * DAY_S, 10);
    let other = File::create(bench.lock()).unwrap();
    other.lock().unwrap();
    assert_eq!(round(&bench.store, &bench.lock(), Timestamp(DUE)).unwrap(), None);
    assert_eq!(bench.store.runs().unwrap(), []);
    drop(other);
    assert_eq!(bench.round(DUE), [done(DUE, 0, 1)]);
}

#[test]
fn what_cannot_be_assessed_is_said_and_the_next_is_due_as_ever() {
    let bench = Bench::new(None, None);
    let why = bench.round(DUE)[0].result.clone().unwrap_err();
    assert!(
        why.contains("nothing was measured between 2026-02-28T05:00:00Z and 2026-03-02T05:00:00Z"),
        "{why}"
    );
    assert_eq!(bench.round(DUE + 20), []);
    let event = &bench.events()[0];
    assert_eq!((event.kind.as_str(), event.data.failure.as_deref()), (RUN_FAILED, Some(why.as_str())));
    bench.measured(DUE, 7);
    assert_eq!(bench.round(DUE + WEEK_S), [done(DUE + WEEK_S, 0, 1)]);

    // A policy an earlier program took and this one does not.
    let bench = Bench::new(Some("[limits]\nno_such = 1\n"), None);
    bench.measured(DUE - 3 * DAY_S, 10);
    let why = bench.round(DUE)[0].result.clone().unwrap_err();
    assert!(why.contains("the policy of schedule weekly"), "{why}");
}

#[test]
fn a_ring_measures_for_its_schedule_and_keeps_what_else_it_was_told() {
    let bench = Bench::new(None, Some("r1"));
    let told =
        |batch| cairn_schemas::directives::Directives { batch_every_s: Some(batch), ..Default::default() };
    bench.store.put_directives("r1", Some(&told(3_600)), "A", Timestamp(1)).unwrap();
    let asked = |now: i64| {
        bench.round(now);
        let (_, held) = bench.store.directives().unwrap().remove(0);
        assert_eq!(held.batch_every_s, Some(3_600));
        (held.version, held.measure_from, held.measure_until)
    };
    let second = DUE + WEEK_S - HOUR_S;
    // Its stretch has just ended: from the next one on.
    let expected = (Some(Timestamp(second - 2 * DAY_S)), Some(Timestamp(second)));
    assert_eq!(asked(DUE - 1), (2, expected.0, expected.1));
    assert_eq!(asked(DUE + 20).0, 2, "nothing new to be told");
    assert_eq!(asked(second - DAY_S), (3, None, expected.1));
}
