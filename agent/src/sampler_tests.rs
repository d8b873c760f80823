//! All samplers on a recorded tree, twice, with the counters moved in between.
// SPDX-License-Identifier: Apache-2.0

use super::staged::Still;
use super::*;
use cairn_schemas::metric::{self, METRICS, Scope};
use std::path::Path;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Reads a fixture, replaces texts in its files, and reads it again after `seconds`.
fn sampled_twice(fixture: &str, seconds: f64, edits: &[(&str, &str, &str)]) -> Samplers {
    let tree = tempfile::tempdir().unwrap();
    copy(&Path::new(FIXTURES).join(fixture), tree.path());
    let clock = Still::default();
    let mut samplers = Samplers::new(&Root::new(tree.path()));
    samplers.sample(&clock);
    for (file, old, new) in edits {
        let path = tree.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file} has no {old:?}");
        std::fs::write(&path, text.replacen(old, new, 1)).unwrap();
    }
    clock.pass(seconds);
    samplers.sample(&clock);
    samplers
}

const AFTER_TWO_SECONDS: &[(&str, &str, &str)] = &[
    ("proc/stat", "cpu  1000 20 480 100000 300 5 15 0", "cpu  1100 20 530 100330 310 5 15 10"),
    ("proc/stat", "cpu0 400 10 200 33000", "cpu0 460 10 230 33010"),
    ("proc/stat", "cpu2 300 5 140 33500", "cpu2 300 5 140 33700"),
    ("proc/meminfo", "MemAvailable:   40000000", "MemAvailable:   39000000"),
    ("proc/vmstat", "pswpin 1000", "pswpin 1010"),
    ("proc/vmstat", "pgmajfault 5000", "pgmajfault 5006"),
    ("proc/diskstats", "sda 1000 5 80000 4000 500", "sda 1010 5 80160 4050 500"),
    ("proc/diskstats", "6000 0 3000 10000", "6000 0 3400 10050"),
    ("proc/net/dev", "eno1:1000 10", "eno1:3000 14"),
    ("proc/net/dev", "eno2:500 5", "eno2:700 7"),
    ("proc/net/snmp", "1000 900 30", "1000 900 34"),
    ("proc/pressure/cpu", "total=1000000", "total=1500000"),
    ("proc/pressure/io", "total=200000", "total=9200000"),
];

#[test]
fn every_reading_follows_from_the_files() {
    let samplers = sampled_twice("stacked", 2.0, AFTER_TWO_SECONDS);
    let check = |name: &str, instance: &str, expected: f64| {
        let reading = samplers.board().reading(metric::by_name(name).unwrap(), instance);
        let got = reading.unwrap_or_else(|why| panic!("{name} {instance}: {why}"));
        assert!(
            (got - expected).abs() < 1e-9 * expected.max(1.0),
            "{name} {instance}: {got}, not {expected}"
        );
    };
    check("cpu_busy_ratio", "", 0.3);
    check("cpu_user_ratio", "", 0.2);
    check("cpu_system_ratio", "", 0.1);
    check("cpu_iowait_ratio", "", 0.02);
    check("cpu_steal_ratio", "", 0.02);
    check("cpu_busiest_core_ratio", "", 0.9);
    check("cpu_run_queue_count", "", 2.0);
    check("pressure_cpu_ratio", "", 0.25);
    check("pressure_memory_ratio", "", 0.0);
    check("pressure_io_ratio", "", 1.0);
    check("memory_used_bytes", "", 26_536_000.0 * 1_024.0);
    check("memory_available_bytes", "", 39_000_000.0 * 1_024.0);
    check("memory_committed_bytes", "", 30_000_000.0 * 1_024.0);
    check("swap_used_bytes", "", 1_000_000.0 * 1_024.0);
    check("swap_bytes_per_s", "", 5.0 * rustix::param::page_size() as f64);
    check("memory_major_faults_per_s", "", 3.0);
    for disk in ["", "sda"] {
        check("disk_read_bytes_per_s", disk, 80.0 * 512.0);
        check("disk_read_ops_per_s", disk, 5.0);
        check("disk_read_latency_s", disk, 0.005);
        check("disk_queue_count", disk, 0.025);
        check("disk_busy_ratio", disk, 0.2);
        check("disk_write_bytes_per_s", disk, 0.0);
    }
    check("disk_busy_ratio", "sdb", 0.0);
    check("network_receive_bytes_per_s", "", 1_100.0);
    check("network_receive_bytes_per_s", "eno1", 1_000.0);
    check("network_receive_packets_per_s", "", 3.0);
    check("network_transmit_bytes_per_s", "", 0.0);
    check("network_drops_per_s", "", 0.0);
    check("tcp_retransmits_per_s", "", 2.0);
}

#[test]
fn every_metric_of_the_catalogue_has_a_series() {
    let samplers = sampled_twice("stacked", 1.0, &[]);
    for metric in METRICS {
        let known =
            samplers.board().keys().iter().any(|key| key.metric == metric.id && key.instance.is_empty());
        assert!(known, "{} is in the catalogue and not on the board", metric.name);
    }
}

#[test]
fn what_a_host_does_not_offer_is_missing_with_a_reason() {
    let samplers = sampled_twice("guest", 1.0, &[]);
    let gaps = samplers.board().lasting_gaps();
    let check = |name: &str, expected: &str| assert_eq!(gaps.get(name).map(String::as_str), Some(expected));
    check("pressure_cpu_ratio", "/proc/pressure/cpu cannot be read: entity not found");
    check("memory_used_bytes", "/proc/meminfo has no field MemAvailable");
    check("network_receive_bytes_per_s", "/proc/net/dev cannot be read: entity not found");
    check("tcp_retransmits_per_s", "/proc/net/snmp cannot be read: entity not found");
    assert!(!gaps.contains_key("cpu_busy_ratio") && !gaps.contains_key("swap_used_bytes"));
    let failing: Vec<_> = samplers.health().into_iter().filter(|h| h.failure.is_some()).collect();
    // File systems are polled by a thread of their own, whose first result may not be there yet.
    let names: Vec<_> =
        failing.iter().map(|health| health.sampler).filter(|name| *name != "filesystem").collect();
    assert_eq!(names, ["pressure", "network", "tcp"]);
}

#[test]
fn readings_far_apart_give_no_rates() {
    let samplers = sampled_twice("stacked", 600.0, AFTER_TWO_SECONDS);
    for metric in METRICS.iter().filter(|metric| metric.scope != Scope::FileSystem) {
        let reading = samplers.board().reading(metric, "");
        let is_level = reading.is_ok();
        assert!(is_level || reading == Err(Missing::FirstReading), "{}: {reading:?}", metric.name);
    }
    let busy = samplers.board().reading(&metric::CPU_BUSY, "");
    assert_eq!(busy, Err(Missing::FirstReading));
}
