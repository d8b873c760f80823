//! Somebody else's receiver: keeps what is posted to it, and refuses or falls silent when told to.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::digest::hex;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What the receiver does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A status and no body.
    Status(u16),
    /// Nothing, until the sender gives up or dies.
    Never,
}

/// A request that came in.
#[derive(Clone, Debug)]
pub struct Received {
    /// Header lines in lower case.
    pub headers: String,
    /// Body.
    pub body: String,
    /// What was answered.
    pub answer: Answer,
}

/// A receiver on a free loopback port.
#[derive(Debug)]
pub struct Webhook {
    /// `http://127.0.0.1:PORT/hook`.
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Webhook {
    /// Listens; the first requests are answered as told, all others with 204.
    ///
    /// # Panics
    /// There is no free port.
    #[must_use]
    pub fn listen(answers: &'static [Answer]) -> Self {
        let listener =
            TcpListener::bind("127.0.0.1:0").unwrap_or_else(|error| panic!("no free port: {error}"));
        let address = listener.local_addr().map(|address| address.to_string()).unwrap_or_default();
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&received);
        std::thread::spawn(move || {
            let answers = answers.iter().copied().chain(std::iter::repeat(Answer::Status(204)));
            for (stream, answer) in listener.incoming().flatten().zip(answers) {
                let request = read(&stream, answer);
                kept.lock().unwrap_or_else(PoisonError::into_inner).extend(request);
                reply(stream, answer);
            }
        });
        Self { url: format!("http://{address}/hook"), received }
    }

    /// Everything that came in so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Requests that were accepted.
    #[must_use]
    pub fn accepted(&self) -> Vec<Received> {
        let is_accepted = |request: &Received| matches!(request.answer, Answer::Status(200..=299));
        self.received().into_iter().filter(is_accepted).collect()
    }
}

impl Received {
    /// Whether it is signed with a secret: HMAC-SHA256 of the body.
    #[must_use]
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
        let signature = hex(ring::hmac::sign(&key, self.body.as_bytes()).as_ref());
        self.headers.lines().any(|line| line == format!("cairn-signature-256: sha256={signature}"))
    }
}

fn read(stream: &TcpStream, answer: Answer) -> Option<Received> {
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
    Some(Received { headers, body: String::from_utf8_lossy(&body).into_owned(), answer })
}

fn reply(mut stream: TcpStream, answer: Answer) {
    // The sender may be gone already, which is its affair.
    let _ = match answer {
        Answer::Status(status) => {
            write!(stream, "HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .map(|()| 0)
        }
        Answer::Never => stream.read(&mut [0]),
    };
}
