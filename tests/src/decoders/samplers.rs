//! The kernel's texts, as the samplers and the inventory read them.
// SPDX-License-Identifier: Apache-2.0

use super::{Decoder, MONDAY, cut, host::Host, host::Ticking};
use cairn_agent::inventory;
use cairn_agent::sampler::Samplers;
use cairn_schemas::time::Timestamp;

pub(super) const DECODER: Decoder = Decoder { name: "samplers", seeds, run };

const FILES: &[&str] = &[
    "proc/stat",
    "proc/meminfo",
    "proc/vmstat",
    "proc/diskstats",
    "proc/net/dev",
    "proc/pressure/cpu",
    "proc/net/snmp",
    "proc/mounts",
    "proc/cpuinfo",
    "proc/net/tcp",
    "etc/os-release",
];

const SEED: &[u8] = b"cpu  100 2 50 900 7 0 3 1 0 0\ncpu0 100 2 50 900 7 0 3 1 0 0\nprocs_running 2\nbtime 1\n\
====\nMemTotal: 16384 kB\nMemFree: 100 kB\nMemAvailable: 9000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\nCommitted_AS: 1 kB\n\
====\npswpin 1\npswpout 2\npgmajfault 3\n\
====\n   8       0 sda 100 1 2000 30 50 2 900 40 0 60 70\n\
====\nInter-|\n face |bytes\n  eth0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n\
====\nsome avg10=0.00 avg60=0.00 avg300=0.00 total=12345\n\
====\nTcp: RtoAlgorithm RetransSegs\nTcp: 1 5\n\
====\n/dev/sda1 / ext4 rw 0 0\n\
====\nprocessor\t: 0\nmodel name\t: Xeon\nphysical id\t: 0\ncpu cores\t: 8\ncpu MHz\t: 2400.0\nflags\t: hypervisor\n\
====\n  sl  local_address rem_address   st\n   0: 0100007F:1538 00000000:0000 0A\n\
====\nNAME=\"Debian\"\nVERSION_ID=\"12\"\n";

thread_local!(static HOST: Host = Host::default());

fn seeds() -> Vec<Vec<u8>> {
    vec![SEED.to_vec()]
}

fn run(data: &[u8]) {
    HOST.with(|host| {
        host.write(cut(data, FILES));
        let clock = Ticking::default();
        let mut samplers = Samplers::new(&host.root());
        samplers.sample(&clock);
        samplers.sample(&clock);
        let _ = inventory::read(&host.root(), Timestamp(MONDAY));
    });
}
