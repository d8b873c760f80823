//! The accept loop: deadlines for headers, a cap on connections, TLS where it is asked for, and an end that
//! lets requests finish. `axum::serve` has none of these.
// SPDX-License-Identifier: Apache-2.0

use super::ledger::Ledger;
use super::patience::{Patient, Turns};
use super::refusal::Refusal;
use super::{Counters, Peer};
use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

/// How long a TLS handshake may take.
const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);
/// Most connections at once; whoever comes then waits until one of them ends.
pub const CONNECTIONS_MAX: usize = 10_000;
/// Most of a request that is read ahead, its head included. Hyper's own bound is 400 KB, of each connection.
const READ_AHEAD_BYTES_MAX: usize = 16 << 10;
/// How long requests may go on once the end is asked for.
const DRAIN_DEADLINE: Duration = Duration::from_secs(10);
/// Pause after a failed accept: descriptors have run out, and some must be given back first.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Where connections come from.
pub struct Listener {
    socket: TcpListener,
    /// TLS; `None` on loopback.
    pub tls: Option<TlsAcceptor>,
    /// Most connections at once.
    pub(crate) connections_max: usize,
}

impl Listener {
    /// Binds an address, without TLS until some is set.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn bind(address: SocketAddr) -> std::io::Result<(Self, SocketAddr)> {
        let socket = TcpListener::bind(address).await?;
        let bound = socket.local_addr()?;
        Ok((Self { socket, tls: None, connections_max: CONNECTIONS_MAX }, bound))
    }
}

/// Serves until `end` completes, then lets requests finish.
pub async fn serve(
    listener: Listener,
    router: Router,
    counters: Arc<Counters>,
    end: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(listener.connections_max));
    let mut end = std::pin::pin!(end);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.socket.accept().await)
        };
        let (place, (stream, peer)) = tokio::select! {
            (place, accepted) = next => match accepted {
                Ok(accepted) => (place, accepted),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            () = &mut end => break,
        };
        let _ = stream.set_nodelay(true);
        let visit =
            Visit { router: router.clone(), ledger: Arc::clone(&counters.refused), address: peer.ip() };
        let (watcher, tls) = (graceful.watcher(), listener.tls.clone());
        tokio::spawn(async move {
            visit.attend(stream, tls, watcher).await;
            drop(place);
        });
    }
    if tokio::time::timeout(DRAIN_DEADLINE, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

/// One connection: who it is from, and what it may ask for.
pub(super) struct Visit {
    pub(super) router: Router,
    pub(super) ledger: Arc<Ledger>,
    pub(super) address: IpAddr,
}

impl Visit {
    /// Serves a connection to its end.
    pub(super) async fn attend(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        tls: Option<TlsAcceptor>,
        watcher: Watcher,
    ) {
        let Some(tls) = tls else { return self.requests(stream, watcher).await };
        match tokio::time::timeout(HANDSHAKE_DEADLINE, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.requests(stream, watcher).await,
            Ok(Err(error)) => self.refuse(Refusal::HandshakeFailed, &error.to_string()),
            Err(_) => self.refuse(Refusal::HandshakeLate, "the handshake took too long"),
        }
    }

    async fn requests(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, watcher: Watcher) {
        let turns = Arc::new(Turns::default());
        let stream = Patient::new(stream, Arc::clone(&turns));
        let routes = TowerToHyperService::new(self.router.clone());
        let (under_way, peer) = (Arc::clone(&turns), Peer(self.address));
        // Not a layer: it would make every route anew for each connection.
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            let (turn, answer) = (under_way.begin(), routes.call(request));
            async move {
                let answer = answer.await;
                drop(turn);
                answer
            }
        });
        let served = http1::Builder::new()
            .max_buf_size(READ_AHEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), service);
        let ended = watcher.watch(served).await;
        match ended {
            _ if turns.is_late() => self.refuse(Refusal::HeadersLate, "the head of a request took too long"),
            Err(error) if error.is_parse() => self.refuse(Refusal::NotHttp, &error.to_string()),
            Err(error) => tracing::debug!(%error, "connection ended early"),
            Ok(()) => {}
        }
    }

    /// Nothing was asked for yet: it goes into the ledger alone.
    fn refuse(&self, refusal: Refusal, detail: &str) {
        self.ledger.enter(refusal, self.address, "", None, detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    async fn ask(stream: &mut TcpStream) {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: c\r\n\r\n").await.unwrap();
    }

    async fn hear(stream: &mut TcpStream) {
        let mut answer = Vec::new();
        while !answer.ends_with(b"here") {
            answer.push(stream.read_u8().await.unwrap());
        }
    }

    #[tokio::test]
    async fn one_connection_too_many_waits_for_a_place_and_the_end_waits_for_none() {
        let (mut listener, address) = Listener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        listener.connections_max = 2;
        let router = Router::new().route("/", get(|| async { "here" }));
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let until = async move {
            let _ = ended.await;
        };
        let serving = tokio::spawn(serve(listener, router, Arc::default(), until));
        let connect = || async { TcpStream::connect(address).await.unwrap() };
        let (mut first, mut second, mut third) = (connect().await, connect().await, connect().await);
        for stream in [&mut first, &mut second] {
            ask(stream).await;
            hear(stream).await;
        }
        ask(&mut third).await;
        ask(&mut second).await;
        hear(&mut second).await;
        assert!(third.try_read(&mut [0; 1]).is_err(), "it has no place yet");
        drop(first);
        hear(&mut third).await;
        end.send(()).unwrap();
        serving.await.unwrap();
    }
}
