//! `explain`: every field that would leave this host, and what it says; there is no other.
// SPDX-License-Identifier: Apache-2.0

use super::once::unit;
use super::{Arguments, Exit, Terminal, print_json};
use cairn_schemas::fact::FACTS;
use cairn_schemas::metric::{METRICS, Metric, Scope};
use serde::Serialize;

/// Facts the agent reads; the others of the catalogue come from people and imports.
const READ_HERE: [&str; 23] = [
    "cpu_model",
    "cpu_sockets",
    "cpu_cores",
    "cpu_threads",
    "cpu_threads_offline",
    "numa_nodes",
    "cpu_mhz",
    "memory_bytes",
    "disk_bytes",
    "disk_used_bytes",
    "network_bytes_per_s",
    "architecture",
    "os",
    "kernel",
    "firmware",
    "vendor",
    "model",
    "virtualization",
    "hypervisor_role",
    "special_hardware",
    "move_needs",
    "shared_disk",
    "cluster",
];
/// Facts the agent states only when it has proof.
const READ_IF_PROVEN: [&str; 4] = ["time_critical", "role", "cluster_role", "serial"];

const ENVELOPE: [(&str, &str); 9] = [
    ("agent_id", "Identity given at enrolment, so that the collector knows whose samples these are."),
    ("spool_id, seq", "Number of the batch, so that none is lost and none counted twice."),
    ("sealed_at", "When the batch was sealed, by this host's clock."),
    (
        "gaps",
        "Stretches without samples and their reasons, so that missing time is never taken for idle time.",
    ),
    ("hostname", "At enrolment and in the inventory, for people; never a key."),
    ("fingerprint", "At enrolment: a hash that shows copies of a machine; the machine id itself stays here."),
    (
        "bundle",
        "Around a bundle of `collect`: the above, the public key, agent version, engagement, when it was begun and \
         ended, how many batches; so that nothing is taken out or moved on its way.",
    ),
    ("public_key", "At enrolment and when another key is made: the half of it that is no secret."),
    ("signature", "Made with the key of this host, so that nobody else can speak for it."),
];

/// A field that can leave this host.
#[derive(Serialize)]
pub(super) struct Field {
    pub(super) field: &'static str,
    kind: &'static str,
    pub(super) unit: &'static str,
    pub(super) why: &'static str,
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let fields = fields();
    if arguments.json {
        print_json(terminal.out, &fields)?;
        return Ok(Exit::Done);
    }
    let mut kind = "";
    for field in &fields {
        if field.kind != kind {
            writeln!(terminal.out, "{}{}", if kind.is_empty() { "" } else { "\n" }, heading(field.kind))?;
            kind = field.kind;
        }
        writeln!(terminal.out, "  {:<30} {:<8} {}", field.field, field.unit, field.why)?;
    }
    writeln!(
        terminal.out,
        "\nNever: command lines, environments, users, file names; of files, nothing beyond the system's own \
         description\nand the name of a failover cluster."
    )?;
    Ok(Exit::Done)
}

fn heading(kind: &str) -> &'static str {
    match kind {
        "server" => "Each second, sent as the mean and the largest second of each minute:",
        "device" => "The same of each device and in sum:",
        "fact" => "Once, and when it changes:",
        _ => "Around each batch:",
    }
}

/// Every field that can leave this host.
pub(super) fn fields() -> Vec<Field> {
    let metrics = |server: bool| METRICS.iter().filter(move |m| (m.scope == Scope::Server) == server);
    let metric = |kind: &'static str| {
        move |m: &Metric| Field { field: m.name, kind, unit: unit(m.unit), why: m.meaning }
    };
    let facts = FACTS.iter().filter(|f| READ_HERE.contains(&f.name) || READ_IF_PROVEN.contains(&f.name));
    let facts = facts.map(|f| Field { field: f.name, kind: "fact", unit: f.unit(), why: f.meaning });
    let envelope = ENVELOPE.iter().map(|(field, why)| Field { field, kind: "envelope", unit: "", why });
    metrics(true)
        .map(metric("server"))
        .chain(metrics(false).map(metric("device")))
        .chain(facts)
        .chain(envelope)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory;
    use crate::root::Root;
    use cairn_schemas::time::Timestamp;

    #[test]
    fn every_fact_that_can_be_sent_is_explained() {
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
        let stacked = Root::new(format!("{fixtures}/stacked"));
        let mut read = vec![
            inventory::read(&stacked, Timestamp(0)),
            inventory::privileged::read(&stacked, Timestamp(0)),
        ];
        for host in std::fs::read_dir(format!("{fixtures}/hosts")).unwrap() {
            let tree = inventory::testing::tree(&std::fs::read_to_string(host.unwrap().path()).unwrap());
            read.push(inventory::read(&tree.root(), Timestamp(0)));
        }
        let fields = fields();
        for name in read.iter().flat_map(|read| read.facts.keys().chain(read.unknown.keys())) {
            assert!(fields.iter().any(|field| field.field == name), "{name} is not explained");
        }
        for metric in METRICS {
            assert!(
                fields.iter().any(|field| field.field == metric.name),
                "{} is not explained",
                metric.name
            );
        }
    }
}
