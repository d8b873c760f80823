//! What only a hypervisor host has.
// SPDX-License-Identifier: Apache-2.0

use crate::root::Root;

/// What a host without a sign was searched for.
pub(super) const LOOKED_FOR: &str = "no Xen dom0, Hyper-V root, Proxmox VE, oVirt, VMware Workstation, VirtualBox or running KVM guest is here";

/// Files of products that are hypervisors.
const PRODUCTS: [(&str, &str); 4] = [
    ("etc/pve", "Proxmox VE"),
    ("usr/bin/pveversion", "Proxmox VE"),
    ("etc/vdsm", "oVirt"),
    ("etc/xensource-inventory", "XenServer"),
];
/// Modules whose users are running guests (`try_module_get` in Linux, virt/kvm/kvm_main.c).
const USED_BY_GUESTS: [(&str, &str); 4] =
    [("kvm_intel", "KVM"), ("kvm_amd", "KVM"), ("vmmon", "VMware Workstation"), ("vboxdrv", "VirtualBox")];

/// The proof that this host runs guests.
pub(super) fn proof(root: &Root) -> Option<String> {
    if is_dom0(root) {
        return Some("/proc/xen/capabilities names control_d: Xen dom0".to_owned());
    }
    if let Some(file) = hyper_v_root(root) {
        return Some(format!("/{file} is there: root partition of Hyper-V"));
    }
    if let Some((file, name)) = PRODUCTS.into_iter().find(|(file, _)| root.exists(file)) {
        return Some(format!("/{file} is there: {name}"));
    }
    for (module, name) in USED_BY_GUESTS {
        let users = root.number(&format!("sys/module/{module}/refcnt")).unwrap_or(0);
        // VirtualBox's own network modules use its driver without any guest.
        let of_its_own = if module == "vboxdrv" { 2 } else { 0 };
        if users > of_its_own {
            return Some(format!("/sys/module/{module}/refcnt is {users}: guests of {name} run"));
        }
    }
    // libvirt is on many workstations; the network card of a running guest makes it a hypervisor.
    let interfaces = root.names("sys/class/net").unwrap_or_default();
    let is_guest = |name: &&String| name.strip_prefix("vnet").is_some_and(|n| n.parse::<u32>().is_ok());
    let guest = interfaces.iter().find(is_guest)?;
    Some(format!("/sys/class/net/{guest} is there: a guest of libvirt"))
}

/// Whether this is the domain of Xen that controls the others.
pub(super) fn is_dom0(root: &Root) -> bool {
    root.text("proc/xen/capabilities").is_ok_and(|text| text.contains("control_d"))
}

/// The driver by which the root partition of Hyper-V makes guests.
pub(super) fn hyper_v_root(root: &Root) -> Option<&'static str> {
    ["dev/mshv", "sys/module/mshv_root"].into_iter().find(|file| root.exists(file))
}
