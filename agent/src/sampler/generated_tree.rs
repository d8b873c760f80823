//! A generated `/proc` and `/sys` of a machine of any size, whose counters grow by a known amount a second. For
//! tests and measurements; shipped with neither.
// SPDX-License-Identifier: Apache-2.0

use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// How big the machine is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) cpus: usize,
    pub(crate) disks: usize,
    pub(crate) interfaces: usize,
}

/// Writes the tree as it stands `second` seconds after the first look. Every second each CPU is busy for a
/// quarter, each disk reads 100 times 4 KiB, and each interface receives 1,000 packets of 100 bytes.
///
/// # Errors
/// A file or directory cannot be written.
pub(crate) fn write(tree: &Path, shape: Shape, second: u64) -> io::Result<()> {
    if second == 0 || !tree.join("proc").exists() {
        make_directories(tree, shape)?;
    }
    let file = |name: &str, text: String| std::fs::write(tree.join(name), text);
    file("proc/stat", stat(shape.cpus, second))?;
    file("proc/meminfo", meminfo())?;
    file("proc/vmstat", vmstat(second))?;
    file("proc/diskstats", diskstats(shape.disks, second))?;
    file("proc/net/dev", net_dev(shape.interfaces, second))?;
    file("proc/net/snmp", snmp(second))?;
    // None that is local: whoever looks at this tree must not ask the machine it lies on.
    file("proc/mounts", "filer:/export /mnt/export nfs4 rw 0 0\n".to_owned())?;
    for (resource, waited_us) in [("cpu", 30_000), ("memory", 0), ("io", 10_000)] {
        let total = 1_000_000 + waited_us * second;
        let averages = "avg10=0.00 avg60=0.00 avg300=0.00";
        file(
            &format!("proc/pressure/{resource}"),
            format!("some {averages} total={total}\nfull {averages} total=0\n"),
        )?;
    }
    Ok(())
}

fn make_directories(tree: &Path, shape: Shape) -> io::Result<()> {
    let make = |directory: String| std::fs::create_dir_all(tree.join(directory));
    ["proc/net", "proc/pressure", "sys/block", "sys/class/net"]
        .map(String::from)
        .into_iter()
        .try_for_each(make)?;
    (0..shape.disks).try_for_each(|disk| make(format!("sys/block/{}/slaves", disk_name(disk))))?;
    (0..shape.interfaces).try_for_each(|interface| make(format!("sys/class/net/eno{interface}/device")))
}

/// `sda` to `sdz`, `sdaa` and so on, as the kernel counts.
pub(crate) fn disk_name(mut at: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(b'a' + (at % 26) as u8);
        if at < 26 {
            break;
        }
        at = at / 26 - 1;
    }
    letters.reverse();
    format!("sd{}", String::from_utf8_lossy(&letters))
}

fn stat(cpus: usize, second: u64) -> String {
    let modes = |cpus: u64| {
        let ticks = |at_first: u64, a_second: u64| cpus * (at_first + a_second * second);
        let (user, system, idle) = (ticks(12_345_678, 20), ticks(3_456_789, 5), ticks(98_765_432, 75));
        format!("{user} 0 {system} {idle} 0 0 0 0 0 0")
    };
    let mut text = format!("cpu  {}\n", modes(cpus as u64));
    for cpu in 0..cpus {
        let _ = writeln!(text, "cpu{cpu} {}", modes(1));
    }
    let interrupts = " 0".repeat(4 * cpus);
    let _ = writeln!(text, "intr 123456789{interrupts}\nctxt 987654321\nbtime 1795536000");
    text + "processes 123456\nprocs_running 3\nprocs_blocked 0\nsoftirq 1 0 0 0 0 0 0 0 0 0 0\n"
}

fn meminfo() -> String {
    let mut text =
        "MemTotal:       263856464 kB\nMemFree:        12345678 kB\nMemAvailable:   123456789 kB\n\
        Buffers:          123456 kB\nCached:         98765432 kB\nSwapCached:            0 kB\n"
            .to_owned();
    filler(&mut text, "Active", ":  1234567 kB", 10);
    text += "SwapTotal:       8388604 kB\nSwapFree:        8388604 kB\n";
    filler(&mut text, "Slab", ":  1234567 kB", 14);
    text += "CommitLimit:    140316836 kB\nCommitted_AS:   98765432 kB\n";
    filler(&mut text, "Huge", ":        0 kB", 16);
    text
}

fn vmstat(second: u64) -> String {
    let mut text = String::new();
    filler(&mut text, "nr_zone_pages", " 1234567", 90);
    let _ = writeln!(text, "pgpgin 123456789\npgpgout 123456789\npswpin 0\npswpout 0");
    filler(&mut text, "pgalloc_zone", " 123456789", 12);
    let _ = writeln!(text, "pgfault 123456789\npgmajfault {}", 4_000 + 2 * second);
    filler(&mut text, "thp_events", " 0", 70);
    text
}

fn filler(text: &mut String, name: &str, value: &str, lines: usize) {
    for line in 0..lines {
        let _ = writeln!(text, "{name}{line}{value}");
    }
}

fn diskstats(disks: usize, second: u64) -> String {
    let mut text = String::new();
    for disk in 0..disks {
        let (major, minor, name) = (8 + disk / 16, disk % 16 * 16, disk_name(disk));
        let (reads, sectors) = (1_234_567 + 100 * second, 98_765_432 + 800 * second);
        let (read_ms, busy_ms) = (345_678 + 50 * second, 234_567 + 40 * second);
        let _ = writeln!(
            text,
            "{major:4} {minor:7} {name} {reads} 12 {sectors} {read_ms} 7654321 34 87654321 456789 0 {busy_ms} {} 0 0 0 0 0 0",
            802_467 + 50 * second
        );
    }
    text
}

fn net_dev(interfaces: usize, second: u64) -> String {
    let mut text = "Inter-|   Receive                                                |  Transmit\n \
        face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo \
        colls carrier compressed\n"
        .to_owned();
    for interface in 0..interfaces {
        let (bytes, packets) = (123_456_789_012 + 100_000 * second, 987_654_321 + 1_000 * second);
        let _ = writeln!(
            text,
            "  eno{interface}: {bytes} {packets}    0    0    0     0          0      1234 45678901234 345678901    0    0    0     0       0          0"
        );
    }
    text
}

fn snmp(second: u64) -> String {
    format!(
        "Ip: Forwarding DefaultTTL\nIp: 1 64\nIcmp: InMsgs\nIcmp: 1\nTcp: RtoAlgorithm RtoMin RtoMax MaxConn \
         ActiveOpens PassiveOpens InSegs OutSegs RetransSegs InErrs\nTcp: 1 200 120000 -1 5 5 1000 900 {} 0\n\
         Udp: InDatagrams\nUdp: 1\n",
        30 + 2 * second
    )
}
