//! HTTP: enrolment, and one kept connection over which batches go out.
// SPDX-License-Identifier: Apache-2.0

use super::{Outcome, tls};
use crate::config::Network;
use cairn_schemas::enrolment::{
    Ack, EnrolReply, EnrolRequest, JoinString, LeaveRequest, MoveRequest, Problem, RotateRequest,
};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, NoProxy, Proxy, Response};
use serde::Serialize;
use std::time::Duration;

/// The media type of a sealed batch.
pub const BATCH_TYPE: &str = "application/x-cairn-batch";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest reply read; an acknowledgement is a few hundred bytes.
const REPLY_BYTES_MAX: usize = 64 << 10;

/// Why enrolment failed.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The collector did not answer.
    #[error("cannot reach the collector at {url}: {why}")]
    Unreachable {
        /// Its address.
        url: String,
        /// Why.
        why: String,
    },
    /// It refused.
    #[error("the collector refused ({status}): {detail}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What it says.
        detail: String,
    },
}

/// A client that trusts exactly one authority, and one address.
#[derive(Clone, Debug)]
pub struct Collector {
    client: Client,
    url: String,
}

impl Collector {
    /// A client for the collector at `url`, whose authority has the key with this hash.
    ///
    /// # Errors
    /// The TLS library refuses its own defaults, the pin is malformed, the file of authorities cannot be read, or the
    /// proxy is no address.
    pub fn new(url: &str, ca_spki_sha256: Option<&str>, network: &Network) -> Result<Self, String> {
        let builder = Client::builder()
            .tls_backend_preconfigured(tls::config(ca_spki_sha256, network.ca_file.as_deref())?)
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .user_agent(concat!("cairn-agent/", env!("CARGO_PKG_VERSION")));
        let builder = match &network.proxy {
            // Loopback needs no proxy, whatever the environment says.
            _ if JoinString::is_loopback(url) => builder.no_proxy(),
            None => builder,
            Some(address) => {
                let proxy = Proxy::all(address).map_err(|error| format!("proxy: {}", chain(&error)))?;
                builder.proxy(proxy.no_proxy(NoProxy::from_env()))
            }
        };
        let client = builder.build().map_err(|error| chain(&error))?;
        Ok(Self { client, url: url.to_owned() })
    }

    /// Asks for an identity.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn enrol(&self, request: &EnrolRequest) -> Result<EnrolReply, EnrolError> {
        let unreachable = |why| EnrolError::Unreachable { url: self.url.clone(), why };
        let body = serde_json::to_vec(request).map_err(|error| unreachable(error.to_string()))?;
        let post = self.client.post(format!("{}/v1/enroll", self.url));
        let sent = post.header(CONTENT_TYPE, "application/json").body(body).send().await;
        let response = sent.map_err(|error| unreachable(chain(&error)))?;
        let status = response.status().as_u16();
        let text = bounded(response).await.map_err(unreachable)?;
        if !(200..300).contains(&status) {
            return Err(EnrolError::Refused { status, detail: detail(&text) });
        }
        serde_json::from_slice(&text)
            .map_err(|error| unreachable(format!("its reply is not that of a collector: {error}")))
    }

    /// Asks that this agent's identity be revoked.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn leave(&self, request: &LeaveRequest) -> Result<(), EnrolError> {
        self.ask("leave", request).await
    }

    /// Asks that a copy be known under an identity of its own.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn moved(&self, request: &MoveRequest) -> Result<(), EnrolError> {
        self.ask("move", request).await
    }

    /// Asks that another key take the place of this agent's own.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn rotate(&self, request: &RotateRequest) -> Result<(), EnrolError> {
        self.ask("rotate", request).await
    }

    async fn ask(&self, what: &str, request: &impl Serialize) -> Result<(), EnrolError> {
        let unreachable = |why| EnrolError::Unreachable { url: self.url.clone(), why };
        let body = serde_json::to_vec(request).map_err(|error| unreachable(error.to_string()))?;
        let post = self.client.post(format!("{}/v1/{what}", self.url));
        let sent = post.header(CONTENT_TYPE, "application/json").body(body).send().await;
        let response = sent.map_err(|error| unreachable(chain(&error)))?;
        let status = response.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(());
        }
        let text = bounded(response).await.map_err(unreachable)?;
        Err(EnrolError::Refused { status, detail: detail(&text) })
    }

    /// Sends a sealed batch.
    pub async fn send(&self, sealed: Vec<u8>) -> Outcome {
        let post = self.client.post(format!("{}/v1/batches", self.url));
        let response = match post.header(CONTENT_TYPE, BATCH_TYPE).body(sealed).send().await {
            Err(error) => return Outcome::Unreachable(chain(&error)),
            Ok(response) => response,
        };
        let status = response.status().as_u16();
        let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after_s = header.and_then(|seconds| seconds.trim().parse().ok());
        match bounded(response).await {
            Err(why) => Outcome::Unreachable(why),
            Ok(text) if status == 200 => serde_json::from_slice::<Ack>(&text).map_or_else(
                |error| Outcome::Unreachable(format!("its reply is not an acknowledgement: {error}")),
                Outcome::Acknowledged,
            ),
            Ok(text) => Outcome::Refused { status, retry_after_s, detail: detail(&text) },
        }
    }
}

async fn bounded(mut response: Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| chain(&error))? {
        if body.len() + chunk.len() > REPLY_BYTES_MAX {
            return Err(format!("its reply is longer than {REPLY_BYTES_MAX} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What the collector says in its problem report, made safe for a terminal.
fn detail(text: &[u8]) -> String {
    let said = serde_json::from_slice::<Problem>(text).map_or_else(
        |_| String::from_utf8_lossy(text).into_owned(),
        |problem| format!("{}: {}", problem.title, problem.detail),
    );
    said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

/// An error with all its causes, which is where reqwest says what really happened.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
