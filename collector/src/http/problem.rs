//! Refusals as problem+json (RFC 9457): a stable code, one line, and what to do.
// SPDX-License-Identifier: Apache-2.0

use crate::ingest::Rejection;
use crate::store::StoreError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cairn_schemas::enrolment::Problem;

/// A refusal on its way out.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    pub(super) code: &'static str,
    title: &'static str,
    pub(super) detail: String,
    retry_after_s: Option<u32>,
}

impl Refused {
    pub(super) const fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: String,
    ) -> Self {
        Self { status, code, title, detail, retry_after_s: None }
    }

    pub(super) const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The store could not do it; the same request may succeed later.
    pub(super) fn store(error: &StoreError) -> Self {
        let (code, title) = match error {
            StoreError::Full(_) => ("disk-full", "The collector's disk is full"),
            _ => ("store-failed", "The collector's store failed"),
        };
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, title, error.to_string()).retry_after(60)
    }
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        let detail = rejection.to_string();
        let (status, code, title) = match &rejection {
            Rejection::Corrupt(_) => (StatusCode::BAD_REQUEST, "batch-corrupt", "Damaged batch"),
            Rejection::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Batch too large"),
            Rejection::UnknownAgent(_) => (StatusCode::UNAUTHORIZED, "unknown-agent", "Agent not enrolled"),
            Rejection::Revoked(_) => (StatusCode::FORBIDDEN, "agent-revoked", "Agent revoked"),
            Rejection::Undecodable(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "batch-undecodable", "Unreadable batch")
            }
            Rejection::ClockInvalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "clock-invalid", "Clock ahead"),
            Rejection::Forked => (StatusCode::CONFLICT, "forked-identity", "Two machines, one identity"),
            Rejection::Busy => {
                return Self::new(StatusCode::TOO_MANY_REQUESTS, "busy", "Collector busy", detail)
                    .retry_after(30);
            }
            Rejection::Store(error) => return Self::store(error),
        };
        Self::new(status, code, title, detail)
    }
}

/// HTTP status and seconds of `Retry-After` that a rejection is answered with.
#[must_use]
pub fn answer_to(rejection: Rejection) -> (u16, Option<u32>) {
    let refused = Refused::from(rejection);
    (refused.status.as_u16(), refused.retry_after_s)
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let problem = Problem {
            kind: format!("urn:cairn:problem:{}", self.code),
            title: self.title.to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
        };
        let body = serde_json::to_string(&problem).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
