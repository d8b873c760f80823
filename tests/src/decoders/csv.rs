//! Canonical CSV: the servers' and the samples' file, parted by a line of `====`.
// SPDX-License-Identifier: Apache-2.0

use super::{Decoder, cut, importer::Importer};
use std::cell::RefCell;

pub(super) const DECODER: Decoder = Decoder { name: "csv", seeds, run };

thread_local!(static IMPORTER: RefCell<Importer> = RefCell::default());

const SEED: &[u8] = b"server,cpu_cores,memory_bytes,role,valid_from,rack\n\
web1,8,34359738368,web,2026-01-01,r7\n\"db,1\",16,,database,,\n\
====\n\
server,timestamp,cpu_busy_ratio,memory_used_bytes,powered_on,width_s\n\
web1,2026-11-02T00:00:00Z,0.25,1e9,1,300\nweb1,1793577900,1.5,,0,300\n\"db,1\",1793577600000,-1,x,2,0\n";

fn seeds() -> Vec<Vec<u8>> {
    vec![SEED.to_vec()]
}

fn run(data: &[u8]) {
    IMPORTER.with_borrow_mut(|importer| importer.import("csv", cut(data, &["servers.csv", "samples.csv"])));
}
