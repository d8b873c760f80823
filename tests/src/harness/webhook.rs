//! Somebody else's receiver: keeps what is posted to it, refuses as often as it is told to.
// SPDX-License-Identifier: Apache-2.0

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A request that came in.
#[derive(Clone, Debug)]
pub struct Received {
    /// Header lines in lower case.
    pub headers: String,
    /// Body.
    pub body: String,
    /// What was answered.
    pub status: u16,
}

/// A receiver on a free loopback port.
#[derive(Debug)]
pub struct Webhook {
    /// `http://127.0.0.1:PORT/hook`.
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Webhook {
    /// Listens; the first `refusals` requests get a 503.
    ///
    /// # Panics
    /// There is no free port.
    #[must_use]
    pub fn listen(refusals: usize) -> Self {
        let listener =
            TcpListener::bind("127.0.0.1:0").unwrap_or_else(|error| panic!("no free port: {error}"));
        let address = listener.local_addr().map(|address| address.to_string()).unwrap_or_default();
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&received);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let status = if kept.len() < refusals { 503 } else { 204 };
                kept.extend(answer(&stream, status));
            }
        });
        Self { url: format!("http://{address}/hook"), received }
    }

    /// Everything that came in so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Bodies that were accepted.
    #[must_use]
    pub fn accepted(&self) -> Vec<String> {
        self.received().into_iter().filter(|r| r.status < 300).map(|r| r.body).collect()
    }
}

fn answer(stream: &TcpStream, status: u16) -> Option<Received> {
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let mut reader = BufReader::new(stream);
    let mut headers = String::new();
    while !headers.ends_with("\r\n\r\n") {
        if reader.read_line(&mut headers).ok()? == 0 {
            return None;
        }
    }
    let headers = headers.to_lowercase();
    let length =
        headers.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut writer = stream;
    write!(writer, "HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok()?;
    Some(Received { headers, body: String::from_utf8_lossy(&body).into_owned(), status })
}
