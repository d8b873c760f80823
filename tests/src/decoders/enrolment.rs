//! Join strings, and the JSON of enrolment, farewell and acknowledgement.
// SPDX-License-Identifier: Apache-2.0

use super::Decoder;
use cairn_schemas::enrolment::{Ack, EnrolReply, EnrolRequest, JoinString, LeaveRequest};

pub(super) const DECODER: Decoder = Decoder { name: "enrolment", seeds, run };

fn seeds() -> Vec<Vec<u8>> {
    let pin = "0f".repeat(32);
    [
        format!("https://collector.example:8443#tok.secret#sha256:{pin}"),
        "http://127.0.0.1:8443#tok.secret".into(),
        format!(
            r#"{{"token_id":"t","secret":"s","public_key":"{pin}","hostname":"h","fingerprint":"f","agent_version":"1"}}"#
        ),
        r#"{"spool_id":"06060606-0606-0606-0606-060606060606","ack_through":3,"missing":[1],"duplicate":false,
            "server_time":"2026-11-02T00:00:00Z","next_upload_in_s":900,"directives_version":1,
            "directives":{"version":1,"paused":true,"windows":[]}}"#
            .into(),
    ]
    .map(String::into_bytes)
    .to_vec()
}

fn run(data: &[u8]) {
    let _ = serde_json::from_slice::<EnrolRequest>(data);
    let _ = serde_json::from_slice::<EnrolReply>(data);
    let _ = serde_json::from_slice::<LeaveRequest>(data);
    if let Ok(ack) = serde_json::from_slice::<Ack>(data) {
        let _ = ack.directives.map(|directives| directives.bounded());
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(join) = JoinString::parse(text) {
        assert!(join.url.starts_with("https://") || JoinString::is_loopback(&join.url));
    }
}
