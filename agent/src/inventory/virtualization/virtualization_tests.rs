//! The verdict on machines as they are described in trouble reports and makers' documentation.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::inventory::testing::tree;

fn dmi(vendor: &str, product: &str) -> String {
    format!("@ sys/class/dmi/id/sys_vendor\n{vendor}\n@ sys/class/dmi/id/product_name\n{product}\n")
}

const FLAG: &str = "@ proc/cpuinfo\nflags\t\t: fpu vme hypervisor lahf_lm\n";
const NO_FLAG: &str = "@ proc/cpuinfo\nflags\t\t: fpu vme lahf_lm\n";
const VIRTIO: &str = "@ sys/bus/virtio/devices/virtio0/device\n0x1000\n";
const VMBUS: &str = "@ sys/bus/vmbus/devices/vmbus_0/id\n1\n";
const THERMOMETER: &str = "@ sys/class/hwmon/hwmon0/name\ncoretemp\n";
const CLOCKS: &str = "@ sys/devices/system/clocksource/clocksource0/available_clocksource\n";
const DOM0: &str = "@ proc/xen/capabilities\ncontrol_d\n@ sys/hypervisor/type\nxen\n";

fn check(parts: &[&str], expected: Result<&str, &str>) {
    let tree = tree(&parts.concat());
    match (verdict(&tree.root()), expected) {
        (Ok((value, proof)), Ok(kind)) => assert_eq!(value.as_text(), Some(kind), "{proof}"),
        (Err(why), Err(part)) => assert!(why.contains(part), "{why}"),
        (got, expected) => panic!("{parts:?}: {got:?}, not {expected:?}"),
    }
}

#[test]
fn machines_that_agree_with_themselves() {
    check(&[&dmi("Dell Inc.", "PowerEdge R740"), NO_FLAG, THERMOMETER], Ok("none"));
    check(&[&dmi("VMware, Inc.", "VMware Virtual Platform"), FLAG], Ok("vmware"));
    check(&[&dmi("QEMU", "Standard PC (Q35 + ICH9, 2009)"), FLAG, VIRTIO], Ok("kvm"));
    check(&[&dmi("Microsoft Corporation", "Virtual Machine"), FLAG, VMBUS], Ok("hyper-v"));
    check(&[&dmi("Amazon EC2", "m5.metal"), NO_FLAG], Ok("none"));
    check(&[&dmi("Amazon EC2", "m5.large"), FLAG], Ok("kvm"));
    check(&[&dmi("Xen", "HVM domU"), FLAG, "@ sys/hypervisor/type\nxen\n"], Ok("xen"));
    check(&[FLAG], Ok("unnamed"));
    // A guest whose kernel is too old to show the flag.
    check(&[&dmi("VMware, Inc.", "VMware Virtual Platform"), NO_FLAG], Ok("vmware"));
    // Microsoft makes computers too.
    check(&[&dmi("Microsoft Corporation", "Surface Laptop"), NO_FLAG], Ok("none"));
}

#[test]
fn guests_that_please_windows_keep_their_name() {
    let hyper_v_clock = format!("{CLOCKS}hyperv_clocksource_tsc_page acpi_pm\n");
    check(&[&dmi("QEMU", "Standard PC"), FLAG, VIRTIO, &hyper_v_clock], Ok("kvm"));
    check(&[&dmi("Xen", "HVM domU"), FLAG, &hyper_v_clock, "@ sys/hypervisor/type\nxen\n"], Ok("xen"));
}

#[test]
fn a_hypervisor_of_its_own_does_not_make_a_machine_virtual() {
    let server = dmi("HPE", "ProLiant DL380 Gen10");
    check(&[&server, FLAG, VMBUS, "@ sys/module/mshv_root/refcnt\n0\n"], Ok("none"));
    check(&[&server, FLAG, DOM0], Ok("none"));
    // Nested: its hypervisor runs in another's guest.
    check(&[&dmi("VMware, Inc.", "VMware7,1"), FLAG, DOM0], Ok("vmware"));
}

#[test]
fn what_contradicts_itself_is_not_decided() {
    let server = dmi("Dell Inc.", "PowerEdge R740");
    // A guest that shows the DMI of its host, or a server whose flag somebody set.
    check(&[&server, FLAG], Err("contradict"));
    check(&[&server, FLAG, VMBUS], Err("carry Microsoft's DMI"));
    check(&[&server, FLAG, VMBUS, THERMOMETER], Ok("none"));
    check(&[&server, FLAG, THERMOMETER, "@ sys/class/ipmi/ipmi0/dev\n1\n"], Ok("none"));
    check(&["@ proc/cpuinfo\nBogoMIPS\t: 50.00\n"], Err("neither DMI"));
}

#[test]
fn partitions_say_so_themselves() {
    check(&["@ proc/sysinfo\nType:                 2817\nLPAR Number:          11\n"], Ok("pr/sm"));
    check(&["@ proc/sysinfo\nLPAR Number:          11\nVM00 Control Program: z/VM    6.4.0\n"], Ok("z/vm"));
    check(&["@ proc/sysinfo\nVM00 Control Program: KVM/Linux\n"], Ok("kvm"));
    check(&["@ proc/cpuinfo\ncpu\t\t: POWER9\nplatform\t: pSeries\n"], Ok("powervm"));
    check(&["@ proc/cpuinfo\ncpu\t\t: POWER9\nplatform\t: PowerNV\n"], Ok("none"));
    check(&["@ proc/device-tree/hypervisor/compatible\nlinux,kvm\n"], Ok("kvm"));
}

#[test]
fn containers_and_systems_built_from_their_images() {
    let host = [dmi("Dell Inc.", "PowerEdge R740"), NO_FLAG.to_owned()].concat();
    check(&[&host, "@ .dockerenv\n\n"], Ok("docker"));
    check(&[&host, "@ .dockerenv\n\n@ proc/1/cgroup\n0::/init.scope\n"], Err("/.dockerenv"));
    // Systems are built from images too, and the file stays behind.
    check(&[&host, "@ .dockerenv\n\n@ proc/mounts\n/dev/sda1 / ext4 rw 0 0\n"], Err("a disk's own"));
    check(&[FLAG, VIRTIO, "@ .dockerenv\n\n@ proc/mounts\n/dev/vda / ext4 rw 0 0\n"], Ok("kvm"));
    check(&[&host, "@ .dockerenv\n\n@ proc/mounts\noverlay / overlay rw 0 0\n"], Ok("docker"));
    check(&[&host, "@ proc/1/cgroup\n1:name=systemd:/init.scope\n"], Ok("none"));
    check(&[&host, "@ proc/1/cgroup\n4:memory:/kubepods/burstable/pod1/abc\n"], Ok("kubernetes"));
    check(
        &[&host, "@ run/systemd/container\nsystemd-nspawn\n@ proc/1/cgroup\n0::/init.scope\n"],
        Ok("systemd-nspawn"),
    );
    check(&[&host, "@ proc/vz/version\n1\n"], Ok("openvz"));
    check(&[&host, "@ proc/sys/kernel/osrelease\n5.15.0-microsoft-standard-WSL2\n"], Ok("wsl"));
    check(&[&host, "@ proc/mounts\noverlay / overlay rw 0 0\n"], Ok("none"));
}
