//! A stage for tests: a generated tree that changes from second to second as the test says, a clock that the
//! test moves, and the samplers that look at both.
// SPDX-License-Identifier: Apache-2.0

use super::generated_tree::{self, Shape};
use super::{Board, Samplers};
use crate::clock::{Clock, Instants};
use crate::root::Root;
use cairn_schemas::metric::{self, Unit};
use std::path::PathBuf;
use std::sync::Mutex;

/// A clock that stands still until told otherwise.
#[derive(Default)]
pub(super) struct Still(Mutex<Instants>);

impl Still {
    pub(super) fn pass(&self, seconds: f64) {
        self.pass_unevenly(seconds, seconds, seconds);
    }

    /// Lets each clock go its own way.
    pub(super) fn pass_unevenly(&self, wall_s: f64, boot_s: f64, mono_s: f64) {
        let mut now = self.0.lock().unwrap();
        let ns = |seconds: f64| (seconds * 1e9) as i64;
        *now = Instants {
            wall_ms: now.wall_ms + ns(wall_s) / 1_000_000,
            boot_ns: now.boot_ns + ns(boot_s),
            mono_ns: now.mono_ns + ns(mono_s),
        };
    }
}

impl Clock for Still {
    fn now(&self) -> Instants {
        *self.0.lock().unwrap()
    }

    fn sleep_until(&self, _mono_ns: i64) {}
}

/// A change of the tree, made after it has been written for a second.
#[derive(Clone, Debug)]
pub(super) enum Edit<'a> {
    /// A file with this text.
    Put(&'a str, String),
    /// In a file, one text instead of another.
    Swap(&'a str, &'a str, &'a str),
    /// A line more at the end of a file.
    Append(&'a str, &'a str),
    /// A file or directory less.
    Drop(&'a str),
    /// A directory.
    Directory(&'a str),
}

/// See above.
pub(super) struct Stage {
    tree: tempfile::TempDir,
    shape: Shape,
    second: u64,
    pub(super) clock: Still,
    pub(super) samplers: Samplers,
}

impl Stage {
    /// A machine without a local file system, so that no thread looks at the one the test runs on.
    pub(super) fn new(shape: Shape) -> Self {
        let tree = tempfile::tempdir().unwrap();
        generated_tree::write(tree.path(), shape, 0).unwrap();
        let samplers = Samplers::new(&Root::new(tree.path()));
        Self { tree, shape, second: 1, clock: Still::default(), samplers }
    }

    /// The same, with changes that are there before the samplers are.
    pub(super) fn opened_with(shape: Shape, edits: &[Edit<'_>]) -> Self {
        let mut stage = Self::new(shape);
        stage.edit(edits);
        stage.samplers = Samplers::new(&Root::new(stage.tree.path()));
        stage
    }

    /// Writes the tree for the next second, changes it, lets a second pass, and looks.
    pub(super) fn second(&mut self, edits: &[Edit<'_>]) -> &Board {
        self.prepare(edits);
        self.clock.pass(1.0);
        self.samplers.sample(&self.clock)
    }

    /// Writes the tree for the next second and changes it.
    pub(super) fn prepare(&mut self, edits: &[Edit<'_>]) {
        generated_tree::write(self.tree.path(), self.shape, self.second).unwrap();
        self.second += 1;
        self.edit(edits);
    }

    /// Replaces a file by what `change` makes of it, text or not.
    pub(super) fn rewrite(&self, name: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        let path = self.tree.path().join(name);
        std::fs::write(&path, change(std::fs::read(&path).unwrap())).unwrap();
    }

    fn edit(&self, edits: &[Edit<'_>]) {
        let path = |name: &str| self.tree.path().join(name);
        let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
        for edit in edits {
            match edit {
                Edit::Put(name, text) => write(path(name), text),
                Edit::Swap(name, old, new) => {
                    assert!(read(name).contains(old), "{name} has no {old:?}");
                    write(path(name), &read(name).replacen(old, new, 1));
                }
                Edit::Append(name, line) => write(path(name), &format!("{}{line}\n", read(name))),
                Edit::Drop(name) if path(name).is_dir() => std::fs::remove_dir_all(path(name)).unwrap(),
                Edit::Drop(name) => std::fs::remove_file(path(name)).unwrap(),
                Edit::Directory(name) => std::fs::create_dir_all(path(name)).unwrap(),
            }
        }
    }
}

fn write(path: PathBuf, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Compares what is on the board: a number, or the reason why there is none.
pub(super) fn check(what: &str, board: &Board, expected: &[(&str, &str, Result<f64, &str>)]) {
    for (name, instance, expected) in expected {
        let got = board.reading(metric::by_name(name).unwrap(), instance).map_err(|why| why.to_string());
        let same = match (&got, expected) {
            (Ok(got), Ok(expected)) => (got - expected).abs() <= 1e-9 * expected.abs().max(1.0),
            (Err(got), Err(expected)) => got == expected,
            _ => false,
        };
        assert!(same, "{what}: {name} {instance} is {got:?}, not {expected:?}");
    }
}

/// Whatever is on the board is possible, and there is no more of it than the bounds allow.
pub(super) fn assert_possible(board: &Board) {
    assert!(board.keys().len() < 2_048, "{} series", board.keys().len());
    for (key, reading) in board.keys().iter().zip(board.readings()) {
        let metric = metric::by_id(key.metric).unwrap();
        if let Ok(value) = *reading {
            assert!(value.is_finite() && value >= 0.0, "{} {}: {value}", metric.name, key.instance);
            let is_share = metric.unit == Unit::Ratio && metric.id != metric::AGENT_CPU.id;
            assert!(!is_share || value <= 1.0, "{} {}: {value}", metric.name, key.instance);
        }
    }
}
