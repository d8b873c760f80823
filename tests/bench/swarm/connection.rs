//! One agent's connection: kept across requests, resumed or new for each. As much of HTTP/1.1 as is needed here, so
//! that the load generator costs little beside what it measures.
// SPDX-License-Identifier: Apache-2.0

use crate::counted::Counted;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

/// What happens to the connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    /// It stays open.
    Kept,
    /// It is closed, and the next one goes on with its session.
    Resumed,
    /// It is closed, and the next one begins anew.
    New,
}

/// Answers longer than this are no answers of a collector.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// An agent's way to the collector.
pub(crate) struct Connection {
    to: SocketAddr,
    /// Each agent has an address of its own, as in a fleet; all of 127/8 is this machine.
    from: Ipv4Addr,
    tls: TlsConnector,
    habit: Habit,
    open: Option<TlsStream<Counted>>,
    carried: Arc<AtomicU64>,
    /// Connections made.
    pub(crate) made: u64,
}

impl Connection {
    /// Agent number `number`'s way to `to`; nothing is opened yet.
    #[must_use]
    pub(crate) fn new(to: SocketAddr, number: usize, base: &Arc<ClientConfig>, habit: Habit) -> Self {
        let mut config = (**base).clone();
        config.resumption = match habit {
            Habit::Resumed => Resumption::in_memory_sessions(2),
            _ => Resumption::disabled(),
        };
        let [_, b, c, d] = (number as u32 + 2).to_be_bytes();
        let tls = TlsConnector::from(Arc::new(config));
        Self {
            to,
            from: Ipv4Addr::new(127, b | 1, c, d),
            tls,
            habit,
            open: None,
            carried: Arc::default(),
            made: 0,
        }
    }

    /// Opens the connection if there is none.
    ///
    /// # Errors
    /// The collector cannot be reached.
    pub(crate) async fn open(&mut self) -> io::Result<()> {
        if self.open.is_some() {
            return Ok(());
        }
        let socket = TcpSocket::new_v4()?;
        socket.bind((self.from, 0).into())?;
        let stream = socket.connect(self.to).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::IpAddress(self.to.ip().into());
        let stream = Counted { stream, carried: Arc::clone(&self.carried) };
        self.open = Some(self.tls.connect(name, stream).await?);
        self.made += 1;
        Ok(())
    }

    /// Posts a body: status, Retry-After in seconds, and the answer's body.
    ///
    /// # Errors
    /// Nobody answers, or not in HTTP.
    pub(crate) async fn post(
        &mut self,
        path: &str,
        kind: &str,
        body: &[u8],
    ) -> io::Result<(u16, u64, Vec<u8>)> {
        self.open().await?;
        let Some(stream) = &mut self.open else { return Err(io::ErrorKind::NotConnected.into()) };
        let mut request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            self.to,
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        let answered = match stream.write_all(&request).await {
            Ok(()) => answer(stream).await,
            Err(error) => Err(error),
        };
        if answered.is_err() || self.habit != Habit::Kept {
            self.close().await;
        }
        answered
    }

    /// Closes the connection if there is one.
    pub(crate) async fn close(&mut self) {
        if let Some(mut stream) = self.open.take() {
            let _ = stream.shutdown().await;
        }
    }

    /// Bytes of both ways so far, as TCP carries them.
    pub(crate) fn carried(&self) -> u64 {
        self.carried.load(Ordering::Relaxed)
    }
}

async fn answer(stream: &mut TlsStream<Counted>) -> io::Result<(u16, u64, Vec<u8>)> {
    let strange = || io::Error::new(io::ErrorKind::InvalidData, "no answer of a collector");
    let mut bytes = Vec::with_capacity(1_024);
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = std::str::from_utf8(&bytes[..end]).map_err(|_| strange())?;
            let field = |name: &str| {
                let line = head.lines().find(|line| {
                    line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
                });
                line.and_then(|line| line[name.len()..].trim().parse::<u64>().ok())
            };
            let status = head.get(9..12).and_then(|digits| digits.parse().ok()).ok_or_else(strange)?;
            let length = usize::try_from(field("content-length:").unwrap_or(0)).map_err(|_| strange())?;
            if bytes.len() >= end + 4 + length {
                let retry_after = field("retry-after:").unwrap_or(1);
                return Ok((status, retry_after, bytes[end + 4..end + 4 + length].to_vec()));
            }
        }
        if bytes.len() > ANSWER_BYTES_MAX || stream.read_buf(&mut bytes).await? == 0 {
            return Err(strange());
        }
    }
}

/// What every agent's TLS begins with. It trusts whoever answers: the collector was started by this very program, on
/// loopback, and what is measured is what a handshake costs it.
///
/// # Errors
/// TLS cannot be set up.
pub(crate) fn tls() -> Result<Arc<ClientConfig>, Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(OurOwn(Arc::clone(&provider)));
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()))
}

#[derive(Debug)]
struct OurOwn(Arc<CryptoProvider>);

impl ServerCertVerifier for OurOwn {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
