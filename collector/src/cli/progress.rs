//! What a person sees while something takes its time: on a terminal, and only from a second on.
// SPDX-License-Identifier: Apache-2.0

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// Below this nobody waits.
const BEFORE_IT_SHOWS: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(120);

/// Does work while a terminal shows what is done, and for how long already.
pub(super) fn during<T>(what: &str, work: impl FnOnce() -> T) -> T {
    if !console::Term::stderr().is_term() {
        return work();
    }
    let (done, ended) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // Dropped, not sent: what comes is the end or the time.
            if ended.recv_timeout(BEFORE_IT_SHOWS) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                let bar = spinner(what);
                let _ = ended.recv();
                bar.finish_and_clear();
            }
        });
        let result = work();
        drop(done);
        result
    })
}

fn spinner(what: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        .with_message(what.to_owned())
        .with_elapsed(BEFORE_IT_SHOWS);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    bar
}
