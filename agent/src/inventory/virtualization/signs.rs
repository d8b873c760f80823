//! The signs of a virtual and of a physical machine, each with its weight and where it was seen.
//!
//! Weights are ours. 4: a hypervisor's own word for itself, or what only a partition has. 3: a cloud's word. 2: hard to have without
//! being one. 1: points there. What is known to mislead: the root partition of Hyper-V and Xen's dom0 set the
//! hypervisor flag on real iron; guests of KVM and Xen show Hyper-V's clock and CPUID to please Windows; a
//! guest may carry the DMI of its host; a bare-metal instance of a cloud has the cloud's vendor and devices.
// SPDX-License-Identifier: Apache-2.0

use super::hypervisor_role::{hyper_v_root, is_dom0};
use crate::inventory::hardware::dmi;
use crate::root::Root;

/// The kind of a physical machine.
pub(super) const NONE: &str = "none";
/// The kind of a virtual machine whose hypervisor nobody names.
pub(super) const UNNAMED: &str = "unnamed";

/// One sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sign {
    pub(super) kind: &'static str,
    pub(super) weight: i32,
    pub(super) proof: String,
}

impl std::fmt::Display for Sign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let for_what = if self.kind == NONE { "physical" } else { self.kind };
        write!(f, "{} ({for_what} +{})", self.proof, self.weight)
    }
}

fn sign(kind: &'static str, weight: i32, proof: String) -> Sign {
    Sign { kind, weight, proof }
}

/// What hypervisors and clouds of virtual machines write into vendor and product (systemd's `virt.c` and the
/// makers' documentation).
const VIRTUAL_BY_DMI: [(&str, &str); 21] = [
    ("vmware", "vmware"),
    ("virtualbox", "virtualbox"),
    ("innotek", "virtualbox"),
    ("microsoft corporation virtual machine", "hyper-v"),
    ("hvm domu", "xen"),
    ("xen ", "xen"),
    ("qemu", "kvm"),
    ("kvm", "kvm"),
    ("rhev", "kvm"),
    ("ovirt", "kvm"),
    ("openstack", "kvm"),
    ("nutanix ahv", "kvm"),
    ("google compute engine", "kvm"),
    ("alibaba cloud ecs", "kvm"),
    ("tencent cloud", "kvm"),
    ("digitalocean", "kvm"),
    ("hetzner vserver", "kvm"),
    ("bochs", "kvm"),
    ("bhyve", "bhyve"),
    ("parallels", "parallels"),
    ("apple virtualization", "apple"),
];

/// Makers of servers and of their boards, as the beginning of the vendor's name.
const SERVER_MAKERS: [&str; 34] = [
    "dell",
    "hp",
    "hewlett",
    "lenovo",
    "ibm",
    "cisco",
    "fujitsu",
    "fsc",
    "supermicro",
    "super micro",
    "huawei",
    "xfusion",
    "inspur",
    "ieit",
    "oracle corp",
    "sun micro",
    "nec",
    "hitachi",
    "bull",
    "quanta",
    "gigabyte",
    "giga computing",
    "asus",
    "asrock",
    "intel",
    "tyan",
    "msi",
    "micro-star",
    "h3c",
    "unisys",
    "penguin",
    "depo",
    "phytium",
    "sugon",
];

/// Buses only a hypervisor has, when devices are on them.
const BUSES: [(&str, &str, i32); 3] = [
    ("sys/bus/virtio/devices", "kvm", 2),
    ("sys/bus/vmbus/devices", "hyper-v", 2),
    ("sys/bus/xen/devices", "xen", 2),
];

/// PCI vendors of devices that exist in guests only (PCI ID repository).
const PCI_VENDORS: [(&str, &str); 4] =
    [("0x15ad", "vmware"), ("0x80ee", "virtualbox"), ("0x5853", "xen"), ("0x1b36", "kvm")];

/// Clocks a kernel offers to itself in a guest.
const CLOCKS: [(&str, &str); 3] = [("kvm-clock", "kvm"), ("hyperv_clocksource", "hyper-v"), ("xen", "xen")];

/// Every sign the tree shows.
pub(super) fn all(root: &Root) -> Vec<Sign> {
    let mut signs = Vec::new();
    by_dmi(root, &mut signs);
    // A hypervisor that this machine runs itself explains the flag, the clock and the bus.
    let own = if is_dom0(root) {
        Some("/proc/xen/capabilities: its own Xen explains hypervisor flag and clock".to_owned())
    } else {
        hyper_v_root(root).map(|file| format!("/{file}: its own Hyper-V explains hypervisor flag and clock"))
    };
    match own {
        Some(proof) => signs.push(sign(NONE, 1, proof)),
        None => {
            by_flag(root, &mut signs);
            by_devices(root, &mut signs);
            by_xen(root, &mut signs);
        }
    }
    by_firmware(root, &mut signs);
    by_sensors(root, &mut signs);
    signs
}

fn by_dmi(root: &Root, signs: &mut Vec<Sign>) {
    let field = |name| dmi(root, name).unwrap_or_default();
    let (vendor, product) = (field("sys_vendor"), field("product_name"));
    let described = format!("{vendor} {product}").to_lowercase();
    let proof = format!("DMI says {vendor:?}, {product:?}");
    if let Some((_, kind)) = VIRTUAL_BY_DMI.iter().find(|(mark, _)| described.contains(mark)) {
        signs.push(sign(kind, 4, proof));
    } else if described.starts_with("amazon ec2") {
        // Metal instances carry the cloud's name and run on no hypervisor.
        signs.push(sign(if product.ends_with(".metal") { NONE } else { "kvm" }, 3, proof));
    } else {
        // Who assembles servers of others' parts often leaves his own name out.
        let vendors = [vendor, field("board_vendor")].map(|vendor| vendor.to_lowercase());
        let is_maker = |vendor: &&String| SERVER_MAKERS.iter().any(|maker| vendor.starts_with(maker));
        if let Some(maker) = vendors.iter().find(is_maker) {
            signs.push(sign(NONE, 2, format!("{proof}, and {maker:?} makes servers")));
        }
    }
    let board = ["board_vendor", "bios_vendor"].map(field).join(" ").to_lowercase();
    for (mark, kind) in [("seabios", "kvm"), ("bochs", "kvm"), ("xen", "xen"), ("innotek", "virtualbox")] {
        if board.contains(mark) {
            signs.push(sign(kind, 1, format!("DMI's board and BIOS vendors are {board:?}")));
        }
    }
}

/// CPUID leaf 1, ECX bit 31, which the kernel shows as a flag on x86.
fn by_flag(root: &Root, signs: &mut Vec<Sign>) {
    let cpuinfo = root.head("proc/cpuinfo").unwrap_or_default();
    let Some(flags) = cpuinfo.lines().find(|line| line.starts_with("flags")) else { return };
    if flags.split_whitespace().any(|flag| flag == "hypervisor") {
        signs.push(sign(UNNAMED, 2, "the CPU carries the hypervisor flag".to_owned()));
    } else {
        signs.push(sign(NONE, 2, "the CPU carries no hypervisor flag".to_owned()));
    }
}

fn by_devices(root: &Root, signs: &mut Vec<Sign>) {
    for (bus, kind, weight) in BUSES {
        let devices = root.names(bus).map_or(0, |names| names.len());
        if devices > 0 {
            signs.push(sign(kind, weight, format!("{devices} devices in /{bus}")));
        }
        if devices > 0 && kind == "hyper-v" && signs.iter().any(|sign| sign.kind == NONE) {
            let proof = "guests of Hyper-V carry Microsoft's DMI, and this machine does not".to_owned();
            signs.push(sign(NONE, 2, proof));
        }
    }
    let pci = "sys/bus/pci/devices";
    let vendors: Vec<String> = root
        .names(pci)
        .unwrap_or_default()
        .iter()
        .filter_map(|name| root.text(&format!("{pci}/{name}/vendor")).ok())
        .collect();
    for (vendor, kind) in PCI_VENDORS {
        if vendors.iter().any(|found| found == vendor) {
            signs.push(sign(kind, 2, format!("a PCI device of vendor {vendor}")));
        }
    }
    let file = "sys/devices/system/clocksource/clocksource0/available_clocksource";
    let clocks = root.text(file).unwrap_or_default();
    for (mark, kind) in CLOCKS {
        if clocks.split_whitespace().any(|clock| clock.starts_with(mark)) {
            signs.push(sign(kind, 1, format!("the kernel offers the clock {mark}")));
        }
    }
}

fn by_xen(root: &Root, signs: &mut Vec<Sign>) {
    if root.text("sys/hypervisor/type").is_ok_and(|kind| kind == "xen") {
        let guest =
            root.text("sys/hypervisor/guest_type").map_or_else(|_| String::new(), |t| format!(", guest {t}"));
        signs.push(sign("xen", 4, format!("/sys/hypervisor/type is xen{guest}, and this is not dom0")));
    }
}

/// Device trees, the partitions of POWER and s390: firmware that says outright what it is.
fn by_firmware(root: &Root, signs: &mut Vec<Sign>) {
    if let Ok(kind) = root.text("proc/device-tree/hypervisor/compatible") {
        let named = [("kvm", "kvm"), ("xen", "xen")].into_iter().find(|(mark, _)| kind.contains(mark));
        let proof = format!("the device tree's hypervisor is {:?}", kind.replace('\0', ","));
        signs.push(sign(named.map_or(UNNAMED, |(_, kind)| kind), 4, proof));
    }
    power(root, signs);
    if let Ok(info) = root.text("proc/sysinfo") {
        let line = |name: &str| info.lines().find(|line| line.starts_with(name));
        if let Some(program) = line("VM00 Control Program") {
            let kind = if program.contains("z/VM") { "z/vm" } else { "kvm" };
            signs.push(sign(kind, 4, format!("/proc/sysinfo: {}", squeezed(program))));
        } else if let Some(number) = line("LPAR Number") {
            signs.push(sign(
                "pr/sm",
                4,
                format!("/proc/sysinfo: {}, a partition of PR/SM", squeezed(number)),
            ));
        }
    }
}

fn power(root: &Root, signs: &mut Vec<Sign>) {
    let model = root.text("proc/device-tree/model").unwrap_or_default().to_lowercase();
    let mut cpuinfo = root.head("proc/cpuinfo").unwrap_or_default();
    if cpuinfo.contains("POWER") {
        // The platform stands behind all processors.
        cpuinfo = root.text("proc/cpuinfo").unwrap_or_default();
    }
    let platform = cpuinfo.lines().find_map(|line| line.strip_prefix("platform")?.split_once(": "));
    let platform = platform.map_or("", |(_, name)| name.trim());
    if model.contains("emulated by qemu") {
        signs.push(sign("kvm", 4, "the device tree's model is emulated by qemu".to_owned()));
    } else if root.exists("proc/device-tree/ibm,partition-name") || platform == "pSeries" {
        signs.push(sign("powervm", 4, "a logical partition of POWER: the platform is pSeries".to_owned()));
    } else if platform == "PowerNV" {
        signs.push(sign(NONE, 4, "/proc/cpuinfo: platform PowerNV, POWER without a hypervisor".to_owned()));
    }
}

/// What a hypervisor does not hand to its guests.
fn by_sensors(root: &Root, signs: &mut Vec<Sign>) {
    let hwmon = root.names("sys/class/hwmon").unwrap_or_default();
    let names = hwmon.iter().filter_map(|name| root.text(&format!("sys/class/hwmon/{name}/name")).ok());
    if let Some(sensor) =
        names.into_iter().find(|name| ["coretemp", "k10temp", "fam15h_power"].contains(&name.as_str()))
    {
        signs.push(sign(NONE, 2, format!("the CPU's own thermometer can be read ({sensor})")));
    }
    if root.exists("sys/class/ipmi/ipmi0") || root.exists("dev/ipmi0") {
        signs.push(sign(NONE, 1, "a management controller is there (ipmi0)".to_owned()));
    }
    if root.exists("sys/devices/system/edac/mc/mc0") {
        signs.push(sign(NONE, 1, "the memory controller reports its errors (mc0)".to_owned()));
    }
}

fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
