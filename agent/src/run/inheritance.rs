//! Delivers what an earlier self had sealed and not delivered, batch by batch, beside the run of the new one.
// SPDX-License-Identifier: Apache-2.0

use crate::identity::random_bytes;
use crate::moved;
use crate::uplink::Outcome;
use crate::uplink::http::Collector;
use std::path::Path;
use std::time::Duration;

/// Between two attempts, at random up to this.
const PAUSE_S_MAX: u64 = 900;

/// Ends when nothing is left. What is refused for good is dropped: then the source has delivered it itself, or
/// something else under its number, which is the source's to say.
pub(super) async fn deliver(data: &Path, collector: &Collector) {
    for file in moved::inherited(data) {
        let Ok(sealed) = std::fs::read(&file) else { continue };
        loop {
            match collector.send(sealed.clone()).await {
                Outcome::Acknowledged(_) => break,
                Outcome::Refused { status: 400 | 409 | 413 | 422, detail, .. } => {
                    tracing::warn!(file = %file.display(), detail, "an inherited batch is not taken; its source speaks for itself");
                    break;
                }
                Outcome::Refused { .. } | Outcome::Unreachable(_) => {
                    let random =
                        random_bytes().map_or(0, |bytes| u64::from(u16::from_le_bytes([bytes[0], bytes[1]])));
                    tokio::time::sleep(Duration::from_secs(1 + PAUSE_S_MAX * random / 65_536)).await;
                }
            }
        }
        let _ = std::fs::remove_file(&file);
    }
    for directory in moved::directories(data) {
        // What else lies there (segments, quarantine) is the source's, and a copy of it.
        let _ = std::fs::remove_dir_all(directory);
    }
}
