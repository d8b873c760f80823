//! What is attached that a virtual machine cannot easily have: licence dongles, accelerators, tape and fibre
//! channel adapters, hardware security modules. `none` is only said when the buses could be read.
// SPDX-License-Identifier: Apache-2.0

use super::Record;
use crate::root::Root;
use cairn_schemas::fact::FactValue;

/// USB vendors whose devices are licence dongles or signing tokens (USB ID repository, linux-usb.org/usb.ids).
const DONGLE_VENDORS: [(&str, &str); 8] = [
    ("0529", "Aladdin/SafeNet HASP dongle"),
    ("064f", "WIBU-SYSTEMS CodeMeter dongle"),
    ("04b9", "SafeNet Sentinel dongle"),
    ("08e2", "MARX CRYPTO-BOX dongle"),
    ("096e", "Feitian token"),
    ("1bc0", "SenseLock dongle"),
    ("3689", "Guardant dongle"),
    ("0a89", "Guardant dongle"),
];

/// PCI classes, six hexadecimal digits of which the first four decide (PCI code and ID assignment 1.11).
const PCI_CLASSES: [(&str, &str); 5] = [
    ("0x0302", "GPU (3D controller)"),
    ("0x0c04", "fibre channel adapter"),
    ("0x0207", "InfiniBand adapter"),
    ("0x1000", "encryption controller"),
    ("0x1200", "processing accelerator"),
];

/// Display controllers of these vendors are accelerators; those of others are the board's own screen.
const GPU_VENDORS: [&str; 2] = ["0x10de", "0x1002"];

pub(super) fn read(root: &Root, record: &mut Record) {
    let mut found = Vec::new();
    let buses = [usb(root, &mut found), pci(root, &mut found)];
    tapes(root, &mut found);
    if !found.is_empty() {
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        let proofs: Vec<&str> = found.iter().map(|(_, proof)| proof.as_str()).collect();
        record.text("special_hardware", Ok(names.join(", ")));
        record.evidence("special_hardware", &proofs.join("; "));
        return;
    }
    match buses.into_iter().collect::<Result<Vec<_>, _>>() {
        Ok(counts) => {
            record.fact("special_hardware", FactValue::Text("none".to_owned()));
            let proof =
                format!("{} USB and {} PCI devices read, none of the known kinds", counts[0], counts[1]);
            record.evidence("special_hardware", &proof);
        }
        Err(why) => record.unknown("special_hardware", &why),
    }
}

fn usb(root: &Root, found: &mut Vec<(String, String)>) -> Result<usize, String> {
    let bus = "sys/bus/usb/devices";
    let names = match root.names(bus) {
        Ok(names) => names,
        // A kernel that shows its buses and has no USB has no USB devices.
        Err(_) if root.exists("sys/bus/pci/devices") => return Ok(0),
        Err(why) => return Err(why),
    };
    for name in &names {
        let vendor = root.text(&format!("{bus}/{name}/idVendor")).unwrap_or_default();
        if let Some((_, kind)) = DONGLE_VENDORS.iter().find(|(id, _)| *id == vendor) {
            let product = root.text(&format!("{bus}/{name}/idProduct")).unwrap_or_default();
            found.push(((*kind).to_owned(), format!("/{bus}/{name} is USB {vendor}:{product}")));
        }
    }
    Ok(names.len())
}

fn pci(root: &Root, found: &mut Vec<(String, String)>) -> Result<usize, String> {
    let bus = "sys/bus/pci/devices";
    let names = root.names(bus)?;
    for name in &names {
        let class = root.text(&format!("{bus}/{name}/class")).unwrap_or_default();
        let vendor = root.text(&format!("{bus}/{name}/vendor")).unwrap_or_default();
        let known = PCI_CLASSES.iter().find(|(prefix, _)| class.starts_with(prefix)).map(|(_, kind)| *kind);
        let gpu = class.starts_with("0x0300") && GPU_VENDORS.contains(&vendor.as_str());
        if let Some(kind) = known.or(gpu.then_some("GPU")) {
            found.push((kind.to_owned(), format!("/{bus}/{name} is PCI class {class}, vendor {vendor}")));
        }
    }
    Ok(names.len())
}

fn tapes(root: &Root, found: &mut Vec<(String, String)>) {
    let names = root.names("sys/class/scsi_tape").unwrap_or_default();
    // Each drive has eight names, one a mode; `st0` is the drive.
    for name in names.iter().filter(|name| name.strip_prefix("st").is_some_and(|n| n.parse::<u32>().is_ok()))
    {
        found.push(("tape drive".to_owned(), format!("/sys/class/scsi_tape/{name} is there")));
    }
}
