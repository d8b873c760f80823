//! The decoders of `tests/src/decoders.rs` under a fuzzer that is guided by what it reaches.
//! Targets judge no result beyond what always holds; a panic, a hang or an overflow is what they look for.
// SPDX-License-Identifier: Apache-2.0

use std::path::PathBuf;

#[doc(hidden)]
pub use libfuzzer_sys;

pub use cairn_tests::decoders::{decoder, table};

/// Writes seeds into the directory `CAIRN_SEEDS` names, before the fuzzer reads it.
pub fn plant(seeds: impl IntoIterator<Item = Vec<u8>>) {
    let Some(folder) = std::env::var_os("CAIRN_SEEDS").map(PathBuf::from) else { return };
    for (at, seed) in seeds.into_iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{at}")), seed).expect("CAIRN_SEEDS is a directory");
    }
}

/// A panic within the library that reads workbooks is caught where it is called, and is an error there: the fuzzer must
/// not end before that. One that nobody catches still ends it.
pub fn let_be_caught() {
    let abort = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.location().is_some_and(|location| location.file().contains("/calamine-")) {
            abort(panic);
        }
    }));
}

/// The target of a decoder, by its name.
#[macro_export]
macro_rules! fuzzed {
    ($name:literal) => {
        $crate::libfuzzer_sys::fuzz_target!(
            init: {
                $crate::let_be_caught();
                $crate::plant(($crate::decoder($name).seeds)());
            },
            |data: &[u8]| { ($crate::decoder($name).run)(data) }
        );
    };
}
