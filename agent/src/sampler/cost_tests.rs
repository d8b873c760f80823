//! Big machines: sums over everything, series up to a bound, and an ordinary second that allocates nothing.
// SPDX-License-Identifier: Apache-2.0

use super::generated_tree::Shape;
use super::staged::{Edit, Stage, check};
use super::*;
use cairn_schemas::metric;

/// What one generated disk reads, and one interface receives, in a second.
const BYTES: (f64, f64) = (800.0 * 512.0, 100_000.0);
const SERVER_SERIES: usize = 36;

#[test]
fn sums_hold_every_device_however_many_there_are() {
    let sizes = [(2, 2, 2), (1_152, 3, 3), (256, 500, 500), (2, 129, 65)];
    for (cpus, disks, interfaces) in sizes {
        let mut stage = Stage::new(Shape { cpus, disks, interfaces });
        stage.second(&[]);
        stage.second(&[]);
        let (n, m) = (disks as f64, interfaces as f64);
        let what = format!("{cpus} CPUs, {disks} disks, {interfaces} interfaces");
        let last = super::generated_tree::disk_name(disks - 1);
        let last_disk = if disks <= 128 { Ok(BYTES.0) } else { Err("not there in this reading") };
        check(
            &what,
            stage.samplers.board(),
            &[
                ("cpu_busy_ratio", "", Ok(0.25)),
                ("cpu_busiest_core_ratio", "", Ok(0.25)),
                ("cpu_run_queue_count", "", Ok(2.0)),
                ("disk_read_bytes_per_s", "", Ok(n * BYTES.0)),
                ("disk_read_ops_per_s", "", Ok(n * 100.0)),
                ("disk_read_latency_s", "", Ok(0.000_5)),
                ("disk_busy_ratio", "", Ok(0.04)),
                ("disk_read_bytes_per_s", &last, last_disk),
                ("network_receive_bytes_per_s", "", Ok(m * BYTES.1)),
                ("network_receive_packets_per_s", "", Ok(m * 1_000.0)),
            ],
        );
        let board = stage.samplers.board();
        assert_eq!(board.keys().len(), SERVER_SERIES - 2 + 8 * disks.min(128) + 5 * interfaces.min(64));
        assert_eq!(board.remarks().len(), usize::from(disks > 128) + usize::from(interfaces > 64));
    }
}

#[test]
fn more_devices_than_can_be_followed_are_unknown_rather_than_summed_in_part() {
    let mut stage = Stage::new(Shape { cpus: 1, disks: 1, interfaces: 1 });
    let more: String =
        (0..roster::NAMES_MAX).map(|n| format!("veth{n}: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n")).collect();
    stage.second(&[Edit::Append("proc/net/dev", &more)]);
    stage.second(&[Edit::Append("proc/net/dev", &more)]);
    let expected = Err("/proc/net/dev lists more than can be followed");
    check("too many", stage.samplers.board(), &[("network_receive_bytes_per_s", "", expected)]);
}

#[test]
fn an_ordinary_second_allocates_nothing() {
    for (cpus, disks, interfaces) in [(2, 2, 2), (64, 150, 80)] {
        let mut stage = Stage::new(Shape { cpus, disks, interfaces });
        // File systems are asked by a thread of their own, in its own time; see their own test.
        stage.samplers.entries.retain(|entry| entry.health.sampler != "filesystem");
        for _ in 0..3 {
            stage.second(&[]);
        }
        stage.prepare(&[]);
        let allocated = allocation_counter::measure(|| {
            for _ in 0..20 {
                stage.clock.pass(1.0);
                stage.samplers.sample(&stage.clock);
            }
        });
        assert_eq!(allocated.count_total, 0, "{cpus} CPUs, {disks} disks, {interfaces} interfaces");
        assert!(stage.samplers.board().reading(&metric::DISK_READ, "").is_ok());
    }
}
