//! Directives as this agent last heard them, kept so that a restart does not forget them.
// SPDX-License-Identifier: Apache-2.0

use crate::spool::Disk;
use cairn_schemas::directives::Directives;
use std::path::Path;

const FILE: &str = "directives.json";

/// What was last heard; the defaults where nothing was, or where the file cannot be read: then the next
/// acknowledgement says it again.
pub fn load(disk: &dyn Disk, data: &Path) -> Directives {
    let bytes = disk.read(&data.join(FILE)).unwrap_or_default();
    serde_json::from_slice::<Directives>(&bytes).unwrap_or_default().bounded()
}

/// Keeps what was heard. A failure is no harm: it will be heard again.
pub fn store(disk: &mut dyn Disk, data: &Path, directives: &Directives) {
    let temporary = data.join("directives.json.tmp");
    let json = serde_json::to_vec_pretty(directives).unwrap_or_default();
    let _ = disk.write_synced(&temporary, &json).and_then(|()| disk.rename(&temporary, &data.join(FILE)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::SystemDisk;

    #[test]
    fn what_was_heard_is_known_after_a_restart_and_within_bounds() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(load(&SystemDisk, data.path()), Directives::default());
        store(
            &mut SystemDisk,
            data.path(),
            &Directives { version: 7, paused: true, batch_every_s: Some(1), ..Directives::default() },
        );
        let heard = load(&SystemDisk, data.path());
        assert_eq!((heard.version, heard.paused, heard.batch_every_s), (7, true, Some(60)));
        std::fs::write(data.path().join(FILE), "{").unwrap();
        assert_eq!(load(&SystemDisk, data.path()), Directives::default());
    }
}
