//! SMBIOS tables (DMTF DSP0134, 3.7). The bytes come from firmware, which gets lengths and indices wrong: every
//! access is checked, and what does not fit is left out.
// SPDX-License-Identifier: Apache-2.0

const HEADER_BYTES: usize = 4;
const END_OF_TABLE: u8 = 127;
/// More structures than any machine has.
const STRUCTURES_MAX: usize = 1 << 16;

const CENTRAL_PROCESSOR: u8 = 3;
const SOCKET_POPULATED: u8 = 1 << 6;
/// A memory array whose modules are the machine's memory; others hold flash or video memory.
const USE_SYSTEM_MEMORY: u8 = 3;
/// Technologies of modules that are storage (7.18.6): NVDIMM-N, NVDIMM-F, NVDIMM-P, persistent memory.
const PERSISTENT: [u8; 4] = [0x04, 0x05, 0x06, 0x07];
const MIB: u64 = 1 << 20;
const KIB: u64 = 1 << 10;

/// What the tables say of the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Smbios {
    pub(super) version: Option<(u8, u8)>,
    pub(super) structures: usize,
    /// Of the system (type 1), as written.
    pub(super) serial: Option<String>,
    /// Of the chassis (type 3): all that some makers fill in.
    pub(super) chassis_serial: Option<String>,
    pub(super) sockets: u32,
    pub(super) sockets_populated: u32,
    pub(super) cpu_model: Option<String>,
    /// Current speed, which is the base clock; the maximum is what the board bears.
    pub(super) cpu_mhz: Option<u16>,
    pub(super) slots: u32,
    pub(super) modules: u32,
    pub(super) memory_bytes: u64,
    /// What the boards' slots can hold.
    pub(super) memory_bytes_max: Option<u64>,
}

impl Smbios {
    /// Reads the structures of `table`; `entry` gives the version and how long the table is.
    pub(super) fn parse(entry: &[u8], table: &[u8]) -> Self {
        let (version, bytes) = entry_point(entry);
        let table = bytes.and_then(|bytes| table.get(..bytes)).unwrap_or(table);
        let mut smbios = Self { version, ..Self::default() };
        let mut other_arrays = Vec::new();
        for structure in Structures(table).take(STRUCTURES_MAX) {
            smbios.structures += 1;
            match structure.kind {
                1 if smbios.serial.is_none() => smbios.serial = structure.string(0x07),
                3 if smbios.chassis_serial.is_none() => smbios.chassis_serial = structure.string(0x07),
                4 => smbios.processor(&structure),
                16 => smbios.array(&structure, &mut other_arrays),
                17 => smbios.module(&structure, &other_arrays),
                _ => {}
            }
        }
        smbios
    }

    fn processor(&mut self, structure: &Structure<'_>) {
        if structure.byte(0x05) != Some(CENTRAL_PROCESSOR) {
            return;
        }
        self.sockets += 1;
        if structure.byte(0x18).is_none_or(|status| status & SOCKET_POPULATED == 0) {
            return;
        }
        self.sockets_populated += 1;
        self.cpu_model = self.cpu_model.take().or_else(|| structure.string(0x10));
        self.cpu_mhz = self.cpu_mhz.or_else(|| structure.word(0x16).filter(|mhz| *mhz > 0));
    }

    fn array(&mut self, structure: &Structure<'_>, other_arrays: &mut Vec<u16>) {
        if structure.byte(0x05) != Some(USE_SYSTEM_MEMORY) {
            other_arrays.push(structure.handle);
            return;
        }
        let max = match structure.double(0x07) {
            Some(0x8000_0000) => structure.quad(0x0F),
            kib => kib.map(|kib| u64::from(kib) * KIB),
        };
        if let Some(max) = max.filter(|max| *max > 0) {
            self.memory_bytes_max = Some(self.memory_bytes_max.unwrap_or(0).saturating_add(max));
        }
    }

    fn module(&mut self, structure: &Structure<'_>, other_arrays: &[u16]) {
        let elsewhere = structure.word(0x04).is_some_and(|array| other_arrays.contains(&array));
        let persistent = structure.byte(0x28).is_some_and(|technology| PERSISTENT.contains(&technology));
        if elsewhere || persistent {
            return;
        }
        self.slots += 1;
        let bytes = match structure.word(0x0C) {
            None | Some(0 | 0xFFFF) => 0,
            Some(0x7FFF) => structure.double(0x1C).map_or(0, |mib| u64::from(mib & 0x7FFF_FFFF) * MIB),
            Some(kib) if kib & 0x8000 != 0 => u64::from(kib & 0x7FFF) * KIB,
            Some(mib) => u64::from(mib) * MIB,
        };
        self.modules += u32::from(bytes > 0);
        self.memory_bytes = self.memory_bytes.saturating_add(bytes);
    }
}

/// Version and length of the table: the 64-bit entry point of SMBIOS 3, or the one before it.
fn entry_point(entry: &[u8]) -> (Option<(u8, u8)>, Option<usize>) {
    let bytes = |at: usize, n: usize| entry.get(at..at + n);
    let version = |at: usize| bytes(at, 2).map(|b| (b[0], b[1]));
    if entry.starts_with(b"_SM3_") {
        let length = bytes(0x0C, 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize);
        (version(0x07), length)
    } else if entry.starts_with(b"_SM_") {
        let length = bytes(0x16, 2).map(|b| usize::from(u16::from_le_bytes([b[0], b[1]])));
        (version(0x06), length)
    } else {
        (None, None)
    }
}

/// A structure: its formatted part, header included, and the strings behind it.
struct Structure<'a> {
    kind: u8,
    handle: u16,
    formatted: &'a [u8],
    strings: &'a [u8],
}

impl Structure<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.formatted.get(at).copied()
    }

    fn little_endian(&self, at: usize, bytes: usize) -> Option<u64> {
        let field = self.formatted.get(at..at.checked_add(bytes)?)?;
        Some(field.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn word(&self, at: usize) -> Option<u16> {
        self.little_endian(at, 2).and_then(|n| u16::try_from(n).ok())
    }

    fn double(&self, at: usize) -> Option<u32> {
        self.little_endian(at, 4).and_then(|n| u32::try_from(n).ok())
    }

    fn quad(&self, at: usize) -> Option<u64> {
        self.little_endian(at, 8)
    }

    /// The string whose number, from 1, stands at an offset.
    fn string(&self, at: usize) -> Option<String> {
        let number = usize::from(self.byte(at)?).checked_sub(1)?;
        let bytes = self.strings.split(|byte| *byte == 0).nth(number)?;
        let text = String::from_utf8_lossy(bytes).trim().to_owned();
        (!text.is_empty()).then_some(text)
    }
}

/// One structure after the other, up to the end or the first that does not fit.
struct Structures<'a>(&'a [u8]);

impl<'a> Iterator for Structures<'a> {
    type Item = Structure<'a>;

    fn next(&mut self) -> Option<Structure<'a>> {
        let &[kind, length, low, high] = self.0.first_chunk::<HEADER_BYTES>()?;
        let length = usize::from(length);
        if kind == END_OF_TABLE || length < HEADER_BYTES {
            return None;
        }
        let (formatted, rest) = self.0.split_at_checked(length)?;
        // Strings end with an empty one; a structure without strings has two zeros all the same.
        let end = rest.windows(2).position(|pair| pair == [0, 0])?;
        self.0 = rest.get(end + 2..)?;
        let strings = rest.get(..end)?;
        Some(Structure { kind, handle: u16::from_le_bytes([low, high]), formatted, strings })
    }
}

#[cfg(test)]
#[path = "smbios_tests.rs"]
mod tests;
