//! Tables as firmware writes them, and as it should not.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::inventory::testing::smbios::{self as tables, server};
use proptest::prelude::*;

#[test]
fn a_server_of_two_sockets() {
    let smbios = Smbios::parse(&tables::entry(3, 2), &server());
    assert_eq!(smbios.version, Some((3, 2)));
    assert_eq!(smbios.serial.as_deref(), Some("CZJ1234567"));
    assert_eq!(smbios.chassis_serial.as_deref(), Some("CHASSIS77"));
    assert_eq!((smbios.sockets, smbios.sockets_populated), (2, 1));
    assert_eq!(smbios.cpu_model.as_deref(), Some("Xeon Gold 5122"));
    assert_eq!(smbios.cpu_mhz, Some(3_600));
    // Two modules of 32 GiB, one of them in the long form; one slot is empty, flash is no memory.
    assert_eq!((smbios.slots, smbios.modules), (3, 2));
    assert_eq!(smbios.memory_bytes, 64 << 30);
    assert_eq!(smbios.memory_bytes_max, Some(768 << 30));
}

#[test]
fn sizes_in_every_form() {
    let check = |size: u16, extended: u32, expected: u64| {
        let mut body = vec![0; 0x24];
        body[0x08..0x0A].copy_from_slice(&size.to_le_bytes());
        body[0x18..0x1C].copy_from_slice(&extended.to_le_bytes());
        let table = tables::structure(17, 1, &body, &[]);
        assert_eq!(Smbios::parse(&[], &table).memory_bytes, expected, "{size:#x} {extended:#x}");
    };
    check(0, 0, 0);
    check(0xFFFF, 0, 0);
    check(16_384, 0, 16 << 30);
    check(0x8000 | 512, 0, 512 << 10);
    check(0x7FFF, 131_072, 128 << 30);
}

#[test]
fn what_is_cut_or_wrong_is_left_out() {
    let whole = server();
    let structures = Smbios::parse(&[], &whole).structures;
    for end in 0..whole.len() {
        assert!(Smbios::parse(&[], &whole[..end]).structures <= structures);
    }
    // A string number that no string has, and a length shorter than a header.
    let mut body = vec![0; 0x17];
    body[0x03] = 9;
    assert_eq!(Smbios::parse(&[], &tables::structure(1, 1, &body, &["a"])).serial, None);
    assert_eq!(Smbios::parse(&[], &[1, 3, 0, 0, 0, 0]).structures, 0);
}

proptest! {
    #[test]
    fn no_bytes_bring_it_down(entry in proptest::collection::vec(any::<u8>(), 0..40),
                              table in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let smbios = Smbios::parse(&entry, &table);
        prop_assert!(smbios.structures <= table.len());
    }

    #[test]
    fn damaged_tables_do_not_bring_it_down(at in 0_usize..400, byte in any::<u8>()) {
        let mut table = server();
        let at = at % table.len();
        table[at] = byte;
        let smbios = Smbios::parse(&tables::entry(3, 2), &table);
        prop_assert!(smbios.modules <= smbios.slots);
        prop_assert!(smbios.sockets_populated <= smbios.sockets);
    }
}
