//! Processors: how many sockets, cores and threads are online, how many are switched off, how many NUMA nodes
//! they sit in, what they are called and how fast they are without boost.
// SPDX-License-Identifier: Apache-2.0

mod clock;
mod cpuinfo;
mod list;
mod model;
mod topology;

use super::Record;
use super::privileged::Privileged;
use crate::root::Root;
use cairn_schemas::fact::FactValue;
use cpuinfo::CpuInfo;

const SYS_CPU: &str = "sys/devices/system/cpu";
const SYS_NODE: &str = "sys/devices/system/node";

pub(super) fn read(root: &Root, privileged: &Privileged, record: &mut Record) {
    let cpuinfo = root.text("proc/cpuinfo").map(|text| CpuInfo::parse(&text));
    counts(root, &cpuinfo, record);
    if let (None, Some(sockets)) = (record.0.facts.get("cpu_sockets"), privileged.number("cpu_sockets")) {
        record.0.unknown.remove("cpu_sockets");
        record.proven("cpu_sockets", Ok(numbered(sockets)));
    }
    record.proven("cpu_threads_offline", topology::offline(root).map(numbered));
    record.proven("numa_nodes", numa_nodes(root).map(numbered));
    let cpuinfo = cpuinfo.unwrap_or_default();
    record.proven("cpu_mhz", clock::base_mhz(root, &cpuinfo, privileged).map(numbered));
    record.text("cpu_model", model::name(&cpuinfo, privileged));
}

fn counts(root: &Root, cpuinfo: &Result<CpuInfo, String>, record: &mut Record) {
    let counted = match (topology::read(root), cpuinfo) {
        (Ok(counted), Ok(cpuinfo)) => counted.or(cpuinfo.counts()),
        (Ok(counted), Err(_)) => counted,
        (Err(_), Ok(cpuinfo)) => cpuinfo.counts(),
        (Err(sys), Err(proc)) => {
            for name in ["cpu_sockets", "cpu_cores", "cpu_threads"] {
                record.unknown(name, &format!("{sys}; {proc}"));
            }
            return;
        }
    };
    for (name, count, what) in [
        ("cpu_sockets", counted.sockets, "sockets"),
        ("cpu_cores", counted.cores, "cores"),
        ("cpu_threads", counted.threads, "processors"),
    ] {
        match count {
            Some((count, source)) => {
                record.fact(name, FactValue::Number(count as f64));
                record.evidence(name, source);
            }
            None => {
                let why = format!("neither /{SYS_CPU}/cpu*/topology nor /proc/cpuinfo tells {what} apart");
                record.unknown(name, &why);
            }
        }
    }
    // Whether cores run two threads follows from the counts; who decided it is only said here.
    if let Ok(control) = root.text(&format!("{SYS_CPU}/smt/control")) {
        let source = counted.threads.map_or("", |(_, source)| source);
        record.evidence("cpu_threads", &format!("{source}; /{SYS_CPU}/smt/control is {control:?}"));
    }
}

/// Nodes that have processors: memory alone makes no node a virtual machine could be wider than.
fn numa_nodes(root: &Root) -> Result<(f64, String), String> {
    if let Some(nodes) = root.text(&format!("{SYS_NODE}/has_cpu")).ok().and_then(|text| list::count(&text)) {
        return Ok((nodes as f64, format!("/{SYS_NODE}/has_cpu")));
    }
    let is_node = |name: &&String| name.strip_prefix("node").is_some_and(|n| n.parse::<u32>().is_ok());
    let names = root.names(SYS_NODE)?;
    let has_cpu = |name: &&String| {
        let list = root.text(&format!("{SYS_NODE}/{name}/cpulist")).map(|text| !text.is_empty());
        let mask =
            || root.text(&format!("{SYS_NODE}/{name}/cpumap")).map(|t| t.contains(|c| c != '0' && c != ','));
        list.or_else(|_| mask()).unwrap_or(true)
    };
    let nodes = names.iter().filter(is_node).filter(has_cpu).count();
    if nodes == 0 {
        Err(format!("/{SYS_NODE} names no node"))
    } else {
        Ok((nodes as f64, format!("/{SYS_NODE}/node*")))
    }
}

fn numbered((number, source): (f64, String)) -> (FactValue, String) {
    (FactValue::Number(number), source)
}
