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
    firmware(root, record);
    time_critical(root, record);
}

fn os_release(root: &Root) -> Result<String, String> {
    let text = root.text("etc/os-release").or_else(|_| root.text("usr/lib/os-release"))?;
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
        Some(line.trim_matches(['"', '\'']).to_owned())
    };
    value("PRETTY_NAME").or_else(|| value("NAME")).ok_or_else(|| "os-release has no name".to_owned())
}

/// What the kernel says; the program's own architecture is the same on the host it runs on.
fn architecture(root: &Root) -> Result<String, String> {
    match root.text("proc/sys/kernel/arch") {
        Ok(text) => Ok(text),
        Err(_) if root.is_live() => Ok(std::env::consts::ARCH.to_owned()),
        Err(why) => Err(why),
    }
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
