//! The name of a cluster, alike on all its nodes and unlike any other's: what its configuration calls it, with
//! a short hash of who is in it, since makers' default names are everywhere. Addresses do not leave the host.
// SPDX-License-Identifier: Apache-2.0

use super::products::Product;
use crate::root::Root;
use cairn_schemas::digest::sha256_hex;

/// Enough to keep the clusters of one estate apart.
const HASH_CHARS: usize = 6;

/// `None`: the configuration cannot be read, or has no name.
pub(super) fn of(root: &Root, product: &Product) -> Option<String> {
    let identity = product.identity?;
    let text = root.text(identity.file).ok()?;
    let name = settings(&text, identity.name).into_iter().next()?;
    let mut members: Vec<String> =
        identity.members.iter().flat_map(|setting| settings(&text, setting)).collect();
    members.sort_unstable();
    let hash = sha256_hex(members.join("\n").as_bytes());
    let name = shortened(&name);
    Some(format!("{name} ({}, {})", product.name, hash.get(..HASH_CHARS)?))
}

/// `setting: value`, `setting = value` or `setting value`, as often as it stands there.
fn settings(text: &str, setting: &str) -> Vec<String> {
    let value = |line: &str| {
        let rest = line.trim().strip_prefix(setting)?;
        let value = rest.trim_start_matches([' ', '\t', ':', '=']);
        let value = value.trim().trim_matches(['"', '\'']);
        (value.len() < rest.len() && !value.is_empty()).then(|| value.to_owned())
    };
    text.lines().filter_map(value).collect()
}

/// Oracle keeps its registry at `+GROUP/cluster/OCRFILE/...`; the cluster's name is what is meant.
fn shortened(name: &str) -> String {
    let parts: Vec<&str> = name.split('/').collect();
    match parts.as_slice() {
        [group, cluster, ..] if group.starts_with('+') => (*cluster).to_owned(),
        _ => name.to_owned(),
    }
}
