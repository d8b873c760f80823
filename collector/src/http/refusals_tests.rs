//! Every refusal there is: its status, its problem, its counter, its line in the log, and a good batch that is kept
//! beside it.
// SPDX-License-Identifier: Apache-2.0

use super::server::Visit;
use super::*;
use crate::config::TlsConfig;
use crate::engagements::SharedStore;
use crate::ingest::verify;
use crate::report::shelf::Shelf;
use crate::serve::Place;
use crate::store::{Agent, KeyEpochs, RegisteredBy, Rotated, Rotation, StoreError, Token};
use crate::tls::Shown;
use axum::body::Body;
use axum::http::{Request, header};
use cairn_schemas::batch::{self, Batch, ENCODED_BYTES_MAX, SIGNATURE_BYTES};
use cairn_schemas::digest::{hex, sha256_hex};
use cairn_schemas::enrolment::{Ack, Problem};
use cairn_schemas::identity::{BatchKey, Id128};
use cairn_schemas::metric::CPU_BUSY;
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot, SlotTable};
use cairn_schemas::time::Timestamp;
use hyper::body::Frame;
use hyper_util::server::graceful::GracefulShutdown;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use std::io;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tower::ServiceExt as _;

const AGENT: Id128 = Id128([7; 16]);
const NEAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const FAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 9));

/// Whoever looks at a shelf may.
static COOKIE: std::sync::LazyLock<String> =
    std::sync::LazyLock::new(|| format!("cairn-default={}", "ab".repeat(32)));

/// A collector with one agent, and what it logs.
struct Site {
    dir: tempfile::TempDir,
    shared: Shared,
    store: SharedStore,
    key: Ed25519KeyPair,
    log: Log,
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Site {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let engagements = Arc::new(Engagements::new(dir.path()));
        let store = engagements.store(&"default".parse().unwrap()).unwrap();
        let key = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
        let now = crate::clock::now();
        let token = Token {
            id: "t".into(),
            secret_sha256: sha256_hex(b"s"),
            expires_at: Timestamp(now.0 + 60),
            uses_left: 1,
            created_at: now,
            ring: String::new(),
        };
        store.put_token(&token).unwrap();
        let agent = Agent {
            id: AGENT,
            source: 0,
            public_key: key.public_key().as_ref().to_vec(),
            key_epochs: KeyEpochs::default(),
            hostname: "web1".into(),
            fingerprint: String::new(),
            version: "1".into(),
            registered_by: RegisteredBy::Token,
            enrolled_at: now,
            last_upload_at: None,
            revoked_at: None,
            ring: String::new(),
        };
        assert_eq!(store.enrol("t", &agent, now).unwrap(), Some(AGENT));
        let place = Place { url: "http://c".into(), ca_spki_sha256: None };
        Self {
            dir,
            shared: Shared::new(engagements, Door::new(place, &["c".into()], "default", true)),
            store,
            key,
            log: Log::default(),
        }
    }

    fn sign(&self, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.key.sign(bytes).as_ref().try_into().unwrap()
    }

    /// A batch of one minute, a while ago, or `ahead_s` from now.
    fn sealed(&self, agent_id: Id128, seq: u64, value: u16, ahead_s: i64) -> Vec<u8> {
        let start = Timestamp((crate::clock::now().0 + ahead_s) / 60 * 60);
        let slot = Slot { start, width_s: 60, samples: 60, power: Power::On };
        let column = Column { key: SeriesKey::total(&CPU_BUSY), mean: vec![value], max: None };
        let batch = Batch {
            key: BatchKey { agent_id, spool_id: Id128([3; 16]), seq },
            sealed_at: Timestamp(1_793_600_000),
            table: SlotTable { slots: vec![slot], columns: vec![column] },
            gaps: vec![],
            inventory: None,
        };
        batch::seal(&batch, |bytes| self.sign(bytes)).unwrap()
    }

    fn good(&self, seq: u64) -> Vec<u8> {
        self.sealed(AGENT, seq, 1, -86_400)
    }

    /// Bytes that are no slots, properly signed.
    fn unreadable(&self) -> Vec<u8> {
        let mut sealed = self.good(5);
        let end = sealed.len() - SIGNATURE_BYTES;
        // Behind the magic and the key lies what is compressed.
        sealed[end - 8..end].fill(0xff);
        let signature = self.sign(&sealed[..end]);
        sealed[end..].copy_from_slice(&signature);
        sealed
    }

    fn router(&self, writer: Option<Writer>, pages: SharedStore) -> Router {
        let shared = self.shared.clone();
        let writer = writer.unwrap_or(shared.writer.clone());
        let own = Arc::ptr_eq(&pages, &self.store).then(|| Arc::clone(&shared.engagements));
        let engagements = own.unwrap_or_else(|| Arc::new(Engagements::of_store(pages)));
        routes(Shared { writer, engagements, ..shared }, Offer::All)
    }

    async fn ask(&self, router: Router, from: IpAddr, request: Request<Body>) -> (u16, String, Vec<u8>) {
        let response = router.layer(axum::Extension(Peer(from))).oneshot(request).await.unwrap();
        let kind = response.headers().get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, kind.unwrap_or_default(), body.to_vec())
    }

    async fn send(&self, sealed: impl Into<Body>) -> (u16, String, Vec<u8>) {
        self.ask(self.router(None, Arc::clone(&self.store)), NEAR, post("/v1/batches", sealed)).await
    }

    fn count(&self, refusal: Refusal) -> u64 {
        let text = self.shared.counters.text();
        let name = format!("cairn_collector_requests_refused_total{{reason=\"{}\"}} ", refusal.terms().code);
        text.lines().find_map(|line| line.strip_prefix(&name)).unwrap().parse().unwrap()
    }

    /// Does what is refused so; what came back, where a request was answered.
    async fn provoke(&self, refusal: Refusal) -> Option<(u16, String, Vec<u8>)> {
        let writing = |commit: fn() -> StoreError| Writer::committing_by(9, move |_| Err(commit()));
        let full = || StoreError::Full("keeping a batch".into());
        let broken = || StoreError::Damaged("torn".into());
        let answer = match refusal {
            Refusal::BatchCorrupt => self.send("hello").await,
            Refusal::BatchUndecodable => self.send(self.unreadable()).await,
            Refusal::TooLarge => self.send(vec![0; ENCODED_BYTES_MAX + 1]).await,
            Refusal::UnknownAgent => self.send(self.sealed(Id128([8; 16]), 1, 1, -86_400)).await,
            Refusal::AgentRevoked => {
                let revoked = self.store.revoke(AGENT, "a test", crate::clock::now());
                assert!(revoked.unwrap());
                self.send(self.good(1)).await
            }
            Refusal::ClockInvalid => self.send(self.sealed(AGENT, 1, 1, 3 * 86_400)).await,
            Refusal::ForkedIdentity => {
                assert_eq!(self.send(self.good(1)).await.0, 200);
                self.send(self.sealed(AGENT, 1, 2, -86_400)).await
            }
            Refusal::KeyRetired => {
                self.rotate();
                self.post("/v1/enroll", &enrolment("t", &hex(self.key.public_key().as_ref()))).await
            }
            Refusal::TokenDenied => self.post("/v1/enroll", &enrolment("none", &"ab".repeat(32))).await,
            Refusal::EnrolmentInvalid => self.post("/v1/enroll", "{").await,
            Refusal::LeaveInvalid => self.post("/v1/leave", "{").await,
            Refusal::MoveInvalid => self.post("/v1/move", "{").await,
            Refusal::RotationInvalid => self.post("/v1/rotate", "{").await,
            Refusal::TooMany => self.flood().await,
            Refusal::Busy => self.write_by(&Writer::full()).await,
            Refusal::WriterStopped => self.write_by(&Writer::stopped()).await,
            Refusal::DiskFull => self.write_by(&writing(full)).await,
            Refusal::StoreFailed => self.write_by(&writing(broken)).await,
            Refusal::BodyIncomplete => self.send(Body::new(Endless)).await,
            Refusal::SignInNeeded => self.change(&[("origin", "http://c")]).await,
            Refusal::NotAllowed => {
                let reader = Arc::new(Shelf::new(vec![])) as SharedStore;
                self.get("/e/default/administration", &reader).await
            }
            Refusal::FormInvalid => self.change(&[("origin", "http://c"), ("cookie", &COOKIE)]).await,
            Refusal::CrossSite => self.change(&[("origin", "http://evil.example")]).await,
            Refusal::WrongHost => self.change(&[("host", "evil.example")]).await,
            Refusal::NotFound => self.get("/nowhere", &self.store).await,
            Refusal::MethodNotAllowed => self.get("/v1/batches", &self.store).await,
            Refusal::PageFailed => self.get("/e/default/", &(Arc::new(Shelf::torn()) as SharedStore)).await,
            Refusal::HeadersLate => {
                let said = self.visit(false, "POST /v1/batches HTTP/1.1\r\nhost: c\r\n").await;
                assert!(said.contains("\r\ncontent-type: application/problem+json\r\n"), "{said}");
                assert!(said.contains("urn:cairn:problem:headers-late"), "{said}");
                return None;
            }
            Refusal::NotHttp => {
                assert!(self.visit(false, "SSH-2.0-x\r\n\r\n").await.starts_with("HTTP/1.1 400"));
                return None;
            }
            Refusal::HandshakeFailed => {
                self.visit(true, "GET / HTTP/1.1\r\n\r\n").await;
                return None;
            }
            Refusal::HandshakeLate => {
                self.visit(true, "").await;
                return None;
            }
        };
        Some(answer)
    }

    /// The agent has another key.
    fn rotate(&self) {
        let (from, to) = (self.key.public_key().as_ref().to_vec(), vec![1; 32]);
        let rotated = self.store.rotate(&Rotation { agent: AGENT, epoch: 1, from, to }, crate::clock::now());
        assert_eq!(rotated.unwrap(), Rotated::Changed);
    }

    async fn post(&self, path: &str, body: &str) -> (u16, String, Vec<u8>) {
        let router = self.router(None, Arc::clone(&self.store));
        self.ask(router, NEAR, post(path, body.to_owned())).await
    }

    async fn get(&self, path: &str, pages: &SharedStore) -> (u16, String, Vec<u8>) {
        let request = Request::get(path).header(header::HOST, "c").header(header::COOKIE, &*COOKIE);
        self.ask(self.router(None, Arc::clone(pages)), NEAR, request.body(Body::empty()).unwrap()).await
    }

    /// A form sent by somebody, who may be anybody.
    async fn change(&self, headers: &[(&str, &str)]) -> (u16, String, Vec<u8>) {
        let reader = Arc::new(Shelf::new(vec![])) as SharedStore;
        let mut request = Request::post("/e/default/sign-out").body(Body::from("token=wrong")).unwrap();
        request.headers_mut().insert(header::HOST, "c".parse().unwrap());
        for (name, value) in headers {
            let name: header::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        self.ask(self.router(None, reader), NEAR, request).await
    }

    async fn write_by(&self, writer: &Writer) -> (u16, String, Vec<u8>) {
        let router = self.router(Some(writer.clone()), Arc::clone(&self.store));
        self.ask(router, NEAR, post("/v1/batches", self.good(2))).await
    }

    /// Enrolments of one address until one is too many.
    async fn flood(&self) -> (u16, String, Vec<u8>) {
        loop {
            let router = self.router(None, Arc::clone(&self.store));
            let answer = self.ask(router, FAR, post("/v1/enroll", "{")).await;
            if answer.0 == 429 {
                return answer;
            }
        }
    }

    /// Says something to a listener and hears what it says until it hangs up.
    async fn visit(&self, tls: bool, said: &str) -> String {
        let acceptor = || {
            let names = vec!["localhost".to_owned()];
            let shown = Shown::open(self.dir.path(), &TlsConfig::default(), names).unwrap();
            Arc::new(shown).acceptor().unwrap()
        };
        let (mut client, server) = duplex(1 << 16);
        let graceful = GracefulShutdown::new();
        let visit = self.visitor();
        let attended = visit.attend(server, tls.then(acceptor), graceful.watcher());
        let talk = async {
            client.write_all(said.as_bytes()).await.unwrap();
            heard(&mut client).await
        };
        tokio::join!(attended, talk).1
    }

    fn visitor(&self) -> Visit {
        let router = self.router(None, Arc::clone(&self.store));
        Visit { router, ledger: Arc::clone(&self.shared.counters.refused), address: FAR }
    }
}

async fn heard(client: &mut DuplexStream) -> String {
    let mut bytes = Vec::new();
    client.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).body(body.into()).unwrap()
}

fn enrolment(token: &str, key: &str) -> String {
    serde_json::json!({
        "token_id": token, "secret": "s", "public_key": key, "hostname": "h", "fingerprint": "f",
        "agent_version": "1",
    })
    .to_string()
}

/// A body that begins and does not go on.
struct Endless;

impl hyper::body::Body for Endless {
    type Data = axum::body::Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Self::Data>>>> {
        Poll::Pending
    }
}

async fn check(refusal: Refusal) {
    let site = Site::new();
    let log = site.log.clone();
    let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(Mutex::new(log.clone())).finish();
    let _logged = tracing::subscriber::set_default(lines);
    let (terms, before) = (refusal.terms(), site.count(refusal));
    let answer = site.provoke(refusal).await;

    assert_eq!(answer.is_some(), terms.status.is_some(), "{refusal:?}: answered or not");
    if let Some((status, kind, body)) = answer {
        let problem: Problem = serde_json::from_slice(&body)
            .unwrap_or_else(|why| panic!("{refusal:?}: {why}: {}", String::from_utf8_lossy(&body)));
        assert_eq!(Some(status), terms.status.map(|status| status.as_u16()), "{refusal:?}: {problem:?}");
        assert_eq!((kind.as_str(), problem.status), ("application/problem+json", status), "{refusal:?}");
        assert_eq!(problem.kind, format!("urn:cairn:problem:{}", terms.code));
        assert!(!problem.detail.is_empty(), "{refusal:?} says nothing");
    }
    assert_eq!(site.count(refusal), before + 1, "{refusal:?}: counted once");
    let text = log.text();
    let line = text.lines().find(|line| line.contains(&format!("reason=\"{}\"", terms.code)));
    let line = line.unwrap_or_else(|| panic!("{refusal:?}: no line in {text}"));
    assert!(line.contains(" address=") && line.contains(" agent="), "{line}");

    if refusal == Refusal::AgentRevoked {
        // Enrolling it again is what its refusal says to do.
        let again = site.store.agent(AGENT).unwrap().unwrap();
        let token = Token { uses_left: 1, id: "again".into(), ..site.store.token("t").unwrap().unwrap() };
        site.store.put_token(&token).unwrap();
        site.store.enrol("again", &again, crate::clock::now()).unwrap();
    }
    let (status, _, body) = site.send(site.good(1)).await;
    assert_eq!(status, 200, "beside {refusal:?}: {}", String::from_utf8_lossy(&body));
    let ack: Ack = serde_json::from_slice(&body).unwrap();
    assert_eq!(ack.ack_through, 1, "beside {refusal:?}");
}

/// Deadlines pass at once: the clock of this runtime goes on when nothing else does.
#[tokio::test(start_paused = true)]
async fn every_refusal_is_said_counted_and_logged_and_nothing_good_is_lost_beside_it() {
    for refusal in Refusal::ALL {
        check(refusal).await;
    }
}

#[path = "listening_tests.rs"]
mod listening;

#[path = "every_answer_tests.rs"]
mod every_answer;
