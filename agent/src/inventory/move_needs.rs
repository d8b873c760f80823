//! What the move itself must provide for: nothing of it stands in the way for good, each of it stops a move
//! that nobody prepared.
// SPDX-License-Identifier: Apache-2.0

mod drivers;

use super::os::is_32_bit;
use super::privileged::Privileged;
use super::{Found, Record, joined, text_fact};
use crate::root::Root;

/// USB vendors of power supplies that are watched over USB (USB ID repository).
const POWER_SUPPLIES: [&str; 3] = ["051d", "0463", "0764"];

pub(super) fn read(root: &Root, privileged: &Privileged, record: &mut Record) {
    let mut found = Vec::new();
    storage_networks(root, &mut found);
    encrypted_disks(root, &mut found);
    attached(root, privileged, &mut found);
    if let Some(architecture) = record.known_text("architecture").filter(|name| is_32_bit(name)) {
        found.push(Found {
            what: "32-bit kernel".to_owned(),
            proof: format!("the architecture is {architecture}"),
            fix: "see that the hypervisor still supports 32-bit guests, or rebuild it on 64 bit",
        });
    }
    let kernel = record.known_text("kernel").unwrap_or_default().to_owned();
    let drivers = drivers::check(root, &kernel);
    found.extend(drivers.as_ref().ok().and_then(|lacking| lacking.as_ref().err().cloned()));
    if !found.is_empty() {
        let (value, proof) = joined(&found);
        record.fact("move_needs", value);
        record.evidence("move_needs", &proof);
        return;
    }
    match drivers {
        Ok(Ok(has)) => {
            record.fact("move_needs", text_fact("none"));
            let proof = format!(
                "{has}; no storage network, encrypted disk, serial device or power supply by USB is seen"
            );
            record.evidence("move_needs", &proof);
        }
        Ok(Err(_)) => {}
        Err(why) => record.unknown("move_needs", &why),
    }
}

fn storage_networks(root: &Root, found: &mut Vec<Found>) {
    let networks = [
        ("sys/class/fc_host", "disks over fibre channel"),
        ("sys/class/iscsi_session", "disks over iSCSI"),
        ("sys/class/nvme-fabrics/ctl", "disks over NVMe fabrics"),
    ];
    for (folder, what) in networks {
        let names = root.names(folder).unwrap_or_default();
        let ports: Vec<&String> =
            names.iter().filter(|name| name.chars().any(|c| c.is_ascii_digit())).collect();
        if !ports.is_empty() {
            found.push(Found {
                what: what.to_owned(),
                proof: format!("{} entries in /{folder}", ports.len()),
                fix: "give the same volumes to the hosts, or copy them to the hosts' storage",
            });
        }
    }
}

/// Device mapper names what it is by its uuid; only the table of what is opened at boot names the TPM.
fn encrypted_disks(root: &Root, found: &mut Vec<Found>) {
    let mapped = |name: &String| {
        let uuid = root.text(&format!("sys/block/{name}/dm/uuid")).ok()?;
        uuid.starts_with("CRYPT-").then(|| format!("/sys/block/{name}/dm/uuid begins with CRYPT"))
    };
    let Some(proof) = root.names("sys/block").unwrap_or_default().iter().find_map(mapped) else { return };
    let table = root.text("etc/crypttab").unwrap_or_default();
    let by_tpm =
        table.lines().any(|line| !line.trim_start().starts_with('#') && line.contains("tpm2-device="));
    let (what, proof, fix) = if by_tpm {
        let proof = format!("{proof}; /etc/crypttab names tpm2-device");
        (
            "disk encryption bound to the TPM",
            proof,
            "enrol a passphrase before the move, and a virtual TPM after it",
        )
    } else {
        (
            "encrypted disk",
            proof,
            "have the passphrase or key at hand: the copy must be opened at its first boot",
        )
    };
    found.push(Found { what: what.to_owned(), proof, fix });
}

fn attached(root: &Root, privileged: &Privileged, found: &mut Vec<Found>) {
    let serial = "put the device on a serial-to-network server";
    let adapters = root.names("sys/bus/usb-serial/devices").unwrap_or_default();
    if !adapters.is_empty() {
        let proof = format!("{} adapters in /sys/bus/usb-serial/devices", adapters.len());
        found.push(Found { what: "serial device by USB".to_owned(), proof, fix: serial });
    }
    if let Some((_, proof)) = privileged.text_with_proof("move_needs") {
        found.push(Found { what: "serial port in use".to_owned(), proof, fix: serial });
    }
    // The kernel asks what is plugged in there; only whether something answered is looked at.
    let parallel = "proc/sys/dev/parport";
    for port in root.names(parallel).unwrap_or_default() {
        if root.text(&format!("{parallel}/{port}/autoprobe")).is_ok_and(|answer| !answer.is_empty()) {
            let proof = format!("a device answers on /{parallel}/{port}");
            let fix = "replace it by one on the network, or its dongle by a licence file";
            found.push(Found { what: "device on a parallel port".to_owned(), proof, fix });
        }
    }
    let usb = "sys/bus/usb/devices";
    for name in root.names(usb).unwrap_or_default() {
        let vendor = root.text(&format!("{usb}/{name}/idVendor")).unwrap_or_default();
        if POWER_SUPPLIES.contains(&vendor.as_str()) {
            let proof = format!("/{usb}/{name} is of vendor {vendor}");
            let fix = "watch the power supply over the network: the hosts shut their machines down";
            found.push(Found { what: "power supply by USB".to_owned(), proof, fix });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::tree;
    use cairn_schemas::time::Timestamp;

    const DRIVERS: &str = "@ lib/modules/6.1/modules.builtin\nkernel/drivers/net/virtio_net.ko\n\
                           kernel/drivers/block/virtio_blk.ko\nkernel/drivers/virtio/virtio_pci.ko\n";

    fn check(files: &str, kernel: &str, expected: &str) {
        let tree = tree(files);
        let mut record = Record::new(&tree.root(), Timestamp(0));
        record.text("kernel", Ok(kernel.to_owned()));
        record.text("architecture", Ok("x86_64".to_owned()));
        read(&tree.root(), &Privileged::Absent(String::new()), &mut record);
        let said = record.known_text("move_needs").unwrap_or_else(|| &record.0.unknown["move_needs"]);
        assert!(said.contains(expected), "{files}: {said}");
    }

    #[test]
    fn needs() {
        let with = |more: &str| [DRIVERS, more].concat();
        check(DRIVERS, "6.1", "none");
        check("@ lib/modules/6.1/modules.builtin\nkernel/fs/ext4.ko\n", "6.1", "kernel without drivers");
        check(DRIVERS, "5.10", "/lib/modules/5.10");
        check(&with("@ sys/class/fc_host/host1/port_state\nOnline\n"), "6.1", "disks over fibre channel");
        check(&with("@ sys/bus/usb-serial/devices/ttyUSB0/port\n0\n"), "6.1", "serial device by USB");
        check(&with("@ sys/bus/usb/devices/1-2/idVendor\n051d\n"), "6.1", "power supply");
        check(&with("@ proc/sys/dev/parport/parport0/autoprobe\nCLASS:PRINTER;\n"), "6.1", "parallel port");
        check(&with("@ proc/sys/dev/parport/parport0/autoprobe\n\n"), "6.1", "none");
        let crypt = with("@ sys/block/dm-0/dm/uuid\nCRYPT-LUKS2-0123-root\n");
        check(&crypt, "6.1", "encrypted disk");
        check(&format!("{crypt}@ etc/crypttab\nroot UUID=1 - tpm2-device=auto\n"), "6.1", "bound to the TPM");
        check(&format!("{crypt}@ etc/crypttab\n# tpm2-device=auto\n"), "6.1", "encrypted disk");
    }
}
