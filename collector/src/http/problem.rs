//! Refusals on their way out, as problem+json (RFC 9457): a stable code, one line, and what to do.
// SPDX-License-Identifier: Apache-2.0

use super::refusal::Refusal;
use crate::ingest::Rejection;
use crate::store::StoreError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cairn_schemas::enrolment::Problem;

/// A refusal, what it says, and to whom.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) refusal: Refusal,
    detail: String,
    agent: Option<String>,
    retry_after_s: Option<u32>,
}

/// What the ledger is to hold of a refusal; it travels with the response.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) refusal: Refusal,
    pub(super) detail: String,
    pub(super) agent: Option<String>,
}

impl Refused {
    /// A refusal that waits as long as its kind does.
    pub(super) fn new(refusal: Refusal, detail: impl Into<String>) -> Self {
        Self { refusal, detail: detail.into(), agent: None, retry_after_s: refusal.terms().retry_after_s }
    }

    pub(super) const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The same, of an agent: for the log, never for the answer.
    pub(super) fn of(mut self, agent: impl ToString) -> Self {
        self.agent = Some(agent.to_string());
        self
    }

    /// The store could not do it; the same request may succeed later.
    pub(super) fn store(error: &StoreError) -> Self {
        let refusal =
            if matches!(error, StoreError::Full(_)) { Refusal::DiskFull } else { Refusal::StoreFailed };
        Self::new(refusal, error.to_string())
    }

    /// The work panicked: nothing of it was kept, and the next one may succeed.
    pub(super) fn panicked() -> Self {
        Self::new(Refusal::StoreFailed, "the collector failed at it; its log says why; send it again later")
    }
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        let detail = rejection.to_string();
        let (refusal, agent) = match rejection {
            Rejection::Corrupt(_) => (Refusal::BatchCorrupt, None),
            Rejection::TooLarge(_) => (Refusal::TooLarge, None),
            Rejection::UnknownAgent(id) => (Refusal::UnknownAgent, Some(id)),
            Rejection::Revoked(id) => (Refusal::AgentRevoked, Some(id)),
            Rejection::Undecodable(_) => (Refusal::BatchUndecodable, None),
            Rejection::ClockInvalid(_) => (Refusal::ClockInvalid, None),
            Rejection::Forked => (Refusal::ForkedIdentity, None),
            Rejection::KeyRetired => (Refusal::KeyRetired, None),
            Rejection::Busy => (Refusal::Busy, None),
            Rejection::WriterStopped => (Refusal::WriterStopped, None),
            Rejection::Store(error) => (Self::store(&error).refusal, None),
        };
        Self { agent, ..Self::new(refusal, detail) }
    }
}

/// HTTP status and seconds of `Retry-After` that a rejection is answered with.
#[must_use]
pub fn answer_to(rejection: Rejection) -> (u16, Option<u32>) {
    let refused = Refused::from(rejection);
    (refused.status().as_u16(), refused.retry_after_s)
}

impl Refused {
    fn status(&self) -> StatusCode {
        self.refusal.terms().status.unwrap_or(StatusCode::BAD_REQUEST)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (terms, status) = (self.refusal.terms(), self.status());
        let problem = Problem {
            kind: format!("urn:cairn:problem:{}", terms.code),
            title: terms.title.to_owned(),
            status: status.as_u16(),
            detail: self.detail,
        };
        let body = serde_json::to_string(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        // Its detail may quote what was asked: a browser shows it as nothing but text.
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        let told = Told { refusal: self.refusal, detail: problem.detail, agent: self.agent };
        response.extensions_mut().insert(told);
        response
    }
}
