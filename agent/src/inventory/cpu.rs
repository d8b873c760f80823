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
use topology::Counts;

const SYS_CPU: &str = "sys/devices/system/cpu";
const SYS_NODE: &str = "sys/devices/system/node";

pub(super) fn read(root: &Root, privileged: &Privileged, record: &mut Record) {
    let counted = topology::read(root);
    // The text of a thousand processors is long; where they are counted already, the first is enough.
    let complete = counted.as_ref().is_ok_and(Counts::is_complete);
    let text = if complete { root.head("proc/cpuinfo") } else { root.text("proc/cpuinfo") };
    let cpuinfo = text.map(|text| CpuInfo::parse(&text));
    counts(counted, &cpuinfo, privileged, record);
    if let (Ok(control), Some(proof)) =
        (root.text(&format!("{SYS_CPU}/smt/control")), record.0.evidence.get_mut("cpu_threads"))
    {
        // Whether cores run two threads follows from the counts; who decided it is only said here.
        proof.push_str(&format!("; /{SYS_CPU}/smt/control is {control:?}"));
    }
    record.proven("cpu_threads_offline", topology::offline(root).map(numbered));
    record.proven("numa_nodes", numa_nodes(root).map(numbered));
    let cpuinfo = cpuinfo.unwrap_or_default();
    record.proven("cpu_mhz", clock::base_mhz(root, &cpuinfo, privileged).map(numbered));
    record.text("cpu_model", model::name(&cpuinfo, privileged));
}

fn counts(
    counted: Result<Counts, String>,
    cpuinfo: &Result<CpuInfo, String>,
    privileged: &Privileged,
    record: &mut Record,
) {
    let why = match (&counted, cpuinfo) {
        (Err(sys), Err(proc)) => format!("{sys}; {proc}"),
        _ => format!("neither /{SYS_CPU}/cpu*/topology nor /proc/cpuinfo tells them apart"),
    };
    let by_root = Counts { sockets: privileged.number("cpu_sockets"), ..Counts::default() };
    let Counts { sockets, cores, threads } =
        counted.unwrap_or_default().or(cpuinfo.as_ref().map(CpuInfo::counts).unwrap_or_default()).or(by_root);
    for (name, count) in [("cpu_sockets", sockets), ("cpu_cores", cores), ("cpu_threads", threads)] {
        record.proven(name, count.map(numbered).ok_or_else(|| why.clone()));
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
