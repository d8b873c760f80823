//! Devices that stand in the way, and what helps against each kind.
// SPDX-License-Identifier: Apache-2.0

/// Kinds that call for the same help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Dongle,
    Accelerator,
    SecurityModule,
    Tape,
    Telephony,
    Serial,
    Network,
}

impl Kind {
    /// What has to be done before the server can move.
    pub(super) const fn fix(self) -> &'static str {
        match self {
            Self::Dongle => {
                "put the dongle on a USB-over-network device, or have the maker exchange the licence"
            }
            Self::Accelerator => {
                "plan hosts with such a card and pass it through, or leave the server physical"
            }
            Self::SecurityModule => "use a network security module of the same maker",
            Self::Tape => "give the drive to a backup server that stays physical, or use a virtual library",
            Self::Telephony => "put a gateway before it that speaks SIP, or leave the server physical",
            Self::Serial => "put the devices on a serial-to-network server",
            Self::Network => {
                "plan hosts that pass the card through, or run the program on an ordinary network card"
            }
        }
    }
}

/// USB vendors whose devices are licence dongles or signing tokens (USB ID repository, linux-usb.org/usb.ids).
pub(super) const DONGLES: [(&str, &str); 8] = [
    ("0529", "Aladdin/SafeNet HASP dongle"),
    ("064f", "WIBU-SYSTEMS CodeMeter dongle"),
    ("04b9", "SafeNet Sentinel dongle"),
    ("08e2", "MARX CRYPTO-BOX dongle"),
    ("096e", "Feitian token"),
    ("1bc0", "SenseLock dongle"),
    ("3689", "Guardant dongle"),
    ("0a89", "Guardant dongle"),
];

/// PCI vendors that make nothing else (PCI ID repository, pci-ids.ucw.cz).
pub(super) const VENDORS: [(&str, &str, Kind); 8] = [
    ("0x0100", "nCipher security module", Kind::SecurityModule),
    ("0xd161", "Digium telephony card", Kind::Telephony),
    ("0x1923", "Sangoma telephony card", Kind::Telephony),
    ("0x12c7", "Dialogic telephony card", Kind::Telephony),
    ("0x10ee", "Xilinx FPGA", Kind::Accelerator),
    ("0x1172", "Altera FPGA", Kind::Accelerator),
    ("0x114f", "Digi serial card", Kind::Serial),
    ("0x1393", "Moxa serial card", Kind::Serial),
];

/// PCI classes, six hexadecimal digits of which the first four decide (PCI code and ID assignment 1.11). A
/// fibre channel adapter is none of them: its disks can be given to the hosts.
pub(super) const CLASSES: [(&str, &str, Kind); 7] = [
    ("0x0302", "GPU (3D controller)", Kind::Accelerator),
    ("0x0204", "ISDN card", Kind::Telephony),
    ("0x0207", "InfiniBand adapter", Kind::Network),
    ("0x0402", "telephony card", Kind::Telephony),
    ("0x0703", "modem", Kind::Telephony),
    ("0x1000", "encryption controller", Kind::SecurityModule),
    ("0x1200", "processing accelerator", Kind::Accelerator),
];

/// Graphics chips of AMD that servers have on their boards as a screen: ES1000, Rage XL, Radeon 7000.
pub(super) const ON_BOARD_SCREENS: [&str; 4] = ["0x515e", "0x4752", "0x5159", "0x5969"];

/// Drivers that hand a card to a program.
pub(super) const DRIVEN_BY_PROGRAMS: [&str; 3] = ["vfio-pci", "igb_uio", "uio_pci_generic"];
