//! What the processor is called. Those of ARM give numbers in place of a name; s390 gives the machine's type.
// SPDX-License-Identifier: Apache-2.0

use super::cpuinfo::CpuInfo;
use crate::inventory::privileged::Privileged;

/// ARM implementer and part (makers' technical reference manuals, register MIDR_EL1), those of servers.
const ARM_PARTS: &[(&str, &str, &str)] = &[
    ("0x41", "0xc0f", "ARM Cortex-A15"),
    ("0x41", "0xd03", "ARM Cortex-A53"),
    ("0x41", "0xd07", "ARM Cortex-A57"),
    ("0x41", "0xd08", "ARM Cortex-A72"),
    ("0x41", "0xd0b", "ARM Cortex-A76"),
    ("0x41", "0xd0c", "ARM Neoverse-N1"),
    ("0x41", "0xd40", "ARM Neoverse-V1"),
    ("0x41", "0xd49", "ARM Neoverse-N2"),
    ("0x41", "0xd4f", "ARM Neoverse-V2"),
    ("0x42", "0x516", "Broadcom ThunderX2"),
    ("0x43", "0x0a1", "Cavium ThunderX"),
    ("0x43", "0x0af", "Cavium ThunderX2"),
    ("0x46", "0x001", "Fujitsu A64FX"),
    ("0x48", "0xd01", "HiSilicon Kunpeng-920"),
    ("0xc0", "0xac3", "Ampere Ampere-1"),
    ("0xc0", "0xac4", "Ampere Ampere-1a"),
];

pub(super) fn name(cpuinfo: &CpuInfo, privileged: &Privileged) -> Result<String, String> {
    let given =
        ["model name", "cpu model", "cpu", "Processor"].into_iter().find_map(|name| cpuinfo.field(name));
    given
        // Kernels of ARM without a name for the part put the instruction set there.
        .filter(|name| !name.starts_with("ARMv") && !name.starts_with("AArch64"))
        .map(squeezed)
        .or_else(|| arm(cpuinfo))
        .or_else(|| s390(cpuinfo))
        .or_else(|| itanium(cpuinfo))
        .or_else(|| privileged.text("cpu_model"))
        .or_else(|| given.map(squeezed))
        .ok_or_else(|| "/proc/cpuinfo names no model".to_owned())
}

/// Makers pad the name to 48 characters.
fn squeezed(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn arm(cpuinfo: &CpuInfo) -> Option<String> {
    let (implementer, part) = (cpuinfo.field("CPU implementer")?, cpuinfo.field("CPU part")?);
    let known = ARM_PARTS.iter().find(|(i, p, _)| *i == implementer && *p == part);
    Some(known.map_or_else(
        || format!("ARM implementer {implementer} part {part}"),
        |(.., name)| (*name).to_owned(),
    ))
}

/// `processor 0: version = 00,  identification = 279F25,  machine = 2817`.
fn s390(cpuinfo: &CpuInfo) -> Option<String> {
    let (_, machine) = cpuinfo.field("processor")?.split_once("machine = ")?;
    Some(format!("{} machine type {}", cpuinfo.field("vendor_id")?, machine.trim()))
}

fn itanium(cpuinfo: &CpuInfo) -> Option<String> {
    (cpuinfo.field("arch") == Some("IA-64")).then(|| {
        let part = |name| cpuinfo.field(name).unwrap_or("?");
        format!("Itanium family {} model {}", part("family"), part("model"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_architecture() {
        let check = |text: &str, expected: &str| {
            let named = name(&CpuInfo::parse(text), &Privileged::Absent(String::new()));
            assert_eq!(named.unwrap_or_else(|why| why), expected);
        };
        check("model name\t:      Intel(R) Xeon(TM) CPU 2.60GHz\n", "Intel(R) Xeon(TM) CPU 2.60GHz");
        check("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n", "ARM Neoverse-N1");
        check("CPU implementer\t: 0x99\nCPU part\t: 0x1\n", "ARM implementer 0x99 part 0x1");
        check("cpu\t\t: POWER9, altivec supported\nclock\t: 2900MHz\n", "POWER9, altivec supported");
        check(
            "vendor_id       : IBM/S390\nprocessor 0: version = 00,  identification = 1,  machine = 2817\n",
            "IBM/S390 machine type 2817",
        );
        check("arch       : IA-64\nfamily     : 32\nmodel      : 1\n", "Itanium family 32 model 1");
        check("", "/proc/cpuinfo names no model");
    }
}
