//! How long a connection may be silent: a little while somebody sends the head of a request, longer between two requests,
//! and not counted here while one is under way, which has deadlines of its own.
// SPDX-License-Identifier: Apache-2.0

use super::refusal::Refusal;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// How long a client may take to send the head of a request, and a new connection its first one.
pub(super) const HEAD_DEADLINE: Duration = Duration::from_secs(15);
/// How long a connection is kept between two requests. Above the 90 s after which an agent lets go of its own, so that
/// a request never meets a connection that is just being closed; far below the quarter of an hour between two uploads,
/// so that those who have nothing to send hold no place.
pub(super) const IDLE_DEADLINE: Duration = Duration::from_secs(100);

/// The requests of one connection, as its service and its stream see them.
#[derive(Debug, Default)]
pub(super) struct Turns {
    begun: AtomicU64,
    ended: AtomicU64,
    late: AtomicBool,
}

impl Turns {
    /// A request is under way until this is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Turn {
        self.begun.fetch_add(1, Ordering::SeqCst);
        Turn(Arc::clone(self))
    }

    /// Whether the connection ended because the head of a request came too slowly.
    pub(super) fn is_late(&self) -> bool {
        self.late.load(Ordering::SeqCst)
    }
}

/// A request that is under way.
pub(super) struct Turn(Arc<Turns>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// Nothing of the first head of a connection has come.
    FirstByte,
    /// A part of a head has come.
    Head,
    /// The connection rests.
    Request,
}

impl Wait {
    const fn deadline(self) -> Duration {
        if matches!(self, Self::Request) { IDLE_DEADLINE } else { HEAD_DEADLINE }
    }
}

/// A stream that ends when its patience does.
pub(super) struct Patient<S> {
    stream: S,
    turns: Arc<Turns>,
    /// Requests that had ended when this was last read.
    seen: u64,
    wait: Option<(Wait, Pin<Box<Sleep>>)>,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S, turns: Arc<Turns>) -> Self {
        let mut new = Self { stream, turns, seen: 0, wait: None };
        new.wait_for(Wait::FirstByte);
        new
    }

    fn wait_for(&mut self, wait: Wait) {
        self.wait = Some((wait, Box::pin(tokio::time::sleep(wait.deadline()))));
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Patient<S> {
    /// Nothing came in time: a resting connection ends like one its client closed, any other is refused.
    fn give_up(&mut self, wait: Wait, cx: &mut Context<'_>) -> io::Result<()> {
        if wait == Wait::Request {
            return Ok(());
        }
        self.turns.late.store(true, Ordering::SeqCst);
        if wait == Wait::Head {
            // Nothing else is being written: no request is under way. Whoever does not take it goes without.
            let _ = Pin::new(&mut self.stream).poll_write(cx, refusal().as_bytes());
            let _ = Pin::new(&mut self.stream).poll_flush(cx);
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}

/// The answer to a head that does not end.
fn refusal() -> String {
    let terms = Refusal::HeadersLate.terms();
    let (kind, title) = (format!("urn:cairn:problem:{}", terms.code), terms.title);
    let detail = format!("the head of the request took more than {} s", HEAD_DEADLINE.as_secs());
    let problem =
        serde_json::json!({ "type": kind, "title": title, "status": 408, "detail": detail }).to_string();
    format!(
        "HTTP/1.1 408 Request Timeout\r\ncontent-type: application/problem+json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{problem}",
        problem.len()
    )
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let ended = self.turns.ended.load(Ordering::SeqCst);
        if self.seen != ended {
            (self.seen, self.wait) = (ended, None);
        }
        if self.turns.begun.load(Ordering::SeqCst) > ended {
            self.wait = None;
            return polled;
        }
        let waits = self.wait.as_ref().map(|(wait, _)| *wait);
        match polled {
            Poll::Ready(Ok(())) if buf.filled().len() > before => {
                if waits != Some(Wait::Head) {
                    // The first head's time runs from the connection's beginning.
                    let elapsed = self.wait.take().filter(|_| waits == Some(Wait::FirstByte));
                    match elapsed {
                        Some((_, sleep)) => self.wait = Some((Wait::Head, sleep)),
                        None => self.wait_for(Wait::Head),
                    }
                }
                Poll::Ready(Ok(()))
            }
            Poll::Pending => {
                if self.wait.is_none() {
                    self.wait_for(Wait::Request);
                }
                let Some((wait, sleep)) = &mut self.wait else { return Poll::Pending };
                let wait = *wait;
                ready!(sleep.as_mut().poll(cx));
                Poll::Ready(self.give_up(wait, cx))
            }
            other => other,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
