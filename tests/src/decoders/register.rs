//! Registers of steps, outcomes and delays, as CSV: whole into the store or not at all.
// SPDX-License-Identifier: Apache-2.0

use super::{Decoder, MONDAY, importer::Importer};
use cairn_collector::outcomes::{Chains, read_file};
use cairn_collector::store::outcomes::Outcomes as _;
use cairn_schemas::time::Timestamp;
use std::cell::RefCell;

pub(super) const DECODER: Decoder = Decoder { name: "register", seeds, run };

thread_local!(static IMPORTER: RefCell<Importer> = RefCell::default());

fn seeds() -> Vec<Vec<u8>> {
    let texts: [&[u8]; 3] = [
        b"server,step,on,due,by,ticket,words,annual_cash\nweb1,planned,2026-06-01,2026-09-01,,,,500\n\
web1,Moved,2026-07-01,,Bob,CHG-7,,\nweb1,powered off,2026-07-01,,,,\"done, at last\",\n",
        b"outcome,owner,unit,baseline,baseline_on,target,due,planned,indicator,realised,basis,on\n\
fewer machines,Ada,servers,20,2026-06-01,8,2026-12-31,1000,15,400,measured,2026-09-01\n",
        b"server,cause,words,on\nweb2,customer,freeze,2026-10-01\n",
    ];
    texts.map(<[u8]>::to_vec).to_vec()
}

fn run(data: &[u8]) {
    let servers = ["web1".to_owned(), "web2".to_owned()];
    let now = Timestamp(MONDAY);
    IMPORTER.with_borrow_mut(|importer| {
        let paths = importer.written([("register.csv", data)]);
        let store = importer.store();
        let chains = Chains::of(store.steps().expect("a store"));
        match read_file(&paths[0], &servers, chains, "Ada", now).expect("faults of files are no errors") {
            Ok(entries) => {
                store.enter(&entries, "Ada", now).expect("what was read can be kept");
                store.outcomes().expect("and counted");
            }
            Err(problems) => assert!(!problems.is_empty(), "what is refused is refused for a reason"),
        }
    });
}
