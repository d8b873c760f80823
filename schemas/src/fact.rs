//! Facts: everything known about a server that is not a series, each with where it came from and since
//! when it holds. `FACTS` is the catalogue; further columns of an import become tags.
// SPDX-License-Identifier: Apache-2.0

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The value of a fact. JSON: a bare number, text or boolean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum FactValue {
    /// Yes or no.
    Bool(bool),
    /// A number in the unit of the catalogue.
    Number(f64),
    /// Text.
    Text(String),
}

impl FactValue {
    /// The number, if it is one.
    #[must_use]
    pub const fn as_number(&self) -> Option<f64> {
        if let Self::Number(n) = self { Some(*n) } else { None }
    }

    /// The text, if it is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(t) = self { Some(t) } else { None }
    }

    /// The boolean, if it is one.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(b) = self { Some(*b) } else { None }
    }
}

/// One thing known about a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Fact {
    /// What.
    pub value: FactValue,
    /// Unit of a number; empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Where it came from: `agent`, `import csv servers.csv:12`, `person`, `simulated`.
    pub source: String,
    /// When it was seen or entered.
    pub observed_at: Timestamp,
    /// Since when it holds; `None`: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    /// The person who confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<String>,
}

/// Facts of one server by name, each a list ascending by `valid_from`.
pub type Facts = BTreeMap<String, Vec<Fact>>;

/// The kind of a fact's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// Free text.
    Text,
    /// A number, finite and not negative, in the unit named.
    Number(&'static str),
    /// `true`/`false`, `yes`/`no`, `1`/`0`.
    Bool,
    /// RFC 3339 date or time, kept as text.
    Date,
}

/// One entry of the fact catalogue.
#[derive(Clone, Copy, Debug)]
pub struct FactEntry {
    /// Name, also the CSV column.
    pub name: &'static str,
    /// Kind of value.
    pub kind: FactKind,
    /// What it says.
    pub meaning: &'static str,
}

const fn entry(name: &'static str, kind: FactKind, meaning: &'static str) -> FactEntry {
    FactEntry { name, kind, meaning }
}

use FactKind::{Bool, Date, Number, Text};

/// Every known fact, in reading order. A column of `servers.csv` that is not here becomes a tag.
pub const FACTS: &[FactEntry] = &[
    entry("name", Text, "Display name, where it differs from the server's key."),
    entry("cpu_model", Text, "CPU model as the system names it."),
    entry("cpu_sockets", Number("sockets"), "Populated sockets."),
    entry("cpu_cores", Number("cores"), "Physical cores, all sockets."),
    entry("cpu_threads", Number("threads"), "Logical CPUs, all sockets."),
    entry("cpu_threads_offline", Number("threads"), "Logical CPUs that are there and switched off."),
    entry("numa_nodes", Number("nodes"), "NUMA nodes that have processors."),
    entry("cpu_mhz", Number("MHz"), "Base clock of a core."),
    entry("memory_bytes", Number("bytes"), "Installed memory."),
    entry("disk_bytes", Number("bytes"), "Size of all whole disks."),
    entry("disk_used_bytes", Number("bytes"), "Bytes in use on local file systems."),
    entry("disk_bytes_per_s", Number("bytes/s"), "What the disks can deliver."),
    entry("network_bytes_per_s", Number("bytes/s"), "What the physical links can carry, one direction."),
    entry("architecture", Text, "x86_64, aarch64, s390x and so on."),
    entry("os", Text, "Operating system and version."),
    entry("kernel", Text, "Kernel release."),
    entry("firmware", Text, "uefi or bios."),
    entry("vendor", Text, "Maker of the machine."),
    entry("model", Text, "Product name of the machine."),
    entry("serial", Text, "Serial number of the machine, to join it with what a CMDB knows."),
    entry("fqdn", Text, "Its full name in DNS, to join it with what a CMDB knows."),
    entry("mac", Text, "MAC addresses of its interfaces, parted by commas, for the same."),
    entry("virtualization", Text, "none for bare metal; else the hypervisor or container it runs in."),
    entry("hypervisor_role", Bool, "Whether it is itself a hypervisor host."),
    entry(
        "special_hardware",
        Text,
        "none, or what is attached that a virtual machine cannot have, with its proof.",
    ),
    entry(
        "move_needs",
        Text,
        "none, or what a move must provide for: storage networks, missing drivers, encrypted disks, serial devices.",
    ),
    entry("shared_disk", Bool, "Whether a disk is shared with another server."),
    entry(
        "vendor_support",
        Text,
        "ok, or forbidden: what the application's vendor says of virtual machines.",
    ),
    entry(
        "hypervisor_support",
        Text,
        "ok, or forbidden: what the hypervisor's maker says of its operating system, where no list of guests names it.",
    ),
    entry("appliance", Bool, "Whether it is a turnkey appliance."),
    entry("time_critical", Bool, "Whether it runs a real-time kernel or must not pause."),
    entry("site", Text, "Site or data centre."),
    entry("zone", Text, "Security zone."),
    entry("licence_pool", Text, "Licence pool its software is bound to."),
    entry("owner", Text, "Who owns it: a person or a department; `IT` for the IT department itself."),
    entry("owner_agreed", Bool, "Whether the owner has agreed to the move."),
    entry("role", Text, "What it does: web, file, database, java, domain_controller and so on."),
    entry("environment", Text, "production, test, development."),
    entry("application", Text, "Application it belongs to."),
    entry("vlan", Text, "Network it is in."),
    entry(
        "cluster",
        Text,
        "Failover cluster it is a node of, as its configuration names it; none where it is known to be in none.",
    ),
    entry("cluster_role", Text, "active, standby, or the like."),
    entry("affinity", Text, "Group of servers that must share a host."),
    entry("pinned_site", Text, "Site it must run at in the plan, whatever site it is at today."),
    entry("keep_physical", Text, "Why it stays physical, as its owner decided."),
    entry(
        "database",
        Text,
        "Database licensed by cores: oracle_enterprise, sql_server_enterprise, sql_server_standard.",
    ),
    entry("dr_pair", Text, "Server that takes over from it at another site."),
    entry("criticality", Text, "high, medium, low."),
    entry("rto", Text, "Recovery time required."),
    entry("rpo", Text, "Recovery point required."),
    entry("change_window", Text, "When it may be changed."),
    entry("data_class", Text, "Class of data it holds."),
    entry("purchase_date", Date, "When it was bought."),
    entry("warranty_end", Date, "When its warranty ends."),
    entry("lease_end", Date, "When its lease ends."),
    entry("annual_maintenance_cost", Number("currency/year"), "What its maintenance costs a year."),
    entry("maintenance_end", Date, "Until when its maintenance contract runs."),
    entry("annual_lease_cost", Number("currency/year"), "What its lease costs a year."),
    entry("book_value", Number("currency"), "What it is still worth in the books."),
    entry("moved_from", Text, "Server it is a copy of, as its agent found out."),
    entry("identity_conflict", Text, "When another machine last used the identity of its agent."),
    entry("last_login", Date, "When somebody last logged in to it, as a directory or its own log knows."),
    entry("owner_asked", Date, "When its owner was asked whether anybody needs it."),
    entry("retire", Bool, "Whether its owner has confirmed that it will be switched off."),
];

/// Prefix of a fact that is a tag: `tag.rack` for an unknown column `rack`.
pub const TAG_PREFIX: &str = "tag.";

/// The catalogue entry of a name.
#[must_use]
pub fn entry_of(name: &str) -> Option<&'static FactEntry> {
    FACTS.iter().find(|entry| entry.name == name)
}

impl FactEntry {
    /// Reads a value of this entry's kind from text.
    ///
    /// # Errors
    /// The text is not of the kind; the message names what was expected.
    pub fn parse(&self, text: &str) -> Result<FactValue, String> {
        let text = text.trim();
        match self.kind {
            Text => Ok(FactValue::Text(text.to_owned())),
            Number(unit) => match text.parse::<f64>() {
                Ok(n) if n.is_finite() && n >= 0.0 => Ok(FactValue::Number(n)),
                Ok(_) => Err(format!("{text:?} is out of range for a number of {unit}")),
                Err(_) => Err(format!("{text:?} is not a number of {unit}")),
            },
            Bool => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "y" | "1" => Ok(FactValue::Bool(true)),
                "false" | "no" | "n" | "0" => Ok(FactValue::Bool(false)),
                _ => Err(format!("{text:?} is neither yes nor no")),
            },
            Date => {
                let moment = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
                Timestamp::parse_rfc3339(&moment).map(|_| FactValue::Text(text.to_owned()))
            }
        }
    }

    /// The unit of a number, empty otherwise.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        if let Number(unit) = self.kind { unit } else { "" }
    }
}

/// The value of a fact that holds at a moment: the last one valid from then or earlier.
#[must_use]
pub fn at<'a>(facts: &'a Facts, name: &str, moment: Timestamp) -> Option<&'a Fact> {
    let dated = facts.get(name)?;
    dated.iter().rev().find(|fact| fact.valid_from.is_none_or(|from| from <= moment)).or(dated.first())
}

/// The latest value of a fact.
#[must_use]
pub fn latest<'a>(facts: &'a Facts, name: &str) -> Option<&'a Fact> {
    facts.get(name).and_then(|dated| dated.last())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_by_kind() {
        let parse = |name: &str, text: &str| entry_of(name).unwrap().parse(text);
        assert_eq!(parse("cpu_cores", " 8 "), Ok(FactValue::Number(8.0)));
        assert!(parse("cpu_cores", "-1").unwrap_err().contains("out of range"));
        assert!(parse("memory_bytes", "64GB").unwrap_err().contains("not a number of bytes"));
        assert_eq!(parse("retire", "Yes"), Ok(FactValue::Bool(true)));
        assert!(parse("warranty_end", "31.12.2026").is_err());
        assert!(parse("warranty_end", "2026-12-31").is_ok());
    }

    #[test]
    fn the_fact_of_a_day_is_the_last_one_before_it() {
        let fact = |n: f64, from: Option<i64>| Fact {
            value: FactValue::Number(n),
            unit: String::new(),
            source: "test".into(),
            observed_at: Timestamp(0),
            valid_from: from.map(Timestamp),
            confirmed_by: None,
        };
        let facts = Facts::from([("cpu_cores".to_owned(), vec![fact(4.0, None), fact(8.0, Some(100))])]);
        let cores = |t| at(&facts, "cpu_cores", Timestamp(t)).unwrap().value.as_number();
        assert_eq!((cores(99), cores(100)), (Some(4.0), Some(8.0)));
        assert_eq!(latest(&facts, "cpu_cores").unwrap().value.as_number(), Some(8.0));
    }
}
