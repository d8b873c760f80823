//! What may take longer than anybody waits for: it goes on by itself then, and what became of it is said on the next page.
// SPDX-License-Identifier: Apache-2.0

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

/// What became of something that was waited for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Waited<T> {
    /// It is done.
    Done(T),
    /// It goes on.
    Longer,
    /// It broke off.
    Broken,
}

/// Does something on a thread of its own and waits for a while; what comes later is handed on.
pub(super) fn wait<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> T + Send + 'static,
    late: impl FnOnce(T) + Send + 'static,
) -> Waited<T> {
    // Without a place to wait in, what is made is either taken or given back: it cannot get lost between the two.
    let (to, made) = sync_channel(0);
    std::thread::spawn(move || {
        if let Err(nobody) = to.send(work()) {
            late(nobody.0);
        }
    });
    match made.recv_timeout(patience) {
        Ok(made) => Waited::Done(made),
        Err(RecvTimeoutError::Timeout) => Waited::Longer,
        Err(RecvTimeoutError::Disconnected) => Waited::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_waited_for_or_told_later_or_known_to_be_broken() {
        let long = Duration::from_secs(600);
        assert_eq!(wait(long, || 7, |_| panic!("nobody waited")), Waited::Done(7));
        assert_eq!(wait::<()>(long, || panic!("on the way"), |()| ()), Waited::Broken);
        let ((go, gone), (told, heard)) = (sync_channel(0), sync_channel(0));
        let waited = wait(Duration::ZERO, move || gone.recv().unwrap(), move |made| told.send(made).unwrap());
        assert_eq!(waited, Waited::Longer);
        go.send(7).unwrap();
        assert_eq!(heard.recv().unwrap(), 7);
    }
}
