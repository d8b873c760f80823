//! SMBIOS tables made by hand.
// SPDX-License-Identifier: Apache-2.0

/// The 64-bit entry point.
pub(crate) fn entry(major: u8, minor: u8) -> Vec<u8> {
    let mut entry = b"_SM3_".to_vec();
    entry.extend([0, 0x18, major, minor, 0, 1, 0]);
    entry.extend(0xFFFF_u32.to_le_bytes());
    entry.extend([0; 8]);
    entry
}

/// A structure from the body behind its header, and its strings.
pub(crate) fn structure(kind: u8, handle: u16, body: &[u8], strings: &[&str]) -> Vec<u8> {
    let mut bytes = vec![kind, u8::try_from(4 + body.len()).unwrap()];
    bytes.extend(handle.to_le_bytes());
    bytes.extend(body);
    for string in strings {
        bytes.extend(string.as_bytes());
        bytes.push(0);
    }
    bytes.extend(if strings.is_empty() { &[0, 0][..] } else { &[0][..] });
    bytes
}

/// Puts little-endian bytes at an offset that counts the header, as the standard's tables do.
fn put(body: &mut [u8], at: usize, bytes: &[u8]) {
    body[at - 4..at - 4 + bytes.len()].copy_from_slice(bytes);
}

fn processor(handle: u16, populated: bool) -> Vec<u8> {
    let mut body = vec![0; 0x2C];
    put(&mut body, 0x05, &[3]);
    put(&mut body, 0x10, &[u8::from(populated)]);
    put(&mut body, 0x14, &4_000_u16.to_le_bytes());
    put(&mut body, 0x16, &3_600_u16.to_le_bytes());
    put(&mut body, 0x18, &[if populated { 0x41 } else { 0 }]);
    structure(4, handle, &body, if populated { &["Xeon Gold 5122"] } else { &[] })
}

fn array(handle: u16, purpose: u8, kib: u32) -> Vec<u8> {
    let mut body = vec![0; 0x13];
    put(&mut body, 0x05, &[purpose]);
    put(&mut body, 0x07, &kib.to_le_bytes());
    structure(16, handle, &body, &[])
}

fn module(handle: u16, array: u16, size: u16, extended_mib: u32) -> Vec<u8> {
    let mut body = vec![0; 0x50];
    put(&mut body, 0x04, &array.to_le_bytes());
    put(&mut body, 0x0C, &size.to_le_bytes());
    put(&mut body, 0x1C, &extended_mib.to_le_bytes());
    put(&mut body, 0x28, &[3]);
    structure(17, handle, &body, &[])
}

/// A server of two sockets, one populated, with 64 GiB in two of three slots, and its firmware's flash.
pub(crate) fn server() -> Vec<u8> {
    let mut system = vec![0; 0x17];
    put(&mut system, 0x04, &[1, 2, 0, 3]);
    [
        structure(1, 1, &system, &["Maker", "Server 1", "CZJ1234567"]),
        structure(3, 11, &[1, 0x17, 0, 2], &["Maker", "CHASSIS77"]),
        processor(2, true),
        processor(3, false),
        array(4, 3, 768 << 20),
        array(5, 5, 16 << 10),
        module(6, 4, 0x7FFF, 32 << 10),
        module(7, 4, 0x7FFF, 32 << 10),
        module(8, 4, 0, 0),
        module(9, 5, 16, 0),
        structure(127, 10, &[], &[]),
    ]
    .concat()
}
