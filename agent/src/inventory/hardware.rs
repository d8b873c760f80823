//! Hardware: CPU, memory, disks, links, and who made the machine.
// SPDX-License-Identifier: Apache-2.0

use super::Record;
use crate::root::Root;
use crate::sampler::{is_physical_interface, is_whole_disk, local_file_systems};
use std::collections::BTreeSet;

const SECTOR_BYTES: u64 = 512;
const BYTES_PER_S_OF_MBIT: f64 = 125_000.0;
/// What firmware writes where the maker left the field empty.
const PLACEHOLDERS: [&str; 6] = [
    "to be filled by o.e.m.",
    "system manufacturer",
    "system product name",
    "default string",
    "none",
    "not specified",
];

pub(super) fn read(root: &Root, record: &mut Record) {
    cpu(root, record);
    record.number("memory_bytes", memory_bytes(root));
    record.number("disk_bytes", disk_bytes(root));
    record.number("disk_used_bytes", local_file_systems(root));
    record.number("network_bytes_per_s", network_bytes_per_s(root));
    record.text("vendor", dmi(root, "sys_vendor"));
    record.text("model", dmi(root, "product_name"));
}

/// A field of the machine's own description, placeholders taken for what they are.
pub(super) fn dmi(root: &Root, field: &str) -> Result<String, String> {
    let path = format!("sys/class/dmi/id/{field}");
    // Machines without DMI describe themselves in the device tree.
    let text = root.text(&path).or_else(|why| match field {
        "product_name" => root.text("proc/device-tree/model").map_err(|_| why),
        _ => Err(why),
    })?;
    if PLACEHOLDERS.contains(&text.to_lowercase().as_str()) {
        return Err(format!("/{path} holds the placeholder {text:?}"));
    }
    Ok(text)
}

#[derive(Debug, Default, PartialEq)]
struct Cpu {
    model: String,
    mhz: Option<f64>,
    threads: usize,
    sockets: BTreeSet<u32>,
    cores: BTreeSet<(u32, u32)>,
}

fn cpu(root: &Root, record: &mut Record) {
    let cpu = match root.text("proc/cpuinfo") {
        Ok(text) => cpuinfo(&text),
        Err(why) => {
            for name in ["cpu_model", "cpu_sockets", "cpu_cores", "cpu_threads", "cpu_mhz"] {
                record.unknown(name, &why);
            }
            return;
        }
    };
    let count = |n: usize, what: &str| {
        if n > 0 { Ok(n as f64) } else { Err(format!("/proc/cpuinfo names no {what}")) }
    };
    let mhz = base_mhz(root, &cpu);
    record.number("cpu_sockets", count(cpu.sockets.len(), "physical id"));
    record.number("cpu_cores", count(cpu.cores.len(), "core id"));
    record.number("cpu_threads", count(cpu.threads, "processor"));
    record.number("cpu_mhz", mhz.ok_or_else(|| "no base clock in sysfs, model name or cpuinfo".to_owned()));
    record.text("cpu_model", Ok(cpu.model));
}

fn cpuinfo(text: &str) -> Cpu {
    let mut cpu = Cpu::default();
    let (mut socket, mut core) = (None, None);
    for line in text.lines().chain([""]) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.trim();
        match name.trim() {
            "processor" => cpu.threads += 1,
            "model name" | "Model" | "cpu model" if cpu.model.is_empty() => value.clone_into(&mut cpu.model),
            "cpu MHz" | "clock" if cpu.mhz.is_none() => cpu.mhz = value.trim_end_matches("MHz").parse().ok(),
            "physical id" => socket = value.parse::<u32>().ok(),
            "core id" => core = value.parse::<u32>().ok(),
            "" => {
                cpu.sockets.extend(socket);
                cpu.cores.extend(socket.zip(core));
                (socket, core) = (None, None);
            }
            _ => {}
        }
    }
    cpu
}

/// The base clock: what the driver says, else what the model's name says, else the clock of this moment.
fn base_mhz(root: &Root, cpu: &Cpu) -> Option<f64> {
    let driver =
        root.number("sys/devices/system/cpu/cpu0/cpufreq/base_frequency").map(|khz| khz as f64 / 1e3);
    let named = cpu.model.rsplit_once("@ ").and_then(|(_, clock)| {
        let ghz = clock.trim().strip_suffix("GHz")?.trim();
        ghz.parse::<f64>().ok().map(|ghz| (ghz * 1e3).round())
    });
    driver.or(named).or(cpu.mhz).filter(|mhz| *mhz > 0.0)
}

fn memory_bytes(root: &Root) -> Result<f64, String> {
    let text = root.text("proc/meminfo")?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kibibytes = line.and_then(|rest| rest.split_whitespace().next()).and_then(|n| n.parse::<f64>().ok());
    kibibytes.map(|k| k * 1_024.0).ok_or_else(|| "/proc/meminfo has no MemTotal".to_owned())
}

/// Size of all whole disks; several paths to one disk are one disk.
fn disk_bytes(root: &Root) -> Result<f64, String> {
    let mut seen = BTreeSet::new();
    let mut bytes = 0;
    let mut disks = 0;
    for name in root.names("sys/block")?.iter().filter(|name| is_whole_disk(root, name)) {
        let identity =
            ["device/wwid", "wwid"].iter().find_map(|f| root.text(&format!("sys/block/{name}/{f}")).ok());
        if identity.is_some_and(|wwid| !wwid.is_empty() && !seen.insert(wwid)) {
            continue;
        }
        let sectors = root.number(&format!("sys/block/{name}/size")).unwrap_or(0);
        disks += u32::from(sectors > 0);
        bytes += sectors.saturating_mul(SECTOR_BYTES);
    }
    if disks == 0 { Err("no whole disk is visible here".to_owned()) } else { Ok(bytes as f64) }
}

/// What the physical links that are up can carry, one direction.
fn network_bytes_per_s(root: &Root) -> Result<f64, String> {
    let names = root.names("sys/class/net")?;
    let physical: Vec<_> = names.iter().filter(|name| is_physical_interface(root, name)).collect();
    if physical.is_empty() {
        return Err("no physical network interface is visible here".to_owned());
    }
    // A link that is down, or a virtual one, says -1 or nothing.
    let mbit: u64 =
        physical.iter().filter_map(|name| root.number(&format!("sys/class/net/{name}/speed"))).sum();
    if mbit == 0 {
        return Err(format!("none of {} physical interfaces says its speed", physical.len()));
    }
    Ok(mbit as f64 * BYTES_PER_S_OF_MBIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_counted_across_sockets() {
        let thread = |n: u32, socket: u32, core: u32| {
            format!(
                "processor\t: {n}\nmodel name\t: Xeon X5650 @ 2.67GHz\ncpu MHz\t\t: 1596.0\nphysical id\t: {socket}\ncore id\t\t: {core}\n\n"
            )
        };
        let text = [thread(0, 0, 0), thread(1, 0, 1), thread(2, 1, 0), thread(3, 0, 0)].concat();
        let cpu = cpuinfo(&text);
        assert_eq!((cpu.threads, cpu.sockets.len(), cpu.cores.len()), (4, 2, 3));
        assert_eq!(base_mhz(&Root::new("/nonexistent"), &cpu), Some(2_670.0));
    }
}
