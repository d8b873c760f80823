//! Files that are cut off, damaged, swollen or nonsense: whatever they hold, sampling goes on, and what it says
//! is a number that can be, or missing.
// SPDX-License-Identifier: Apache-2.0

use super::generated_tree::Shape;
use super::staged::{Edit, Stage, assert_possible};
use cairn_schemas::metric;
use proptest::prelude::*;

const FILES: [&str; 10] = [
    "proc/stat",
    "proc/meminfo",
    "proc/vmstat",
    "proc/diskstats",
    "proc/net/dev",
    "proc/net/snmp",
    "proc/mounts",
    "proc/pressure/cpu",
    "proc/pressure/memory",
    "proc/pressure/io",
];

/// How a text is damaged; places are shares of its length.
#[derive(Clone, Debug)]
enum Damage {
    Cut(f64),
    Flip(f64, u8),
    Number(f64, u64),
    Lines(f64, usize),
    Insert(f64, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = 0.0..1.0_f64;
    let number = prop_oneof![any::<u64>(), Just(u64::MAX), Just(0), Just(1 << 32), (0_u64..1_000)];
    prop_oneof![
        place.clone().prop_map(Damage::Cut),
        (place.clone(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        (place.clone(), number).prop_map(|(at, number)| Damage::Number(at, number)),
        (place.clone(), 1_usize..300).prop_map(|(at, times)| Damage::Lines(at, times)),
        (place, proptest::collection::vec(any::<u8>(), 0..200))
            .prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
    ]
}

fn damaged(mut text: Vec<u8>, damage: &Damage) -> Vec<u8> {
    let length = text.len();
    let place = |share: f64| ((length as f64 * share) as usize).min(length);
    match damage {
        Damage::Cut(at) => text.truncate(place(*at)),
        Damage::Flip(at, byte) => text.iter_mut().skip(place(*at)).take(1).for_each(|b| *b = *byte),
        Damage::Insert(at, bytes) => drop(text.splice(place(*at)..place(*at), bytes.iter().copied())),
        Damage::Number(at, number) => {
            let digit = |byte: &u8| byte.is_ascii_digit();
            let start = text.iter().skip(place(*at)).position(digit).map_or(length, |n| n + place(*at));
            let end = text.iter().skip(start).position(|byte| !digit(byte)).map_or(length, |n| n + start);
            text.splice(start..end, number.to_string().into_bytes());
        }
        Damage::Lines(at, times) => {
            let line_end = |from: usize| {
                text.iter().skip(from).position(|b| *b == b'\n').map_or(length, |n| n + from + 1)
            };
            let (start, end) = (line_end(place(*at)), line_end(line_end(place(*at))));
            let line = text[start..end].repeat(*times);
            text.splice(start..start, line);
        }
    }
    text
}

/// Each case writes a tree.
fn few_cases() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases / 4, ..usual }
}

proptest! {
    #![proptest_config(few_cases())]

    #[test]
    fn damaged_files_never_become_impossible_readings(
        seconds in proptest::collection::vec(
            proptest::collection::vec((proptest::sample::select(&FILES[..]), damage()), 0..6), 2..6)
    ) {
        let mut stage = Stage::new(Shape { cpus: 3, disks: 3, interfaces: 3 });
        for damages in seconds {
            stage.prepare(&[]);
            for (file, damage) in &damages {
                stage.rewrite(file, |text| damaged(text, damage));
            }
            stage.clock.pass(1.0);
            assert_possible(stage.samplers.sample(&stage.clock));
        }
    }

    #[test]
    fn nonsense_is_missing(file in proptest::sample::select(&FILES[..]), nonsense in any::<Vec<u8>>()) {
        let mut stage = Stage::new(Shape { cpus: 1, disks: 1, interfaces: 1 });
        stage.second(&[]);
        stage.prepare(&[]);
        stage.rewrite(file, |_| nonsense);
        stage.clock.pass(1.0);
        assert_possible(stage.samplers.sample(&stage.clock));
    }
}

#[test]
fn empty_and_huge_files_are_said_to_be_so() {
    let check = |text: &str, expected: &str| {
        let edits: Vec<Edit<'_>> = FILES.iter().map(|file| Edit::Put(file, text.to_owned())).collect();
        let mut stage = Stage::opened_with(Shape { cpus: 1, disks: 1, interfaces: 1 }, &edits);
        for _ in 0..2 {
            stage.clock.pass(1.0);
            stage.samplers.sample(&stage.clock);
        }
        assert_possible(stage.samplers.board());
        let busy = stage.samplers.board().reading(&metric::CPU_BUSY, "");
        assert_eq!(busy.map_err(|why| why.to_string()), Err(expected.to_owned()));
    };
    check("", "/proc/stat has no field cpu");
    check("\n\n \n", "/proc/stat has no field cpu");
    check(&"cpu0 1 1 1 1\n".repeat(1 << 20), "/proc/stat cannot be read: file too large");
}
