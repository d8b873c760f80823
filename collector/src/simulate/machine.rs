//! The machines of the simulated estate: models one still finds in server rooms, with what they have.
// SPDX-License-Identifier: Apache-2.0

use super::stream::Stream;

/// How large a machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Small,
    Middle,
    Large,
    NotX86,
    Virtual,
}

/// A model of a machine.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) vendor: &'static str,
    pub(super) model: &'static str,
    pub(super) cpu_model: &'static str,
    pub(super) architecture: &'static str,
    pub(super) sockets: u32,
    /// Cores and threads of all sockets.
    pub(super) cores: u32,
    pub(super) threads: u32,
    pub(super) mhz: u32,
    /// Memory sizes it was bought with, GiB.
    pub(super) memory_gib: &'static [u32],
    /// Year it came out; bought then or up to two years later.
    pub(super) year: i16,
    pub(super) firmware: &'static str,
    /// Speed of its links, gigabit a second.
    pub(super) network_gbit: f64,
    /// What its disks deliver, MB/s, and their size, GB.
    pub(super) disk_mb_per_s: f64,
    pub(super) disk_gb: &'static [u32],
}

const XEON: Model = Model {
    vendor: "Dell Inc.",
    model: "",
    cpu_model: "",
    architecture: "x86_64",
    sockets: 1,
    cores: 4,
    threads: 8,
    mhz: 3_000,
    memory_gib: &[16, 32],
    year: 2015,
    firmware: "uefi",
    network_gbit: 1.0,
    disk_mb_per_s: 250.0,
    disk_gb: &[500, 1_000, 2_000],
};

const SMALL: &[Model] = &[
    Model {
        model: "PowerEdge R230",
        cpu_model: "Intel(R) Xeon(R) CPU E3-1230 v5 @ 3.40GHz",
        mhz: 3_400,
        ..XEON
    },
    Model {
        vendor: "HPE",
        model: "ProLiant DL20 Gen9",
        cpu_model: "Intel(R) Xeon(R) CPU E3-1240 v6 @ 3.70GHz",
        mhz: 3_700,
        year: 2017,
        ..XEON
    },
    Model {
        vendor: "HP",
        model: "ProLiant DL360p Gen8",
        cpu_model: "Intel(R) Xeon(R) CPU E5-2620 0 @ 2.00GHz",
        cores: 6,
        threads: 12,
        mhz: 2_000,
        year: 2012,
        firmware: "bios",
        ..XEON
    },
    Model {
        model: "PowerEdge R430",
        cpu_model: "Intel(R) Xeon(R) CPU E5-2620 v3 @ 2.40GHz",
        cores: 6,
        threads: 12,
        mhz: 2_400,
        memory_gib: &[32, 64],
        ..XEON
    },
];

const MIDDLE: &[Model] = &[
    Model {
        model: "PowerEdge R630",
        cpu_model: "Intel(R) Xeon(R) CPU E5-2620 v4 @ 2.10GHz",
        sockets: 2,
        cores: 16,
        threads: 32,
        mhz: 2_100,
        memory_gib: &[64, 96, 128],
        year: 2016,
        network_gbit: 10.0,
        disk_mb_per_s: 600.0,
        ..XEON
    },
    Model {
        vendor: "HP",
        model: "ProLiant DL380 Gen9",
        cpu_model: "Intel(R) Xeon(R) CPU E5-2620 v3 @ 2.40GHz",
        sockets: 2,
        cores: 12,
        threads: 24,
        mhz: 2_400,
        memory_gib: &[32, 64, 96],
        network_gbit: 1.0,
        disk_mb_per_s: 400.0,
        ..XEON
    },
    Model {
        vendor: "FUJITSU",
        model: "PRIMERGY RX2540 M1",
        cpu_model: "Intel(R) Xeon(R) CPU E5-2630 v3 @ 2.40GHz",
        sockets: 2,
        cores: 16,
        threads: 32,
        mhz: 2_400,
        memory_gib: &[64, 128],
        network_gbit: 10.0,
        disk_mb_per_s: 500.0,
        ..XEON
    },
    Model {
        vendor: "Lenovo",
        model: "ThinkSystem SR630",
        cpu_model: "Intel(R) Xeon(R) Silver 4110 CPU @ 2.10GHz",
        sockets: 1,
        cores: 8,
        threads: 16,
        mhz: 2_100,
        memory_gib: &[48, 96],
        year: 2018,
        network_gbit: 10.0,
        disk_mb_per_s: 800.0,
        ..XEON
    },
];

const LARGE: &[Model] = &[
    Model {
        model: "PowerEdge R740",
        cpu_model: "Intel(R) Xeon(R) Gold 5118 CPU @ 2.30GHz",
        sockets: 2,
        cores: 24,
        threads: 48,
        mhz: 2_300,
        memory_gib: &[128, 192],
        year: 2018,
        network_gbit: 10.0,
        disk_mb_per_s: 1_200.0,
        disk_gb: &[4_000, 8_000],
        ..XEON
    },
    Model {
        vendor: "HPE",
        model: "ProLiant DL380 Gen10",
        cpu_model: "Intel(R) Xeon(R) Silver 4114 CPU @ 2.20GHz",
        sockets: 2,
        cores: 20,
        threads: 40,
        mhz: 2_200,
        memory_gib: &[96, 128, 256],
        year: 2018,
        network_gbit: 10.0,
        disk_mb_per_s: 1_000.0,
        disk_gb: &[4_000, 6_000],
        ..XEON
    },
];

const NOT_X86: &[Model] = &[Model {
    vendor: "IBM",
    model: "Power System S822",
    cpu_model: "POWER8 (architected), altivec supported",
    architecture: "ppc64le",
    sockets: 2,
    cores: 20,
    threads: 160,
    mhz: 3_425,
    memory_gib: &[128, 256],
    year: 2014,
    firmware: "openfirmware",
    network_gbit: 10.0,
    disk_mb_per_s: 800.0,
    disk_gb: &[4_000],
}];

const VIRTUAL: &[Model] = &[Model {
    vendor: "VMware, Inc.",
    model: "VMware7,1",
    cpu_model: "Intel(R) Xeon(R) Gold 5118 CPU @ 2.30GHz",
    sockets: 2,
    cores: 4,
    threads: 4,
    mhz: 2_300,
    memory_gib: &[8, 16],
    year: 2019,
    network_gbit: 10.0,
    disk_mb_per_s: 600.0,
    disk_gb: &[100, 200],
    ..XEON
}];

/// One machine.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) model: &'static Model,
    pub(super) memory_bytes: f64,
    pub(super) disk_bytes: f64,
    /// Year and month it was bought.
    pub(super) bought: (i16, u32),
}

impl Machine {
    /// A machine of a class.
    pub(super) fn draw(class: Class, stream: &mut Stream) -> Self {
        const GIB: f64 = 1_073_741_824.0;
        let models = match class {
            Class::Small => SMALL,
            Class::Middle => MIDDLE,
            Class::Large => LARGE,
            Class::NotX86 => NOT_X86,
            Class::Virtual => VIRTUAL,
        };
        let model = stream.pick(models);
        Self {
            model,
            memory_bytes: f64::from(*stream.pick(model.memory_gib)) * GIB,
            disk_bytes: f64::from(*stream.pick(model.disk_gb)) * 1e9,
            bought: (model.year + stream.pick(&[0, 1, 2]), *stream.pick(&[2, 5, 6, 9, 11])),
        }
    }
}
