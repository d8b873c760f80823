//! File systems that hang, refuse, come and go: by a fake whose questions block until the test lets them go.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::sync::Condvar;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Only for a test that would otherwise hang with what it tests.
const DEADLINE: Duration = Duration::from_secs(60);

/// What a thread has come to.
#[derive(Debug, PartialEq, Eq)]
enum Signal {
    HangsAt(String),
    Ended,
}

struct Fake {
    list: Mutex<Result<Vec<String>, Missing>>,
    answers: Mutex<Vec<(String, Asked)>>,
    hung: Mutex<BTreeSet<String>>,
    freed: Condvar,
    signals: Mutex<Sender<Signal>>,
}

impl Mounts for Fake {
    fn list(&self) -> Result<Vec<String>, Missing> {
        self.list.lock().unwrap().clone()
    }

    fn usage(&self, mount_point: &str) -> Asked {
        let hung = self.hung.lock().unwrap();
        if hung.contains(mount_point) {
            self.signals.lock().unwrap().send(Signal::HangsAt(mount_point.to_owned())).unwrap();
            drop(self.freed.wait_while(hung, |hung| hung.contains(mount_point)).unwrap());
        }
        let answers = self.answers.lock().unwrap();
        let given = answers.iter().find(|(point, _)| point == mount_point);
        given.map_or(Ok(Some(usage(0))), |(_, answer)| *answer)
    }
}

const fn usage(id: u64) -> Usage {
    Usage { id, used_bytes: 10, size_bytes: 100 }
}

/// A patrol, the file systems it goes round, and the threads it sends.
struct Scene {
    patrol: Patrol,
    fake: Arc<Fake>,
    start: Arc<dyn Fn(Job) -> bool + Send + Sync>,
    signals: Receiver<Signal>,
    started: Arc<AtomicUsize>,
    ended: usize,
}

impl Scene {
    fn new(points: &[&str]) -> Self {
        let (sender, signals) = channel();
        let fake = Arc::new(Fake {
            list: Mutex::new(Ok(Vec::new())),
            answers: Mutex::default(),
            hung: Mutex::default(),
            freed: Condvar::new(),
            signals: Mutex::new(sender.clone()),
        });
        let started = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&started);
        let start: Arc<dyn Fn(Job) -> bool + Send + Sync> = Arc::new(move |job: Job| {
            let sender = sender.clone();
            counted.fetch_add(1, Ordering::Relaxed);
            std::thread::spawn(move || {
                job();
                let _ = sender.send(Signal::Ended);
            });
            true
        });
        let sent = Arc::clone(&start);
        let scene = Self {
            patrol: Patrol::new(Arc::clone(&fake) as Arc<dyn Mounts>, Box::new(move |job| sent(job))),
            fake,
            start,
            signals,
            started,
            ended: 0,
        };
        scene.mount(points);
        scene
    }

    fn mount(&self, points: &[&str]) {
        *self.fake.list.lock().unwrap() = Ok(points.iter().map(|point| (*point).to_owned()).collect());
    }

    fn hang(&self, points: &[&str]) {
        *self.fake.hung.lock().unwrap() = points.iter().map(|point| (*point).to_owned()).collect();
    }

    /// Lets all hung questions be answered, and waits until their threads have ended.
    fn free(&mut self) {
        self.fake.hung.lock().unwrap().clear();
        self.fake.freed.notify_all();
        while self.alive() > 0 {
            self.wait();
        }
    }

    fn alive(&self) -> usize {
        self.started.load(Ordering::Relaxed) - self.ended
    }

    fn wait(&mut self) {
        let signal = self.signals.recv_timeout(DEADLINE).unwrap();
        self.ended += usize::from(signal == Signal::Ended);
    }

    /// Ticks to the end of a round; after each thread it sends, waits until that one has ended or hangs.
    fn round(&mut self) -> Vec<String> {
        for _ in 0..1_000 {
            let started = self.started.load(Ordering::Relaxed);
            match self.patrol.tick() {
                Some(Ok(answers)) => return answers.iter().map(told).collect(),
                Some(Err(why)) => return vec![why.to_string()],
                None => {}
            }
            if self.started.load(Ordering::Relaxed) > started {
                self.wait();
            }
        }
        panic!("the round does not end");
    }
}

fn told((point, answer): &(String, Answer)) -> String {
    match answer {
        Ok(_) => point.clone(),
        Err(Missing::Stuck) => format!("{point} stuck"),
        Err(Missing::Unread) => format!("{point} unread"),
        Err(why) => format!("{point}: {why}"),
    }
}

#[test]
fn a_healthy_host_needs_one_thread_a_round_and_keeps_none() {
    let mut scene = Scene::new(&["/", "/data"]);
    for rounds in 1..=3 {
        assert_eq!(scene.round(), ["/", "/data"]);
        assert_eq!((scene.started.load(Ordering::Relaxed), scene.alive()), (rounds, 0));
    }
    scene.mount(&["/", "/new"]);
    scene.fake.answers.lock().unwrap().push(("/".into(), Ok(None)));
    assert_eq!(scene.round(), ["/new"]);
    let denied = Err(Missing::Refused(ErrorKind::PermissionDenied));
    scene.fake.answers.lock().unwrap().push(("/new".into(), denied));
    assert_eq!(scene.round(), ["/new: the file system cannot be asked: permission denied"]);
}

#[test]
fn one_that_hangs_costs_one_thread_however_long_it_hangs() {
    let mut scene = Scene::new(&["/", "/san", "/data"]);
    scene.hang(&["/san"]);
    for _ in 0..20 {
        assert_eq!(scene.round(), ["/", "/san stuck", "/data"]);
        assert_eq!(scene.alive(), 1);
    }
    scene.mount(&["/", "/data"]);
    assert_eq!(scene.round(), ["/", "/data"], "unmounted, it is no longer spoken of");
    scene.mount(&["/", "/san", "/data"]);
    scene.free();
    assert_eq!(scene.round(), ["/", "/san", "/data"]);
    assert_eq!(scene.alive(), 0);
}

#[test]
fn beyond_four_that_hang_none_is_asked_and_all_are_when_they_answer_again() {
    let points = ["/a", "/b", "/c", "/d", "/e", "/f", "/g"];
    let mut scene = Scene::new(&points);
    scene.hang(&["/a", "/c", "/d", "/e", "/f"]);
    let expected = ["/a stuck", "/b", "/c stuck", "/d stuck", "/e stuck", "/f unread", "/g unread"];
    assert_eq!(scene.round(), expected);
    for _ in 0..20 {
        let expected =
            ["/a stuck", "/b unread", "/c stuck", "/d stuck", "/e stuck", "/f unread", "/g unread"];
        assert_eq!(scene.round(), expected);
        assert_eq!(scene.alive(), patrol::HUNG_MAX);
    }
    scene.free();
    assert_eq!(scene.round(), points);
    assert_eq!(scene.alive(), 0);
}

#[test]
fn without_a_list_or_a_thread_the_reason_is_said() {
    let mut scene = Scene::new(&[]);
    assert_eq!(scene.round(), Vec::<String>::new());
    let denied = Missing::Unreadable("/proc/1/mounts", ErrorKind::PermissionDenied);
    *scene.fake.list.lock().unwrap() = Err(denied);
    assert_eq!(scene.round(), ["/proc/1/mounts cannot be read: permission denied"]);
    let mut without_threads = Patrol::new(Arc::clone(&scene.fake) as Arc<dyn Mounts>, Box::new(|_| false));
    assert!(matches!(without_threads.tick(), Some(Err(Missing::Unread))));
}

#[test]
fn a_file_system_told_twice_counts_once() {
    let check = |ids: &[u64], expected: Result<f64, Missing>| {
        let answers = ids.iter().enumerate().map(|(n, id)| (format!("/{n}"), Ok(usage(*id)))).collect();
        assert_eq!(sum(&each_once(answers)).map(|[used, _]| used), expected, "{ids:?}");
    };
    check(&[1, 2], Ok(20.0));
    check(&[1, 2, 1], Ok(20.0));
    check(&[0, 0], Ok(20.0));
    check(&[], Err(NONE));
}

#[test]
fn readings_go_on_and_a_sum_with_an_unknown_part_is_unknown() {
    let mut scene = Scene::new(&["/", "/san"]);
    scene.hang(&["/san"]);
    let mut board = Board::default();
    // A patrol of our own, so that the scene's stays in step with its signals.
    let patrol = std::mem::replace(
        &mut scene.patrol,
        Patrol::new(Arc::clone(&scene.fake) as Arc<dyn Mounts>, Box::new(|_| false)),
    );
    let mut file_systems = FileSystems::new(patrol, &mut board);
    assert_eq!(file_systems.sample(None, &mut board), Ok(()));
    assert_eq!(board.reading(&FS_USED, ""), Err(Missing::FirstReading));
    scene.wait();
    for _ in 0..40 {
        let _ = file_systems.sample(None, &mut board);
    }
    let check = |board: &Board, point: &str, expected| assert_eq!(board.reading(&FS_USED, point), expected);
    check(&board, "/", Ok(10.0));
    check(&board, "/san", Err(Missing::Stuck));
    check(&board, "", Err(Missing::Stuck));
    assert_eq!(scene.alive(), 1);
    scene.free();
}

#[test]
fn a_thread_sent_aside_is_left_behind_once() {
    let mut scene = Scene::new(&["/", "/san"]);
    scene.hang(&["/san"]);
    let pending = Pending::default();
    let (fake, start) = (Arc::clone(&scene.fake), Arc::clone(&scene.start));
    let ask = |patience| ask_aside(Arc::clone(&fake) as Arc<dyn Mounts>, &*start, patience, &pending);
    assert_eq!(ask(Duration::ZERO), Err(Missing::Stuck));
    assert_eq!(ask(Duration::ZERO), Err(Missing::Stuck));
    assert_eq!(scene.started.load(Ordering::Relaxed), 1);
    scene.free();
    assert_eq!(ask(DEADLINE), Ok(20.0));
    assert_eq!(ask(DEADLINE), Ok(20.0));
    assert_eq!(scene.started.load(Ordering::Relaxed), 3);
}

#[test]
fn between_two_rounds_nothing_is_allocated() {
    let mut scene = Scene::new(&["/", "/data"]);
    assert_eq!(scene.round(), ["/", "/data"]);
    let mut board = Board::default();
    let mut file_systems = FileSystems::new(scene.patrol, &mut board);
    file_systems.latest = Ok(vec![("/".into(), Ok(usage(1))), ("/data".into(), Err(Missing::Stuck))]);
    assert_eq!(file_systems.sample(None, &mut board), Err(Missing::Stuck));
    let allocated = allocation_counter::measure(|| {
        for _ in 0..40 {
            let _ = file_systems.sample(None, &mut board);
        }
    });
    assert_eq!((allocated.count_total, board.reading(&FS_USED, "/")), (0, Ok(10.0)));
}
