//! `/proc/net/snmp`: a line of names and a line of values for each protocol.
// SPDX-License-Identifier: Apache-2.0

use crate::root::Root;
use crate::sampler::Missing;
use crate::sampler::kept_file::{Ending, KeptFile};
use crate::sampler::text::{fields, lines, number};

const SNMP: &str = "/proc/net/snmp";
const SNMP_OF_HOST: &str = "/proc/1/net/snmp";
const NO_FIELD: Missing = Missing::NoField { file: SNMP, field: "Tcp RetransSegs" };

pub(super) struct Source(KeptFile);

impl Source {
    pub(super) fn new(root: &Root) -> Self {
        Self(KeptFile::new(root, root.host_view(SNMP, SNMP_OF_HOST), Ending::OneRead))
    }

    pub(super) fn retransmits(&mut self) -> Result<u64, Missing> {
        retransmits(self.0.read()?).ok_or(NO_FIELD)
    }
}

fn retransmits(text: &[u8]) -> Option<u64> {
    let mut tcp = lines(text).filter(|line| line.starts_with(b"Tcp:"));
    let at = fields(tcp.next()?).position(|name| name == b"RetransSegs")?;
    fields(tcp.next()?).nth(at).and_then(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_is_found_by_its_name() {
        let text = b"Ip: Forwarding\nIp: 1\nTcp: RtoMin MaxConn RetransSegs InErrs\nTcp: 200 -1 42 0\nUdp: A\nUdp: 1\n";
        assert_eq!(retransmits(text), Some(42));
        assert_eq!(retransmits(b"Tcp: RtoMin\nTcp: 200\n"), None);
    }
}
