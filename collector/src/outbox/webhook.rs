//! The receiver of events: its address and secret from the configuration, and the HTTP that reaches it.
// SPDX-License-Identifier: Apache-2.0

use super::Poster;
use crate::config::JourneyConfig;
use std::path::Path;
use std::time::Duration;

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Shortest secret: anything below is guessed.
const SECRET_BYTES_MIN: usize = 16;

/// The receiver of events.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its address.
    pub url: String,
    /// What events are signed with.
    pub secret: Vec<u8>,
}

/// Never shows the secret.
impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").field("url", &self.url).finish_non_exhaustive()
    }
}

/// The webhook cannot be used as configured.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The address is none, or not safe.
    #[error(
        "journey.webhook_url {0:?}: use https://, or http:// on this machine (127.0.0.1, [::1], localhost)"
    )]
    Url(String),
    /// There is an address and no secret.
    #[error("journey.webhook_url is set without journey.webhook_secret_file: events are always signed")]
    NoSecret,
    /// The secret cannot be read.
    #[error("reading the webhook secret {path}: {source}")]
    Secret {
        /// Its file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The secret is too short.
    #[error("the webhook secret in {0} is shorter than 16 bytes; make one with `openssl rand -hex 32`")]
    Short(String),
    /// The HTTP client cannot be made.
    #[error("preparing HTTP: {0}")]
    Http(String),
}

impl Webhook {
    /// The receiver a configuration names; `None` when it names none and events wait.
    ///
    /// # Errors
    /// The address is not safe, or the secret is missing, unreadable or too short.
    pub fn of(config: &JourneyConfig, data_dir: &Path) -> Result<Option<Self>, WebhookError> {
        let Some(url) = &config.webhook_url else { return Ok(None) };
        if !is_safe(url) {
            return Err(WebhookError::Url(url.clone()));
        }
        let file = config.webhook_secret_file.as_ref().ok_or(WebhookError::NoSecret)?;
        let path = data_dir.join(file);
        let shown = path.display().to_string();
        let read = std::fs::read(&path);
        let secret = read.map_err(|source| WebhookError::Secret { path: shown.clone(), source })?;
        let secret = secret.trim_ascii().to_vec();
        if secret.len() < SECRET_BYTES_MIN {
            return Err(WebhookError::Short(shown));
        }
        Ok(Some(Self { url: url.clone(), secret }))
    }
}

/// Signed but unencrypted events never cross a network.
fn is_safe(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    match url.scheme() {
        "https" => url.has_host(),
        "http" => url.host_str().is_some_and(|host| ["127.0.0.1", "[::1]", "localhost"].contains(&host)),
        _ => false,
    }
}

/// HTTP over the network. Blocks: not to be used on an async thread.
#[derive(Debug)]
pub struct HttpPoster {
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

impl HttpPoster {
    /// A client that follows no redirect and waits ten seconds at most.
    ///
    /// # Errors
    /// TLS or the runtime cannot be set up.
    pub fn new() -> Result<Self, WebhookError> {
        // A provider may be installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .user_agent(concat!("cairn/", env!("CARGO_PKG_VERSION")))
            .build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self {
            client: client.map_err(|e| WebhookError::Http(e.to_string()))?,
            runtime: runtime.map_err(|e| WebhookError::Http(e.to_string()))?,
        })
    }
}

impl Poster for HttpPoster {
    fn post(&self, url: &str, headers: &[(&str, &str)], body: &str) -> Result<u16, String> {
        let request = self.client.post(url).body(body.to_owned());
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = self.runtime.block_on(async { request.send().await });
        answer.map(|answer| answer.status().as_u16()).map_err(|error| chain(&error))
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};

    #[test]
    fn addresses_and_secrets_are_checked() {
        let dir = tempfile::tempdir().unwrap();
        let check = |url: Option<&str>, secret: Option<&str>, expected: &str| {
            if let Some(secret) = secret {
                std::fs::write(dir.path().join("secret"), secret).unwrap();
            }
            let config = JourneyConfig {
                webhook_url: url.map(str::to_owned),
                webhook_secret_file: secret.map(|_| "secret".into()),
            };
            let said = match Webhook::of(&config, dir.path()) {
                Ok(webhook) => format!("{webhook:?}"),
                Err(error) => error.to_string(),
            };
            assert!(said.contains(expected), "{said}");
        };
        let long = Some("0123456789abcdef\n");
        check(None, None, "None");
        check(Some("https://example.org/h"), long, "https://example.org/h");
        check(Some("http://127.0.0.1:9/h"), long, "127.0.0.1");
        check(Some("http://example.org/h"), long, "use https://");
        check(Some("file:///etc/passwd"), long, "use https://");
        check(Some("https://example.org/h"), None, "always signed");
        check(Some("https://example.org/h"), Some("short"), "shorter than 16 bytes");
    }

    #[test]
    fn a_real_listener_gets_headers_and_body() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut seen = Vec::new();
            while !seen.ends_with(b"{\"a\":1}") {
                let mut buffer = [0; 1024];
                let n = stream.read(&mut buffer).unwrap();
                assert!(n > 0, "closed early: {}", String::from_utf8_lossy(&seen));
                seen.extend_from_slice(&buffer[..n]);
            }
            stream.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").unwrap();
            String::from_utf8(seen).unwrap()
        });
        let poster = HttpPoster::new().unwrap();
        assert_eq!(poster.post(&url, &[("x-test", "yes")], "{\"a\":1}"), Ok(202));
        let seen = served.join().unwrap();
        assert!(seen.starts_with("POST /hook HTTP/1.1\r\n") && seen.contains("x-test: yes\r\n"), "{seen}");
    }
}
