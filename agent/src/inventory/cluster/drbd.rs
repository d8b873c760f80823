//! DRBD, whose devices show anybody whether this node may write them.
// SPDX-License-Identifier: Apache-2.0

use crate::root::Root;

/// Whether a device of DRBD is configured: those that are not have no size.
pub(super) fn devices(root: &Root) -> bool {
    !sized(root).is_empty()
}

/// `active` where it may write at least one device, `standby` where it may write none; with its proof.
pub(super) fn role(root: &Root) -> Option<(&'static str, String)> {
    let table = root.text("proc/drbd").unwrap_or_default();
    // Of DRBD 8: `0: cs:Connected ro:Secondary/Primary ds:...`, this node first.
    let shown: Vec<&str> =
        table.split_whitespace().filter_map(|word| word.strip_prefix("ro:")?.split('/').next()).collect();
    if !shown.is_empty() {
        let primary = shown.iter().filter(|role| **role == "Primary").count();
        let known = shown.iter().all(|role| ["Primary", "Secondary"].contains(role));
        let proof = format!("/proc/drbd: Primary of {primary} of {} devices", shown.len());
        return (primary > 0 || known).then_some((if primary > 0 { "active" } else { "standby" }, proof));
    }
    // DRBD 9 keeps its table from users. A read-only device is a secondary's (`set_disk_ro` in drbd_nl.c); one
    // that may be written need not be a primary's, since DRBD 9 promotes whoever opens it.
    let devices = sized(root);
    let read_only: Option<Vec<bool>> =
        devices.iter().map(|name| Some(root.number(&format!("sys/block/{name}/ro"))? == 1)).collect();
    let read_only = read_only.filter(|devices| !devices.is_empty())?;
    let proof = format!("/sys/block/drbd*/ro: Secondary of all {} devices", read_only.len());
    read_only.into_iter().all(|ro| ro).then_some(("standby", proof))
}

fn sized(root: &Root) -> Vec<String> {
    let is_sized = |name: &String| {
        let numbered = name.strip_prefix("drbd").is_some_and(|n| n.parse::<u32>().is_ok());
        numbered && root.number(&format!("sys/block/{name}/size")).unwrap_or(0) > 0
    };
    root.names("sys/block").unwrap_or_default().into_iter().filter(is_sized).collect()
}
