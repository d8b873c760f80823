//! The file between the two: written by root so that neither a link nor a half-written file can be put in its
//! place, read by the agent as input it does not trust.
// SPDX-License-Identifier: Apache-2.0

use super::FILE;
use crate::inventory::{PROOF_CHARS_MAX, tame};
use crate::root::Root;
use cairn_schemas::fact::FactValue;
use cairn_schemas::inventory::Inventory;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

const MODE: u32 = 0o640;
/// More than any host fills.
const BYTES_MAX: u64 = 64 << 10;

/// What root left, and the boot of the host in which it did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Left {
    pub(super) boot_id: String,
    pub(super) inventory: Inventory,
}

/// Why the file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}; see that the directory is there and run this as root", path.display())]
pub struct StoreError {
    path: PathBuf,
    source: io::Error,
}

/// Writes the file, readable for the group that owns the data directory.
///
/// # Errors
/// The directory is not there, or may not be written.
pub fn store(root: &Root, data: &Path, inventory: &Inventory) -> Result<PathBuf, StoreError> {
    let left = Left { boot_id: boot_id(root), inventory: inventory.clone() };
    let path = data.join(FILE);
    let fresh = data.join(format!("{FILE}.new"));
    write(data, &fresh, &left)
        .and_then(|()| std::fs::rename(&fresh, &path))
        .and_then(|()| File::open(data)?.sync_all())
        .map_err(|source| StoreError { path: path.clone(), source })?;
    Ok(path)
}

/// The directory belongs to a user without rights, who might have put a link there: the file is made anew, or
/// not at all, and changed through its handle only.
fn write(data: &Path, fresh: &Path, left: &Left) -> io::Result<()> {
    match std::fs::remove_file(fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(fresh)?;
    let group = std::fs::metadata(data)?.gid();
    if group != file.metadata()?.gid() {
        fchown(&file, None, Some(group))?;
    }
    file.set_permissions(std::fs::Permissions::from_mode(MODE))?;
    file.write_all(&serde_json::to_vec_pretty(left)?)?;
    file.sync_all()
}

/// Clocks are corrected after a start; this names it. Empty where the kernel hides it.
fn boot_id(root: &Root) -> String {
    root.text("proc/sys/kernel/random/boot_id").unwrap_or_default()
}

/// What root left in this start of the host; bounded, and with nothing in it that could not be a fact.
pub(super) fn load(root: &Root, data: &Path) -> Result<Inventory, String> {
    let path = data.join(FILE);
    let said = |what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
    let mut text = String::new();
    let file = File::open(&path).map_err(|error| said(&error))?;
    file.take(BYTES_MAX).read_to_string(&mut text).map_err(|error| said(&error))?;
    let left: Left = serde_json::from_str(&text).map_err(|error| said(&error))?;
    // Older words may be those of another machine, which this one is a copy of.
    if left.boot_id != boot_id(root) {
        return Err(said(&"is of an earlier start of the host"));
    }
    let mut left = left.inventory;
    left.facts.retain(|_, value| match value {
        FactValue::Number(number) => number.is_finite() && *number >= 0.0,
        FactValue::Text(_) | FactValue::Bool(_) => true,
    });
    for text in left.evidence.values_mut().chain(left.unknown.values_mut()) {
        *text = tame(text, PROOF_CHARS_MAX);
    }
    Ok(left)
}
