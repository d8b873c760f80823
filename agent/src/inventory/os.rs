//! Operating system: name and version, kernel, architecture, firmware.
// SPDX-License-Identifier: Apache-2.0

use super::Record;
use crate::root::Root;
use cairn_schemas::fact::FactValue;

pub(super) fn read(root: &Root, record: &mut Record) {
    record.text("os", os_release(root));
    let kernel = root.text("proc/sys/kernel/osrelease");
    record.text("kernel", kernel);
    record.text("architecture", architecture(root));
    if record.known_text("architecture").is_some_and(is_32_bit) {
        record.evidence("architecture", "the kernel is a 32-bit one");
    }
    firmware(root, record);
    time_critical(root, record);
}

fn os_release(root: &Root) -> Result<String, String> {
    let text = match root.text("etc/os-release").or_else(|_| root.text("usr/lib/os-release")) {
        Ok(text) => text,
        Err(why) => return older_release(root).ok_or(why),
    };
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
        Some(line.trim_matches(['"', '\'']).to_owned())
    };
    let name = value("PRETTY_NAME").or_else(|| value("NAME")).ok_or("os-release has no name")?;
    // The edition decides on support and licence where a maker sells several of one version.
    Ok(match value("VARIANT").filter(|edition| !edition.is_empty() && !name.contains(edition.as_str())) {
        Some(edition) => format!("{name} ({edition})"),
        None => name,
    })
}

/// What systems older than os-release wrote: one line, the maker's own file before the one it inherited.
const OLDER: [&str; 5] = [
    "etc/oracle-release",
    "etc/centos-release",
    "etc/redhat-release",
    "etc/SuSE-release",
    "etc/system-release",
];

fn older_release(root: &Root) -> Option<String> {
    if let Ok(version) = root.text("etc/debian_version") {
        return Some(format!("Debian GNU/Linux {version}"));
    }
    let line = OLDER.iter().find_map(|file| root.text(file).ok().filter(|text| !text.is_empty()))?;
    let line = line.lines().next()?.replace(" release ", " ");
    Some(line.split('\\').next()?.trim().to_owned()).filter(|name| !name.is_empty())
}

/// What the kernel says; the program's own architecture is the same on the host it runs on.
fn architecture(root: &Root) -> Result<String, String> {
    match root.text("proc/sys/kernel/arch") {
        Ok(text) => Ok(text),
        Err(_) if root.is_live() => Ok(std::env::consts::ARCH.to_owned()),
        Err(why) => Err(why),
    }
}

/// Whether a kernel of this architecture is a 32-bit one.
pub(super) fn is_32_bit(architecture: &str) -> bool {
    let x86 = architecture.len() == 4 && architecture.starts_with('i') && architecture.ends_with("86");
    x86 || architecture.starts_with("armv") || ["arm", "ppc", "s390", "sparc"].contains(&architecture)
}

fn firmware(root: &Root, record: &mut Record) {
    if !root.exists("sys/firmware") {
        record.unknown("firmware", "/sys/firmware is not visible here");
        return;
    }
    let uefi = root.exists("sys/firmware/efi");
    record.fact("firmware", FactValue::Text(if uefi { "uefi" } else { "bios" }.to_owned()));
    let proof = if uefi { "/sys/firmware/efi is there" } else { "/sys/firmware has no efi" };
    record.evidence("firmware", proof);
}

/// A real-time kernel was chosen by somebody who needs it.
fn time_critical(root: &Root, record: &mut Record) {
    let version = root.text("proc/sys/kernel/version").unwrap_or_default();
    if root.number("sys/kernel/realtime") == Some(1) || version.contains("PREEMPT_RT") {
        record.flag("time_critical", true, "the kernel is a real-time one (PREEMPT_RT)");
    } else {
        record
            .unknown("time_critical", "no real-time kernel; whether its work may pause only its owner knows");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::tree;

    #[test]
    fn names_of_old_and_new_systems() {
        let check = |files: &str, expected: &str| {
            assert_eq!(os_release(&tree(files).root()).unwrap_or_else(|why| why), expected, "{files}");
        };
        check(
            "@ etc/os-release\nPRETTY_NAME=\"Fedora Linux 40 (Server Edition)\"\nVARIANT=\"Server Edition\"\n",
            "Fedora Linux 40 (Server Edition)",
        );
        check(
            "@ etc/os-release\nPRETTY_NAME=\"Some Linux 9\"\nVARIANT='for SAP'\n",
            "Some Linux 9 (for SAP)",
        );
        check(
            "@ etc/redhat-release\nRed Hat Enterprise Linux Server release 6.10 (Santiago)\n",
            "Red Hat Enterprise Linux Server 6.10 (Santiago)",
        );
        check(
            "@ etc/debian_version\n5.0.10\n@ etc/issue\nAuthorised users only\n",
            "Debian GNU/Linux 5.0.10",
        );
        check("@ etc/hostname\nx\n", "/usr/lib/os-release: No such file or directory (os error 2)");
    }

    #[test]
    fn bits_of_architectures() {
        let check = |name: &str, expected| assert_eq!(is_32_bit(name), expected, "{name}");
        check("i686", true);
        check("armv7l", true);
        check("x86_64", false);
        check("aarch64", false);
        check("s390x", false);
    }
}
