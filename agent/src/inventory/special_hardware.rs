//! What is attached that a virtual machine cannot have, or only by giving up moving between hosts: licence
//! dongles, accelerators, hardware security modules, tape drives, telephony, and network cards that a program
//! drives itself. `none` is only said when the buses could be read.
// SPDX-License-Identifier: Apache-2.0

mod known;

use super::{Found, Record, joined, text_fact};
use crate::root::Root;
use known::{CLASSES, DONGLES, DRIVEN_BY_PROGRAMS, Kind, ON_BOARD_SCREENS, VENDORS};

const USB: &str = "sys/bus/usb/devices";
const PCI: &str = "sys/bus/pci/devices";
/// SCSI device types (SPC-4, peripheral device type).
const SCSI_TAPE: u64 = 1;
const SCSI_CHANGER: u64 = 8;

pub(super) fn read(root: &Root, record: &mut Record) {
    let mut found = Vec::new();
    let buses = [usb(root, &mut found), pci(root, &mut found)];
    tapes(root, &mut found);
    if !found.is_empty() {
        let (value, proof) = joined(&found);
        record.fact("special_hardware", value);
        record.evidence("special_hardware", &proof);
        return;
    }
    match buses.into_iter().collect::<Result<Vec<_>, _>>() {
        Ok(counts) => {
            record.fact("special_hardware", text_fact("none"));
            let proof =
                format!("{} USB and {} PCI devices read, none of the known kinds", counts[0], counts[1]);
            record.evidence("special_hardware", &proof);
        }
        Err(why) => record.unknown("special_hardware", &why),
    }
}

fn usb(root: &Root, found: &mut Vec<Found>) -> Result<usize, String> {
    let names = match root.names(USB) {
        Ok(names) => names,
        // A kernel that shows its buses and has no USB has no USB devices.
        Err(_) if root.exists(PCI) => return Ok(0),
        Err(why) => return Err(why),
    };
    for name in &names {
        let vendor = root.text(&format!("{USB}/{name}/idVendor")).unwrap_or_default();
        if let Some((_, what)) = DONGLES.iter().find(|(id, _)| *id == vendor) {
            let product = root.text(&format!("{USB}/{name}/idProduct")).unwrap_or_default();
            let proof = format!("/{USB}/{name} is USB {vendor}:{product}");
            found.push(Found { what: (*what).to_owned(), proof, fix: Kind::Dongle.fix() });
        }
    }
    Ok(names.len())
}

fn pci(root: &Root, found: &mut Vec<Found>) -> Result<usize, String> {
    let names = root.names(PCI)?;
    for name in &names {
        let device = Device::read(root, name);
        if let Some((what, kind)) = device.special() {
            let Device { class, vendor, .. } = &device;
            let driver =
                device.driver.as_deref().map_or(String::new(), |driver| format!(", driver {driver}"));
            let proof = format!("/{PCI}/{name} is PCI class {class}, vendor {vendor}{driver}");
            found.push(Found { what: what.to_owned(), proof, fix: kind.fix() });
        }
    }
    Ok(names.len())
}

/// A PCI device as the kernel describes it.
#[derive(Debug, Default)]
struct Device {
    class: String,
    vendor: String,
    device: String,
    driver: Option<String>,
    is_boot_screen: bool,
    virtual_functions: u64,
}

impl Device {
    fn read(root: &Root, name: &str) -> Self {
        let text = |file: &str| root.text(&format!("{PCI}/{name}/{file}")).unwrap_or_default();
        let number = |file: &str| root.number(&format!("{PCI}/{name}/{file}")).unwrap_or(0);
        Self {
            class: text("class"),
            vendor: text("vendor"),
            device: text("device"),
            driver: root.link_name(&format!("{PCI}/{name}/driver")),
            is_boot_screen: number("boot_vga") == 1,
            virtual_functions: number("sriov_numvfs"),
        }
    }

    fn special(&self) -> Option<(&'static str, Kind)> {
        let by_vendor = VENDORS.iter().find(|(vendor, ..)| *vendor == self.vendor);
        let by_class = CLASSES.iter().find(|(class, ..)| self.class.starts_with(class));
        by_vendor
            .or(by_class)
            .map(|(_, what, kind)| (*what, *kind))
            .or_else(|| self.is_gpu().then_some(("GPU", Kind::Accelerator)))
            .or_else(|| {
                self.is_driven_by_a_program()
                    .then_some(("network card driven by a program (DPDK)", Kind::Network))
            })
            .or_else(|| {
                (self.virtual_functions > 0).then_some(("virtual functions in use (SR-IOV)", Kind::Network))
            })
    }

    /// A screen is no accelerator: neither the chip on the board, nor the only card of a desktop, unless the
    /// maker's own driver for computing runs it.
    fn is_gpu(&self) -> bool {
        let accelerates =
            matches!(self.vendor.as_str(), "0x10de" | "0x1002") && self.class.starts_with("0x0300");
        let for_computing = self.driver.as_deref() == Some("nvidia");
        let on_board = ON_BOARD_SCREENS.contains(&self.device.as_str());
        accelerates && !on_board && (!self.is_boot_screen || for_computing)
    }

    fn is_driven_by_a_program(&self) -> bool {
        let driver = self.driver.as_deref().unwrap_or_default();
        self.class.starts_with("0x02") && DRIVEN_BY_PROGRAMS.contains(&driver)
    }
}

fn tapes(root: &Root, found: &mut Vec<Found>) {
    let mut add = |what: &str, proof: String| {
        found.push(Found { what: what.to_owned(), proof, fix: Kind::Tape.fix() });
    };
    let is_drive = |name: &&String| name.strip_prefix("st").is_some_and(|n| n.parse::<u32>().is_ok());
    let drives = root.names("sys/class/scsi_tape").unwrap_or_default();
    // Each drive has eight names, one a mode; `st0` is the drive.
    for name in drives.iter().filter(is_drive) {
        add("tape drive", format!("/sys/class/scsi_tape/{name} is there"));
    }
    let folder = "sys/bus/scsi/devices";
    for name in root.names(folder).unwrap_or_default() {
        match root.number(&format!("{folder}/{name}/type")) {
            Some(SCSI_CHANGER) => add("tape library", format!("/{folder}/{name} is SCSI type 8")),
            // The driver of tapes is not loaded, the drive is there all the same.
            Some(SCSI_TAPE) if drives.is_empty() => {
                add("tape drive", format!("/{folder}/{name} is SCSI type 1"))
            }
            _ => {}
        }
    }
}

#[cfg(test)]
#[path = "special_hardware/special_hardware_tests.rs"]
mod tests;
