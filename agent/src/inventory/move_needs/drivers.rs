//! Whether the running kernel has the drivers of virtual disks and network cards, built in or as modules.
// SPDX-License-Identifier: Apache-2.0

use crate::inventory::Found;
use crate::root::Root;

/// A hypervisor's virtual devices: each needs one of the alternatives of every row.
const FAMILIES: [(&str, &[&[&str]]); 3] = [
    (
        "virtio",
        &[
            &["kernel/drivers/net/virtio_net.ko"],
            &["kernel/drivers/block/virtio_blk.ko", "kernel/drivers/scsi/virtio_scsi.ko"],
            &["kernel/drivers/virtio/virtio_pci.ko"],
        ],
    ),
    ("vmware", &[&["kernel/drivers/net/vmxnet3/vmxnet3.ko"], &["kernel/drivers/scsi/vmw_pvscsi.ko"]]),
    ("hyper-v", &[&["kernel/drivers/net/hyperv/hv_netvsc.ko"], &["kernel/drivers/scsi/hv_storvsc.ko"]]),
];
/// Modules may be packed.
const PACKED: [&str; 4] = ["", ".xz", ".gz", ".zst"];

/// The families it has, or the finding that it has none.
///
/// # Errors
/// The kernel's modules cannot be looked at.
pub(super) fn check(root: &Root, kernel: &str) -> Result<Result<String, Found>, String> {
    if kernel.is_empty() || kernel.contains('/') {
        return Err("the kernel's release is not known, so its drivers are not".to_owned());
    }
    let folder = format!("lib/modules/{kernel}");
    let builtin = root.text(&format!("{folder}/modules.builtin"));
    if let (Err(why), false) = (&builtin, root.exists(&format!("{folder}/kernel"))) {
        return Err(format!("drivers of the kernel cannot be looked at: {why}"));
    }
    let builtin = builtin.unwrap_or_default();
    let has = |module: &&str| {
        builtin.lines().any(|line| line.trim() == *module)
            || PACKED.iter().any(|packed| root.exists(&format!("{folder}/{module}{packed}")))
    };
    let complete = |(_, rows): &&(&str, &[&[&str]])| rows.iter().all(|row| row.iter().any(has));
    let names: Vec<&str> = FAMILIES.iter().filter(complete).map(|(name, _)| *name).collect();
    if names.is_empty() {
        return Ok(Err(Found {
            what: "kernel without drivers for virtual devices".to_owned(),
            proof: format!("/{folder} has neither virtio, vmware nor hyper-v drivers"),
            fix: "install a kernel that has them before the move, or plan emulated devices (e1000, SATA)",
        }));
    }
    Ok(Ok(format!("/{folder} has the drivers of {}", names.join(", "))))
}

#[cfg(test)]
mod tests {

    use crate::inventory::testing::tree;

    #[test]
    fn drivers_built_in_or_as_modules() {
        let check = |files: &str, expected: &str| {
            let said = match super::check(&tree(files).root(), "3.10.0") {
                Ok(Ok(has)) => has,
                Ok(Err(found)) => found.what,
                Err(why) => why,
            };
            assert!(said.contains(expected), "{files}: {said}");
        };
        let folder = "lib/modules/3.10.0";
        let vmware = format!(
            "@ {folder}/kernel/drivers/net/vmxnet3/vmxnet3.ko.xz\n\n@ {folder}/kernel/drivers/scsi/vmw_pvscsi.ko.xz\n\n"
        );
        check(&vmware, "the drivers of vmware");
        check(&format!("@ {folder}/kernel/drivers/net/virtio_net.ko\n\n"), "kernel without drivers");
        check("@ lib/modules/4.0/modules.builtin\n\n", "cannot be looked at");
    }
}
