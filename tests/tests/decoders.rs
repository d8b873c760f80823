//! Every decoder on its good inputs and on a stated number of deterministic mutations of them. `tests/fuzz/run` looks
//! deeper where its tools are.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_tests::decoders::{DECODERS, Mutations};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Mutations of each decoder; `CAIRN_FULL` makes it 20 times as many.
const INPUTS: usize = 500;

/// Runs inputs; the first that panics, and how many came before it.
fn broken(inputs: impl Iterator<Item = Vec<u8>>, run: impl Fn(&[u8])) -> Option<(usize, Vec<u8>)> {
    let breaks = |(_, input): &(usize, Vec<u8>)| catch_unwind(AssertUnwindSafe(|| run(input))).is_err();
    inputs.enumerate().find(breaks)
}

#[test]
fn decoders_survive_what_is_near_good_inputs() {
    let inputs = INPUTS * if std::env::var_os("CAIRN_FULL").is_some() { 20 } else { 1 };
    for decoder in DECODERS {
        let seeds = (decoder.seeds)();
        let all = seeds.iter().cloned().chain(Mutations::new(&seeds).take(inputs));
        if let Some((at, input)) = broken(all, decoder.run) {
            let text = input.escape_ascii().to_string();
            panic!("{}: input {at} of {} seeds and {inputs} mutations: {text}", decoder.name, seeds.len());
        }
    }
}

#[test]
fn mutations_are_the_same_each_time_and_find_what_is_planted() {
    let seeds = vec![b"server,cores\nweb1,8\n".to_vec(), b"a".to_vec()];
    let some = |n| Mutations::new(&seeds).take(n).collect::<Vec<_>>();
    assert_eq!(some(50), some(50));
    let check = |what: &str, run: fn(&[u8])| {
        assert!(broken(some(INPUTS).into_iter(), run).is_some(), "{what} was not found");
    };
    check("a number too large", |input| assert!(!input.windows(9).any(|part| part == b"429496729")));
    check("a quote", |input| assert!(!input.contains(&b'"')));
    check("a line twice", |input| assert!(input.iter().filter(|byte| **byte == b'\n').count() < 4));
    check("nothing at all", |input| assert!(!input.is_empty()));
    check("bytes that are no text", |input| assert!(std::str::from_utf8(input).is_ok()));
}
