//! `METRICS`, the catalogue of every series: one entry each, with its unit, coding and meaning. A new
//! metric is one entry here and its reading in a sampler; ids are for ever.
// SPDX-License-Identifier: Apache-2.0
// The meaning of each entry is its documentation.
#![allow(missing_docs)]

use super::{Metric, MetricId, Scope, Unit};

const fn metric(
    id: MetricId,
    name: &'static str,
    unit: Unit,
    scope: Scope,
    otel: Option<&'static str>,
    meaning: &'static str,
) -> Metric {
    Metric { id, name, unit, scope, otel, meaning }
}

const CPU: Option<&str> = Some("system.cpu.utilization");
const MEMORY: Option<&str> = Some("system.memory.usage");
const DISK_IO: Option<&str> = Some("system.disk.io");
const DISK_OPS: Option<&str> = Some("system.disk.operations");
const NET_IO: Option<&str> = Some("system.network.io");
const NET_PACKETS: Option<&str> = Some("system.network.packet.count");

pub const CPU_BUSY: Metric = metric(
    1,
    "cpu_busy_ratio",
    Unit::Ratio,
    Scope::Server,
    CPU,
    "Share of all CPU time that was neither idle nor waiting for a disk nor stolen.",
);
pub const CPU_USER: Metric = metric(
    2,
    "cpu_user_ratio",
    Unit::Ratio,
    Scope::Server,
    CPU,
    "Share of CPU time in user code, nice included.",
);
pub const CPU_SYSTEM: Metric = metric(
    3,
    "cpu_system_ratio",
    Unit::Ratio,
    Scope::Server,
    CPU,
    "Share of CPU time in the kernel, interrupts included.",
);
pub const CPU_IOWAIT: Metric = metric(
    4,
    "cpu_iowait_ratio",
    Unit::Ratio,
    Scope::Server,
    CPU,
    "Share of CPU time idle with a disk request outstanding.",
);
pub const CPU_STEAL: Metric = metric(
    5,
    "cpu_steal_ratio",
    Unit::Ratio,
    Scope::Server,
    CPU,
    "Share of CPU time a hypervisor gave to others; above zero only in a virtual machine.",
);
pub const CPU_BUSIEST_CORE: Metric = metric(
    6,
    "cpu_busiest_core_ratio",
    Unit::Ratio,
    Scope::Server,
    None,
    "Busy share of the busiest logical CPU, which shows single-threaded limits an average hides.",
);
pub const RUN_QUEUE: Metric =
    metric(7, "cpu_run_queue_count", Unit::Count, Scope::Server, None, "Threads running or ready to run.");
pub const PRESSURE_CPU: Metric = metric(
    8,
    "pressure_cpu_ratio",
    Unit::Ratio,
    Scope::Server,
    None,
    "Share of time in which some thread waited for a CPU (PSI).",
);
pub const PRESSURE_MEMORY: Metric = metric(
    9,
    "pressure_memory_ratio",
    Unit::Ratio,
    Scope::Server,
    None,
    "Share of time in which some thread waited for memory (PSI).",
);
pub const PRESSURE_IO: Metric = metric(
    10,
    "pressure_io_ratio",
    Unit::Ratio,
    Scope::Server,
    None,
    "Share of time in which some thread waited for a disk (PSI).",
);

pub const MEMORY_USED: Metric = metric(
    20,
    "memory_used_bytes",
    Unit::Bytes,
    Scope::Server,
    MEMORY,
    "MemTotal - MemAvailable: memory that could not be given to another program; page cache is not counted.",
);
pub const MEMORY_AVAILABLE: Metric = metric(
    21,
    "memory_available_bytes",
    Unit::Bytes,
    Scope::Server,
    Some("system.memory.linux.available"),
    "What programs could still get without swapping.",
);
pub const MEMORY_COMMITTED: Metric = metric(
    22,
    "memory_committed_bytes",
    Unit::Bytes,
    Scope::Server,
    None,
    "Memory promised to programs, touched or not.",
);
pub const SWAP_USED: Metric = metric(
    23,
    "swap_used_bytes",
    Unit::Bytes,
    Scope::Server,
    Some("system.paging.usage"),
    "Swap space in use.",
);
pub const SWAP_RATE: Metric = metric(
    24,
    "swap_bytes_per_s",
    Unit::BytesPerSecond,
    Scope::Server,
    Some("system.paging.operations"),
    "Bytes swapped in and out a second, as means over five seconds.",
);
pub const MAJOR_FAULTS: Metric = metric(
    25,
    "memory_major_faults_per_s",
    Unit::PerSecond,
    Scope::Server,
    Some("system.paging.faults"),
    "Page faults that had to read a disk, a second, as means over five seconds.",
);

pub const DISK_READ: Metric = metric(
    40,
    "disk_read_bytes_per_s",
    Unit::BytesPerSecond,
    Scope::Disk,
    DISK_IO,
    "Bytes read from whole disks a second; partitions and stacked devices are not added again.",
);
pub const DISK_WRITE: Metric = metric(
    41,
    "disk_write_bytes_per_s",
    Unit::BytesPerSecond,
    Scope::Disk,
    DISK_IO,
    "Bytes written to whole disks a second.",
);
pub const DISK_READ_OPS: Metric =
    metric(42, "disk_read_ops_per_s", Unit::PerSecond, Scope::Disk, DISK_OPS, "Reads completed a second.");
pub const DISK_WRITE_OPS: Metric =
    metric(43, "disk_write_ops_per_s", Unit::PerSecond, Scope::Disk, DISK_OPS, "Writes completed a second.");
pub const DISK_READ_LATENCY: Metric = metric(
    44,
    "disk_read_latency_s",
    Unit::Seconds,
    Scope::Disk,
    None,
    "Mean time of a read, queue included.",
);
pub const DISK_WRITE_LATENCY: Metric = metric(
    45,
    "disk_write_latency_s",
    Unit::Seconds,
    Scope::Disk,
    None,
    "Mean time of a write, queue included.",
);
pub const DISK_QUEUE: Metric =
    metric(46, "disk_queue_count", Unit::Count, Scope::Disk, None, "Mean number of requests in flight.");
pub const DISK_BUSY: Metric = metric(
    47,
    "disk_busy_ratio",
    Unit::Ratio,
    Scope::Disk,
    Some("system.disk.io_time"),
    "Share of time with at least one request in flight, capped at 1.",
);

pub const FS_USED: Metric = metric(
    60,
    "filesystem_used_bytes",
    Unit::Bytes,
    Scope::FileSystem,
    Some("system.filesystem.usage"),
    "Bytes in use on a local file system.",
);
pub const FS_SIZE: Metric = metric(
    61,
    "filesystem_size_bytes",
    Unit::Bytes,
    Scope::FileSystem,
    Some("system.filesystem.limit"),
    "Size of a local file system.",
);

pub const NET_RECEIVE: Metric = metric(
    80,
    "network_receive_bytes_per_s",
    Unit::BytesPerSecond,
    Scope::Interface,
    NET_IO,
    "Bytes received by physical interfaces a second.",
);
pub const NET_TRANSMIT: Metric = metric(
    81,
    "network_transmit_bytes_per_s",
    Unit::BytesPerSecond,
    Scope::Interface,
    NET_IO,
    "Bytes sent by physical interfaces a second.",
);
pub const NET_RECEIVE_PACKETS: Metric = metric(
    82,
    "network_receive_packets_per_s",
    Unit::PerSecond,
    Scope::Interface,
    NET_PACKETS,
    "Packets received a second.",
);
pub const NET_TRANSMIT_PACKETS: Metric = metric(
    83,
    "network_transmit_packets_per_s",
    Unit::PerSecond,
    Scope::Interface,
    NET_PACKETS,
    "Packets sent a second.",
);
pub const NET_DROPS: Metric = metric(
    84,
    "network_drops_per_s",
    Unit::PerSecond,
    Scope::Interface,
    Some("system.network.packet.dropped"),
    "Packets dropped in either direction a second.",
);
pub const TCP_RETRANSMITS: Metric = metric(
    85,
    "tcp_retransmits_per_s",
    Unit::PerSecond,
    Scope::Server,
    None,
    "TCP segments sent again a second, as means over five seconds.",
);

pub const AGENT_CPU: Metric = metric(
    100,
    "agent_cpu_ratio",
    Unit::Ratio,
    Scope::Server,
    None,
    "CPU the agent itself used, as a share of one core, as means over five seconds.",
);
pub const AGENT_RESIDENT: Metric = metric(
    101,
    "agent_resident_bytes",
    Unit::Bytes,
    Scope::Server,
    None,
    "Resident memory of the agent itself, looked at every five seconds.",
);

/// Every metric, in reading order.
pub const METRICS: &[Metric] = &[
    CPU_BUSY,
    CPU_USER,
    CPU_SYSTEM,
    CPU_IOWAIT,
    CPU_STEAL,
    CPU_BUSIEST_CORE,
    RUN_QUEUE,
    PRESSURE_CPU,
    PRESSURE_MEMORY,
    PRESSURE_IO,
    MEMORY_USED,
    MEMORY_AVAILABLE,
    MEMORY_COMMITTED,
    SWAP_USED,
    SWAP_RATE,
    MAJOR_FAULTS,
    DISK_READ,
    DISK_WRITE,
    DISK_READ_OPS,
    DISK_WRITE_OPS,
    DISK_READ_LATENCY,
    DISK_WRITE_LATENCY,
    DISK_QUEUE,
    DISK_BUSY,
    FS_USED,
    FS_SIZE,
    NET_RECEIVE,
    NET_TRANSMIT,
    NET_RECEIVE_PACKETS,
    NET_TRANSMIT_PACKETS,
    NET_DROPS,
    TCP_RETRANSMITS,
    AGENT_CPU,
    AGENT_RESIDENT,
];
