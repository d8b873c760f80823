//! Whether the system runs on a hypervisor, or is one. Silence is proof only where the CPU's flags are there.
// SPDX-License-Identifier: Apache-2.0

use super::fields::Fields;
use super::is_x86;
use crate::import::server_texts::Sheet;

/// Vendors as lscpu names them, and the hypervisor they stand for.
const VENDORS: &[(&str, &str)] = &[
    ("VMware", "vmware"),
    ("KVM", "kvm"),
    ("Xen", "xen"),
    ("Microsoft", "hyper-v"),
    ("Innotek GmbH", "virtualbox"),
    ("Oracle", "virtualbox"),
    ("Parallels", "parallels"),
    ("Windows Subsystem for Linux", "wsl"),
];

pub(super) fn read(fields: &Fields, sheet: &mut Sheet) {
    let kind = fields.first("Virtualization type").map_or("", |field| field.value.as_str());
    if let Some(vendor) = fields.first("Hypervisor vendor") {
        let line = vendor.line;
        if vendor.value == "Xen" && kind == "none" {
            sheet.text("virtualization", Ok(("none".to_owned(), line)));
            sheet.flag("hypervisor_role", true, line);
            return;
        }
        let name = match (vendor.value.as_str(), kind) {
            ("Parallels", "container") => "openvz",
            (other, _) => VENDORS.iter().find(|(vendor, _)| *vendor == other).map_or(other, |(_, name)| name),
        };
        let name = if name.is_empty() || name == "-" { "unnamed".to_owned() } else { name.to_lowercase() };
        sheet.text("virtualization", Ok((name, line)));
        return;
    }
    let found = match fields.first("Flags") {
        Some(flags) if flags.value.split_whitespace().any(|flag| flag == "hypervisor") => {
            Ok(("unnamed".to_owned(), flags.line))
        }
        Some(flags) if is_x86(fields) && !flags.value.is_empty() => Ok(("none".to_owned(), flags.line)),
        _ if is_x86(fields) => Err("no hypervisor is named, and no flags are shown that would rule one out"),
        _ => Err("no hypervisor is named, which proves nothing on this architecture"),
    };
    sheet.text("virtualization", found);
}
