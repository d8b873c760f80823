//! Every way this collector says no: one table of status, stable code, title and waiting time. The code names the
//! problem+json type and the counter as well.
// SPDX-License-Identifier: Apache-2.0

use axum::http::StatusCode;

/// Why a request, or a connection before there was one, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Refusal {
    /// No batch, cut short, or not signed by its agent.
    BatchCorrupt,
    /// Well signed, and unreadable all the same.
    BatchUndecodable,
    /// Above a cap on encoded bytes, decoded bytes or the zstd window.
    TooLarge,
    /// Not enrolled here.
    UnknownAgent,
    /// Enrolled once, and revoked.
    AgentRevoked,
    /// Dated beyond our clock, or before this century.
    ClockInvalid,
    /// Another batch has that number.
    ForkedIdentity,
    /// The key was retired before what it signed was sealed, or before it enrols.
    KeyRetired,
    /// The join token lets nobody in.
    TokenDenied,
    /// A request to enrol that cannot be read.
    EnrolmentInvalid,
    /// A request to leave that cannot be read, or is not that agent's.
    LeaveInvalid,
    /// A request of a copy that cannot be read, or that its source did not sign.
    MoveInvalid,
    /// A request for another key that cannot be read, that not both keys signed, or that does not follow.
    RotationInvalid,
    /// Over a rate, or no place among the bodies on their way in.
    TooMany,
    /// More batches wait for the writer than it can take.
    Busy,
    /// The writer ended.
    WriterStopped,
    /// The disk of the store is full.
    DiskFull,
    /// The store failed in another way.
    StoreFailed,
    /// The body did not arrive whole, or not in time.
    BodyIncomplete,
    /// Nobody is signed in, or no longer.
    SignInNeeded,
    /// The person may not do that.
    NotAllowed,
    /// The form is not of this session.
    FormInvalid,
    /// The request comes from another site's page.
    CrossSite,
    /// The request is addressed to a name that is not ours.
    WrongHost,
    /// There is no such path.
    NotFound,
    /// The path does not know that method.
    MethodNotAllowed,
    /// A page that could not be made.
    PageFailed,
    /// The headers did not arrive in time.
    HeadersLate,
    /// What arrived is not HTTP.
    NotHttp,
    /// TLS could not be agreed on.
    HandshakeFailed,
    /// TLS was not agreed on in time.
    HandshakeLate,
}

/// How a refusal is said.
pub(super) struct Terms {
    /// `None` where the connection ends before anybody asked for something.
    pub(super) status: Option<StatusCode>,
    /// Stable: `urn:cairn:problem:CODE`, and `reason="CODE"` of the counter.
    pub(super) code: &'static str,
    /// One line for people.
    pub(super) title: &'static str,
    /// Seconds of `Retry-After`.
    pub(super) retry_after_s: Option<u32>,
}

impl Refusal {
    /// All of them, in order.
    pub(super) const ALL: [Self; 31] = [
        Self::BatchCorrupt,
        Self::BatchUndecodable,
        Self::TooLarge,
        Self::UnknownAgent,
        Self::AgentRevoked,
        Self::ClockInvalid,
        Self::ForkedIdentity,
        Self::KeyRetired,
        Self::TokenDenied,
        Self::EnrolmentInvalid,
        Self::LeaveInvalid,
        Self::MoveInvalid,
        Self::RotationInvalid,
        Self::TooMany,
        Self::Busy,
        Self::WriterStopped,
        Self::DiskFull,
        Self::StoreFailed,
        Self::BodyIncomplete,
        Self::SignInNeeded,
        Self::NotAllowed,
        Self::FormInvalid,
        Self::CrossSite,
        Self::WrongHost,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::PageFailed,
        Self::HeadersLate,
        Self::NotHttp,
        Self::HandshakeFailed,
        Self::HandshakeLate,
    ];

    /// How it is said.
    pub(super) const fn terms(self) -> Terms {
        use StatusCode as S;
        let (status, code, title, wait) = match self {
            Self::BatchCorrupt => (S::BAD_REQUEST, "batch-corrupt", "Damaged batch", 0),
            Self::BatchUndecodable => (S::UNPROCESSABLE_ENTITY, "batch-undecodable", "Unreadable batch", 0),
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "too-large", "Body too large", 0),
            Self::UnknownAgent => (S::UNAUTHORIZED, "unknown-agent", "Agent not enrolled", 0),
            Self::AgentRevoked => (S::FORBIDDEN, "agent-revoked", "Agent revoked", 0),
            Self::ClockInvalid => (S::UNPROCESSABLE_ENTITY, "clock-invalid", "Clock ahead", 0),
            Self::ForkedIdentity => (S::CONFLICT, "forked-identity", "Two machines, one identity", 0),
            Self::KeyRetired => (S::CONFLICT, "key-retired", "Key no longer in use", 0),
            Self::TokenDenied => (S::FORBIDDEN, "token-denied", "Join token not accepted", 0),
            Self::EnrolmentInvalid => (S::BAD_REQUEST, "enrolment-invalid", "Enrolment not understood", 0),
            Self::LeaveInvalid => (S::BAD_REQUEST, "leave-invalid", "Not a valid request to leave", 0),
            Self::MoveInvalid => (S::BAD_REQUEST, "move-invalid", "Not a valid request to move", 0),
            Self::RotationInvalid => (S::BAD_REQUEST, "rotation-invalid", "Not a valid change of key", 0),
            Self::TooMany => (S::TOO_MANY_REQUESTS, "too-many", "Too many requests", 1),
            Self::Busy => (S::TOO_MANY_REQUESTS, "busy", "Collector busy", 30),
            Self::WriterStopped => (S::SERVICE_UNAVAILABLE, "writer-stopped", "The writer ended", 60),
            Self::DiskFull => (S::SERVICE_UNAVAILABLE, "disk-full", "The collector's disk is full", 60),
            Self::StoreFailed => (S::SERVICE_UNAVAILABLE, "store-failed", "The collector's store failed", 60),
            Self::BodyIncomplete => (S::REQUEST_TIMEOUT, "timeout", "Incomplete request", 0),
            Self::SignInNeeded => (S::UNAUTHORIZED, "sign-in-needed", "Not signed in", 0),
            Self::NotAllowed => (S::FORBIDDEN, "not-allowed", "Not allowed", 0),
            Self::FormInvalid => (S::FORBIDDEN, "form-invalid", "Not a form of this session", 0),
            Self::CrossSite => (S::FORBIDDEN, "cross-site", "Asked by another site", 0),
            Self::WrongHost => (S::MISDIRECTED_REQUEST, "wrong-host", "Not a name of this collector", 0),
            Self::NotFound => (S::NOT_FOUND, "not-found", "No such thing", 0),
            Self::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed", 0),
            Self::PageFailed => (S::INTERNAL_SERVER_ERROR, "page-failed", "The page could not be made", 0),
            Self::HeadersLate => return Self::unasked("headers-late", "Headers late"),
            Self::NotHttp => return Self::unasked("not-http", "Not HTTP"),
            Self::HandshakeFailed => return Self::unasked("tls-failed", "No TLS"),
            Self::HandshakeLate => return Self::unasked("tls-late", "TLS late"),
        };
        Terms { status: Some(status), code, title, retry_after_s: if wait == 0 { None } else { Some(wait) } }
    }

    /// Nobody has asked for anything yet, so that there is nobody to answer.
    const fn unasked(code: &'static str, title: &'static str) -> Terms {
        Terms { status: None, code, title, retry_after_s: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_all_are_listed_in_order() {
        let codes: BTreeSet<_> = Refusal::ALL.iter().map(|refusal| refusal.terms().code).collect();
        assert_eq!(codes.len(), Refusal::ALL.len());
        for (at, refusal) in Refusal::ALL.iter().enumerate() {
            assert_eq!(*refusal as usize, at, "{refusal:?}");
        }
    }
}
