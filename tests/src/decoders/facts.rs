//! Facts people state, as CSV: into the store, whole or not at all.
// SPDX-License-Identifier: Apache-2.0

use super::{Decoder, importer::Importer};
use std::cell::RefCell;

pub(super) const DECODER: Decoder = Decoder { name: "facts", seeds, run };

thread_local!(static IMPORTER: RefCell<Importer> = RefCell::default());

fn seeds() -> Vec<Vec<u8>> {
    let texts: [&[u8]; 2] = [
        b"server,cpu_cores,memory_bytes,role,virtualised,confirmed_by,valid_from,tag:site\n\
web1,8,34359738368,web,no,Bob,2026-01-01,north\n\"db,1\",16,64 GiB,database,,,,\n",
        b"\xef\xbb\xbfserver;owner;hardware_age_years;vendor_support\r\nweb1;\"M\xc3\xbcller \"\"IT\"\"\";7,5;ok\r\nweb2;;;\r\n",
    ];
    texts.map(<[u8]>::to_vec).to_vec()
}

fn run(data: &[u8]) {
    IMPORTER.with_borrow_mut(|importer| importer.import_facts(data));
}
