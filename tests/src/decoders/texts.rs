//! What other tools print of a server: lscpu and dmidecode.
// SPDX-License-Identifier: Apache-2.0

use super::{Decoder, importer::Importer};
use std::cell::RefCell;

pub(super) const DECODER: Decoder = Decoder { name: "texts", seeds, run };

thread_local!(static IMPORTER: RefCell<Importer> = RefCell::default());

const SEEDS: [&[u8]; 2] = [
    b"Architecture:        x86_64\nCPU(s):              32\nOn-line CPU(s) list: 0-31\nThread(s) per core:  2\n\
Core(s) per socket:  8\nSocket(s):           2\nModel name:          Intel(R) Xeon(R) CPU E5-2630 v3 @ 2.40GHz\n\
Hypervisor vendor:   KVM\n",
    b"# dmidecode 3.3\nGetting SMBIOS data from sysfs.\nSMBIOS 2.8 present.\n\n\
Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: HP\n\tProduct Name: ProLiant DL380\n\
\tSerial Number: CZ1\n\nHandle 0x0004, DMI type 4, 42 bytes\nProcessor Information\n\tStatus: Populated, Enabled\n\
\tVersion: Xeon\n\tCore Count: 8\n\nHandle 0x0011, DMI type 17, 40 bytes\nMemory Device\n\tSize: 16 GB\n",
];

fn seeds() -> Vec<Vec<u8>> {
    SEEDS.map(<[u8]>::to_vec).to_vec()
}

fn run(data: &[u8]) {
    IMPORTER.with_borrow_mut(|importer| {
        importer.import("lscpu", [("web1.lscpu", data)]);
        importer.import("dmidecode", [("web1.dmidecode", data)]);
    });
}
