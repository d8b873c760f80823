//! Whether a disk is shared with another server. Shared is what a cluster file system or a cluster's own
//! registry lies on; not shared is what hangs inside this machine; what comes over a network of storage others
//! may reach too, and only its administrator knows.
// SPDX-License-Identifier: Apache-2.0

use super::Record;
use crate::root::Root;
use crate::sampler::is_whole_disk;
use cairn_schemas::fact::FactValue;

/// File systems that several servers mount from the same disks.
const CLUSTER_FILE_SYSTEMS: [&str; 5] = ["gfs2", "gfs", "ocfs2", "gpfs", "vmfs"];
/// SCSI hosts with disks inside the machine: controllers of RAID and SATA, and memory.
/// (`proc_name` of the drivers in Linux, drivers/scsi and drivers/ata.)
const LOCAL_HOSTS: [&str; 21] = [
    "megaraid_sas",
    "megaraid",
    "hpsa",
    "smartpqi",
    "mpi3mr",
    "cciss",
    "aacraid",
    "3w-9xxx",
    "3w-sas",
    "arcmsr",
    "ips",
    "ahci",
    "ata_piix",
    "sata_sil24",
    "sata_nv",
    "sata_mv",
    "pata_acpi",
    "isci",
    "usb-storage",
    "uas",
    "ata_generic",
];
/// Disks that are inside by their kind.
const LOCAL_NAMES: [&str; 3] = ["mmcblk", "hd", "pmem"];

pub(super) fn read(root: &Root, record: &mut Record) {
    record.proven("shared_disk", shared(root));
}

fn shared(root: &Root) -> Result<(FactValue, String), String> {
    let mounts = root.text("proc/mounts").unwrap_or_default();
    let mounted = |kind: &&&str| mounts.lines().any(|line| line.split_whitespace().nth(2) == Some(**kind));
    if let Some(kind) = CLUSTER_FILE_SYSTEMS.iter().find(mounted) {
        return Ok((FactValue::Bool(true), format!("a {kind} file system is mounted")));
    }
    let registry = root.text("etc/oracle/ocr.loc").unwrap_or_default().to_lowercase();
    if registry.contains("local_only=false") && registry.contains("ocrconfig_loc=") {
        let proof = "/etc/oracle/ocr.loc: a cluster's registry, which lies on disks of all its nodes";
        return Ok((FactValue::Bool(true), proof.to_owned()));
    }
    if root.exists("sys/module/vxfen") {
        return Ok((
            FactValue::Bool(true),
            "module vxfen is loaded: fencing by coordinator disks".to_owned(),
        ));
    }
    let names = root.names("sys/block")?;
    let disks: Vec<&String> = names.iter().filter(|name| is_whole_disk(root, name)).collect();
    if disks.is_empty() {
        return Err("no whole disk is visible here".to_owned());
    }
    let far: Vec<String> = disks.iter().filter_map(|disk| reached_by_others(root, disk)).collect();
    match far.first() {
        None => {
            let proof = format!("all {} disks hang inside this machine", disks.len());
            Ok((FactValue::Bool(false), proof))
        }
        Some(first) => Err(format!(
            "{} of {} disks may be reached by others, {first}: ask who administers that storage",
            far.len(),
            disks.len()
        )),
    }
}

/// Why a disk is not known to be this machine's own; `None`: it is.
fn reached_by_others(root: &Root, disk: &str) -> Option<String> {
    if LOCAL_NAMES.iter().any(|prefix| disk.starts_with(prefix)) {
        return None;
    }
    if disk.starts_with("nvme") {
        return nvme_over_a_network(root, disk);
    }
    let link = std::fs::read_link(root.path(&format!("sys/block/{disk}"))).unwrap_or_default();
    let link = link.to_string_lossy();
    if link.split('/').any(|part| part.strip_prefix("ata").is_some_and(|n| n.parse::<u32>().is_ok())) {
        return None;
    }
    let host =
        link.split('/').find(|part| part.strip_prefix("host").is_some_and(|n| n.parse::<u32>().is_ok()));
    let Some(host) = host else {
        return Some(format!("{disk} on a controller that is not shown"));
    };
    if root.exists(&format!("sys/class/fc_host/{host}")) {
        return Some(format!("{disk} over fibre channel"));
    }
    if root.exists(&format!("sys/class/iscsi_host/{host}")) || link.contains("/session") {
        return Some(format!("{disk} over iSCSI"));
    }
    let driver = root.text(&format!("sys/class/scsi_host/{host}/proc_name")).unwrap_or_default();
    if LOCAL_HOSTS.contains(&driver.as_str()) {
        return None;
    }
    Some(format!("{disk} on a controller of driver {driver:?}"))
}

/// The controllers of an NVMe disk, one or several beside each other, each by its transport.
fn nvme_over_a_network(root: &Root, disk: &str) -> Option<String> {
    let device = format!("sys/block/{disk}/device");
    let controllers = root.names(&device).unwrap_or_default();
    let controllers = controllers.iter().filter(|name| name.starts_with("nvme"));
    let files = controllers.map(|name| format!("{device}/{name}/transport"));
    let files = files.chain([format!("{device}/transport")]);
    let transports: Vec<String> = files.filter_map(|file| root.text(&file).ok()).collect();
    match transports.iter().find(|transport| *transport != "pcie") {
        Some(network) => Some(format!("{disk} by NVMe over {network}")),
        None if transports.is_empty() => Some(format!("{disk} by an NVMe transport that is not shown")),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::tree;

    fn disk(name: &str, path: &str) -> String {
        format!(
            "@ sys/devices/{path}/block/{name}/size\n1000\n@ sys/block/{name} -> ../devices/{path}/block/{name}\n"
        )
    }

    fn check(files: &[String], expected: Result<bool, &str>) {
        match (shared(&tree(&files.concat()).root()), expected) {
            (Ok((value, _)), Ok(shared)) => assert_eq!(value.as_bool(), Some(shared), "{files:?}"),
            (Err(why), Err(part)) => assert!(why.contains(part), "{why}"),
            (got, expected) => panic!("{files:?}: {got:?}, not {expected:?}"),
        }
    }

    #[test]
    fn only_disks_inside_are_known_to_be_its_own() {
        let sata = || disk("sda", "pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0");
        let raid = || {
            let driver = "@ sys/class/scsi_host/host1/proc_name\nmegaraid_sas\n";
            [&disk("sdb", "pci0000:00/0000:02:00.0/host1/target1:2:0/1:2:0:0"), driver].concat()
        };
        let fibre = || {
            let host = "@ sys/class/fc_host/host2/port_state\nOnline\n";
            [&disk("sdc", "pci0000:00/0000:03:00.0/host2/rport-2:0-0/target2:0:0/2:0:0:0"), host].concat()
        };
        let nvme = |transport: &str| {
            format!("@ sys/block/nvme0n1/size\n1000\n@ sys/block/nvme0n1/device/transport\n{transport}\n")
        };
        check(&[sata(), raid(), nvme("pcie")], Ok(false));
        check(&[sata(), fibre()], Err("sdc over fibre channel"));
        check(&[nvme("tcp")], Err("NVMe over tcp"));
        let path = |n: u32, transport: &str| {
            format!(
                "@ sys/block/nvme1n1/size\n1000\n@ sys/block/nvme1n1/device/nvme{n}/transport\n{transport}\n"
            )
        };
        check(&[path(1, "pcie"), path(2, "pcie")], Ok(false));
        check(&[path(1, "rdma"), path(2, "rdma")], Err("NVMe over rdma"));
        check(&[disk("sdd", "platform/host3/session1/target3:0:0/3:0:0:0")], Err("iSCSI"));
        check(&[disk("sde", "pci0000:00/0000:04:00.0/host4/target4:0:0/4:0:0:0")], Err("driver \"\""));
        check(&["@ sys/block/vda/size\n1000\n".to_owned()], Err("not shown"));
        check(&[String::new()], Err("/sys/block"));
    }

    #[test]
    fn cluster_storage_is_shared() {
        check(&["@ proc/mounts\n/dev/mapper/c /data gfs2 rw 0 0\n".to_owned()], Ok(true));
        let ocr =
            |local| format!("@ etc/oracle/ocr.loc\nocrconfig_loc=+OCR/r/OCRFILE/R\nlocal_only={local}\n");
        check(&[ocr("FALSE")], Ok(true));
        check(&[ocr("TRUE")], Err("/sys/block"));
    }
}
