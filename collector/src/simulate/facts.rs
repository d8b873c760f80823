//! What is known of a simulated server besides its load: what an agent would have read, and what people
//! would have entered, with the holes such knowledge has.
// SPDX-License-Identifier: Apache-2.0

use super::absence::Absences;
use super::kind::{Card, Plant};
use super::machine::Machine;
use super::stream::{Stream, Topic};
use super::{MEMORY_UPGRADE_FACTOR, Population, SOURCE};
use cairn_schemas::fact::{Fact, FactValue, entry_of};
use cairn_schemas::time::Timestamp;

/// Where a server stands; shared by the nodes of a cluster.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) site: &'static str,
    pub(super) zone: &'static str,
}

impl Place {
    /// Two sites; the smaller one has no DMZ of its own.
    pub(super) fn draw(card: &Card, stream: &mut Stream) -> Self {
        let zone = if card.kind.dmz { "DMZ" } else { "internal" };
        let main = stream.chance(0.65) || card.kind.dmz;
        Self { site: if main { "Riverside" } else { "Hilltop" }, zone }
    }
}

const DEPARTMENTS: &[&str] = &["Finance", "Sales", "Logistics", "Engineering", "Human Resources"];
const OLD_SYSTEMS: &[(&str, &str)] = &[("CentOS Linux 6.10", "2.6.32-754.el6.x86_64")];
const SYSTEMS: &[(&str, &str)] = &[
    ("Ubuntu 20.04.6 LTS", "5.4.0-190-generic"),
    ("Ubuntu 22.04.5 LTS", "5.15.0-119-generic"),
    ("Red Hat Enterprise Linux 7.9", "3.10.0-1160.el7.x86_64"),
    ("Red Hat Enterprise Linux 8.10", "4.18.0-553.el8.x86_64"),
    ("Debian GNU/Linux 12 (bookworm)", "6.1.0-25-amd64"),
    ("Windows Server 2016 Standard", "10.0.14393"),
    ("Windows Server 2019 Standard", "10.0.17763"),
];

/// Facts as they are written down.
struct Sheet {
    observed_at: Timestamp,
    facts: Vec<(String, Fact)>,
}

impl Sheet {
    /// A fact its owner stands for.
    fn confirmed(&mut self, name: &str, value: FactValue) {
        self.add(name, value, None);
        if let Some((_, fact)) = self.facts.last_mut() {
            fact.confirmed_by = Some("simulated owner".to_owned());
        }
    }

    fn add(&mut self, name: &str, value: FactValue, valid_from: Option<Timestamp>) {
        let unit = match value {
            FactValue::Number(_) => entry_of(name).map_or("", |entry| entry.unit()),
            _ => "",
        };
        let fact = Fact {
            value,
            unit: unit.to_owned(),
            source: SOURCE.to_owned(),
            observed_at: self.observed_at,
            valid_from,
            confirmed_by: None,
        };
        self.facts.push((name.to_owned(), fact));
    }

    fn text(&mut self, name: &str, value: &str) {
        self.add(name, FactValue::Text(value.to_owned()), None);
    }

    fn number(&mut self, name: &str, value: f64) {
        self.add(name, FactValue::Number(value), None);
    }

    fn flag(&mut self, name: &str, value: bool) {
        self.add(name, FactValue::Bool(value), None);
    }
}

/// Everything known of a server.
pub(super) fn of(
    population: &Population,
    index: usize,
    card: &Card,
    (place, machine): (&Place, &Machine),
    absences: &Absences,
) -> Vec<(String, Fact)> {
    let mut stream = Stream::new(population.seed, Topic::People, index, 0);
    let mut sheet = Sheet { observed_at: population.window.to, facts: Vec::new() };
    sheet.text("site", place.site);
    sheet.text("zone", place.zone);
    let it_owned = stream.chance(card.kind.it_owned_ratio);
    people(&mut sheet, card, it_owned, &mut stream);
    if card.kind.plant == Plant::NeverMeasured {
        return sheet.facts;
    }
    hardware(&mut sheet, card, machine, absences);
    system(&mut sheet, card, machine, &mut stream);
    gates(&mut sheet, card, it_owned, &mut stream);
    purchase(&mut sheet, machine, &mut stream);
    if matches!(card.kind.plant, Plant::ClusterActive | Plant::ClusterStandby) {
        sheet.text("cluster", &format!("sim-ha-{:04}", card.lead + 1));
        let active = card.kind.plant == Plant::ClusterActive;
        sheet.text("cluster_role", if active { "active" } else { "standby" });
    } else {
        sheet.text("cluster", "none");
    }
    sheet.facts
}

/// Owner, role and use. One business server in ten has no known owner, one in five has agreed to the move.
fn people(sheet: &mut Sheet, card: &Card, it_owned: bool, stream: &mut Stream) {
    let owner = if it_owned { "IT" } else { stream.pick(DEPARTMENTS) };
    let (owner_known, agreed) = (it_owned || !stream.chance(0.10), stream.chance(0.20));
    if owner_known {
        sheet.text("owner", owner);
    }
    if owner_known && !it_owned && agreed {
        sheet.flag("owner_agreed", true);
    }
    // The nodes of a cluster do the same work.
    let role = if card.kind.prefix == "ha" {
        card.kind.roles[card.lead % card.kind.roles.len()]
    } else {
        stream.pick(card.kind.roles)
    };
    if !stream.chance(0.05) {
        sheet.text("role", role);
    }
    let test = card.kind.plant == Plant::OffAtNight;
    sheet.text("environment", if test { "test" } else { "production" });
    if card.kind.plant == Plant::Retiring {
        sheet.confirmed("retire", FactValue::Bool(true));
    }
}

fn hardware(sheet: &mut Sheet, card: &Card, machine: &Machine, absences: &Absences) {
    let model = machine.model;
    sheet.text("vendor", model.vendor);
    sheet.text("model", model.model);
    sheet.text("cpu_model", model.cpu_model);
    sheet.text("architecture", model.architecture);
    sheet.text("firmware", model.firmware);
    sheet.number("cpu_sockets", f64::from(model.sockets));
    sheet.number("cpu_cores", f64::from(model.cores));
    sheet.number("cpu_threads", f64::from(model.threads));
    sheet.number("cpu_mhz", f64::from(model.mhz));
    sheet.number("memory_bytes", machine.memory_bytes);
    if card.kind.plant == Plant::MemoryUpgrade {
        let more = FactValue::Number(machine.memory_bytes * MEMORY_UPGRADE_FACTOR);
        sheet.add("memory_bytes", more, Some(absences.upgrade_at));
    }
    sheet.number("disk_bytes", machine.disk_bytes);
    sheet.number("disk_bytes_per_s", model.disk_mb_per_s * 1e6);
    sheet.number("network_bytes_per_s", model.network_gbit * 1.25e8);
}

fn system(sheet: &mut Sheet, card: &Card, machine: &Machine, stream: &mut Stream) {
    let old = stream.chance(0.03);
    let (os, kernel) = match (machine.model.architecture, card.kind.plant) {
        ("x86_64", Plant::UnsupportedOs) => &("Windows NT 4.0 Server", "4.0.1381"),
        ("x86_64", Plant::Hypervisor) => &("Debian GNU/Linux 12 (bookworm)", "6.1.0-25-amd64"),
        ("x86_64", _) => stream.pick(if old { OLD_SYSTEMS } else { SYSTEMS }),
        _ => &("SUSE Linux Enterprise Server 12 SP5", "4.12.14-122-default"),
    };
    sheet.text("os", os);
    sheet.text("kernel", kernel);
    sheet.number("disk_used_bytes", (machine.disk_bytes * stream.between((0.15, 0.65))).round());
}

/// The gates: known clear for most servers, proven for the planted ones, and for some nobody has said yet;
/// what vendors support is asked last, and by the departments more slowly than by IT.
fn gates(sheet: &mut Sheet, card: &Card, it_owned: bool, stream: &mut Stream) {
    let plant = card.kind.plant;
    sheet.text("virtualization", if plant == Plant::AlreadyVirtual { "vmware" } else { "none" });
    sheet.flag("hypervisor_role", plant == Plant::Hypervisor);
    sheet.flag("appliance", plant == Plant::Appliance);
    sheet.flag("time_critical", false);
    sheet.flag("shared_disk", false);
    sheet.text("move_needs", "none");
    let (hardware_unread, support_unasked) =
        (stream.chance(0.04), stream.chance(if it_owned { 0.06 } else { 0.40 }));
    if plant == Plant::Dongle {
        let proof = "USB licence key 0529:0001 (Aladdin HASP): /sys/bus/usb/devices/1-4/idVendor";
        sheet.text("special_hardware", proof);
    } else if !hardware_unread {
        sheet.text("special_hardware", "none");
    }
    if plant == Plant::UnsupportedOs {
        sheet.text("hypervisor_support", "forbidden");
    }
    if plant == Plant::VendorForbids {
        sheet.text("vendor_support", "forbidden");
    } else if !support_unasked {
        sheet.text("vendor_support", "ok");
    }
}

/// Five years of warranty from the purchase on, as was usual, and what support costs after it.
fn purchase(sheet: &mut Sheet, machine: &Machine, stream: &mut Stream) {
    let (year, month) = machine.bought;
    sheet.text("purchase_date", &format!("{year:04}-{month:02}-01"));
    sheet.text("warranty_end", &format!("{:04}-{month:02}-01", year + 5));
    let cost = 250.0 + f64::from(machine.model.cores) * stream.between((60.0, 100.0));
    sheet.number("annual_maintenance_cost", cost.round());
}
