//! The accept loop: deadlines for headers, a cap on connections, TLS where it is asked for, and an end that
//! lets requests finish. `axum::serve` has none of these.
// SPDX-License-Identifier: Apache-2.0

use super::Peer;
use axum::{Extension, Router};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

/// How long a client may take to send its headers, and a new connection its first one.
const HEADER_DEADLINE: Duration = Duration::from_secs(15);
/// How long a TLS handshake may take.
const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);
/// Most connections at once.
const CONNECTIONS_MAX: usize = 10_000;
/// How long requests may go on once the end is asked for.
const DRAIN_DEADLINE: Duration = Duration::from_secs(10);
/// Pause after a failed accept: descriptors have run out, and some must be given back first.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Where connections come from.
pub struct Listener {
    socket: TcpListener,
    /// TLS; `None` on loopback.
    pub tls: Option<TlsAcceptor>,
}

impl Listener {
    /// Binds an address, without TLS until some is set.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn bind(address: SocketAddr) -> std::io::Result<(Self, SocketAddr)> {
        let socket = TcpListener::bind(address).await?;
        let bound = socket.local_addr()?;
        Ok((Self { socket, tls: None }, bound))
    }
}

/// Serves until `end` completes, then lets requests finish.
pub async fn serve(listener: Listener, router: Router, end: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut end = std::pin::pin!(end);
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let (stream, peer) = tokio::select! {
            accepted = listener.socket.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            () = &mut end => break,
        };
        let _ = stream.set_nodelay(true);
        let router = router.clone().layer(Extension(Peer(peer.ip())));
        let (watcher, tls) = (graceful.watcher(), listener.tls.clone());
        tokio::spawn(async move {
            match tls {
                None => connection(stream, router, watcher).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_DEADLINE, tls.accept(stream)).await
                    {
                        connection(stream, router, watcher).await;
                    }
                }
            }
            drop(place);
        });
    }
    if tokio::time::timeout(DRAIN_DEADLINE, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_DEADLINE);
    let served = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!(%error, "connection ended early");
    }
}
