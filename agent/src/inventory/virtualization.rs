//! Whether this is a virtual machine or a container already, and whether it is a hypervisor itself: weighed
//! from several signs, none of which is believed alone where it is known to lie.
// SPDX-License-Identifier: Apache-2.0

use super::Record;
use super::hardware::dmi;
use crate::root::Root;
use cairn_schemas::fact::FactValue;

/// What makers of hypervisors write into vendor and product.
const BY_DMI: [(&str, &str); 14] = [
    ("vmware", "vmware"),
    ("virtualbox", "virtualbox"),
    ("innotek", "virtualbox"),
    ("qemu", "kvm"),
    ("kvm", "kvm"),
    ("rhev", "kvm"),
    ("ovirt", "kvm"),
    ("openstack", "kvm"),
    ("nutanix ahv", "kvm"),
    ("google compute engine", "kvm"),
    ("hvm domu", "xen"),
    ("bochs", "kvm"),
    ("bhyve", "bhyve"),
    ("parallels", "parallels"),
];

pub(super) fn read(root: &Root, record: &mut Record) {
    let role = hypervisor_role(root);
    match verdict(root, role.as_ref().is_some_and(|proof| proof.contains("Hyper-V"))) {
        Ok((kind, proof)) => {
            record.fact("virtualization", FactValue::Text(kind.to_owned()));
            record.evidence("virtualization", &proof);
        }
        Err(why) => record.unknown("virtualization", &why),
    }
    match role {
        Some(proof) => record.flag("hypervisor_role", true, &proof),
        None if root.exists("proc/modules") || root.exists("sys/module") => {
            record.flag(
                "hypervisor_role",
                false,
                "no Xen dom0, Hyper-V root, Proxmox VE, oVirt or running libvirt guest is here",
            );
        }
        None => record.unknown("hypervisor_role", "/proc/modules is not visible here"),
    }
}

fn verdict(root: &Root, hyper_v_root: bool) -> Result<(&'static str, String), String> {
    if let Some((kind, proof)) = container(root) {
        return Ok((kind, proof));
    }
    let vendor = dmi(root, "sys_vendor").unwrap_or_default();
    let product = dmi(root, "product_name").unwrap_or_default();
    let described = format!("{vendor} {product}").to_lowercase();
    if let Some((_, kind)) = BY_DMI.iter().find(|(sign, _)| described.contains(sign)) {
        return Ok((kind, format!("DMI says {vendor:?}, {product:?}")));
    }
    if vendor.starts_with("Microsoft") && product == "Virtual Machine" {
        return Ok(("hyper-v", format!("DMI says {vendor:?}, {product:?}")));
    }
    if vendor == "Amazon EC2" && !product.ends_with(".metal") {
        return Ok(("kvm", format!("DMI says {vendor:?}, {product:?}")));
    }
    if root.text("sys/hypervisor/type").is_ok_and(|kind| kind == "xen") && !is_dom0(root) {
        return Ok(("xen", "/sys/hypervisor/type is xen, and this is not dom0".to_owned()));
    }
    let cpuinfo = root.text("proc/cpuinfo")?;
    let flags = cpuinfo.lines().find(|line| line.starts_with("flags"));
    if flags.is_some_and(|line| line.split_whitespace().any(|flag| flag == "hypervisor")) {
        // The root partition of Hyper-V, and Windows security on bare metal, set the flag as well.
        if hyper_v_root {
            return Ok(("none", "the hypervisor flag is that of this machine's own Hyper-V".to_owned()));
        }
        return Ok(("unnamed", "the CPU carries the hypervisor flag, and DMI names nobody".to_owned()));
    }
    if vendor.is_empty() && flags.is_none() {
        return Err("neither DMI nor CPU flags can be read".to_owned());
    }
    Ok(("none", format!("no hypervisor flag, no sign in DMI ({vendor:?}, {product:?})")))
}

/// Containers leave a file or a line in the cgroup of the first process.
fn container(root: &Root) -> Option<(&'static str, String)> {
    for (file, kind) in [(".dockerenv", "docker"), ("run/.containerenv", "podman"), ("proc/vz", "openvz")] {
        if root.exists(file) && !(kind == "openvz" && root.exists("proc/bc")) {
            return Some((kind, format!("/{file} is there")));
        }
    }
    let text = root.text("proc/1/cgroup").ok()?;
    let signs = ["docker", "kubepods", "lxc", "libpod", "containerd"];
    let found = signs.into_iter().find(|sign| text.lines().any(|line| line.contains(sign)))?;
    Some((found, "/proc/1/cgroup names it".to_owned()))
}

fn is_dom0(root: &Root) -> bool {
    root.text("proc/xen/capabilities").is_ok_and(|text| text.contains("control_d"))
}

/// What only a hypervisor host has.
fn hypervisor_role(root: &Root) -> Option<String> {
    if is_dom0(root) {
        return Some("/proc/xen/capabilities names control_d: Xen dom0".to_owned());
    }
    if root.text("sys/hypervisor/type").is_ok_and(|kind| kind.contains("hyperv_root")) {
        return Some("/sys/hypervisor/type: Hyper-V root".to_owned());
    }
    let signs = [("etc/pve", "Proxmox VE"), ("usr/bin/pveversion", "Proxmox VE"), ("etc/vdsm", "oVirt")];
    if let Some((file, name)) = signs.into_iter().find(|(file, _)| root.exists(file)) {
        return Some(format!("/{file} is there: {name}"));
    }
    // libvirt is on many workstations; the network card of a running guest makes it a hypervisor.
    let interfaces = root.names("sys/class/net").unwrap_or_default();
    let guest = interfaces
        .iter()
        .find(|name| name.strip_prefix("vnet").is_some_and(|number| number.parse::<u32>().is_ok()))?;
    Some(format!("/sys/class/net/{guest} is there: a guest of libvirt"))
}
