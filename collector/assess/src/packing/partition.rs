//! Hard partitions: site, security zone and licence pool. Servers of different ones never share a host, so
//! each is a problem of its own, and only here do bounds add up.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::{Candidate, Partition};
use std::collections::BTreeMap;

/// The servers of each partition, in the order given.
pub(super) fn split(candidates: &[Candidate], servers: &[usize]) -> BTreeMap<Partition, Vec<usize>> {
    let mut parts: BTreeMap<Partition, Vec<usize>> = BTreeMap::new();
    for &server in servers {
        parts.entry(candidates[server].partition.clone()).or_default().push(server);
    }
    parts
}

/// What is known of a partition, in one word; empty when nothing is.
#[must_use]
pub fn label(partition: &Partition) -> String {
    let parts = [&partition.site, &partition.zone, &partition.licence_pool];
    parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_is_in_the_label() {
        let check = |site: &str, zone: &str, pool: &str, expected: &str| {
            let partition = Partition { site: site.into(), zone: zone.into(), licence_pool: pool.into() };
            assert_eq!(label(&partition), expected);
        };
        check("", "", "", "");
        check("berlin", "", "oracle", "berlin-oracle");
        check("berlin", "dmz", "", "berlin-dmz");
    }
}
