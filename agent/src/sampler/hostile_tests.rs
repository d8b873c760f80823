//! Hosts that behave badly, one row of trouble after the other: what the tree shows from second to second, and
//! what must be on the board after the last.
// SPDX-License-Identifier: Apache-2.0

use super::generated_tree::Shape;
use super::staged::{Edit, Stage, check};
use cairn_schemas::metric::{self, METRICS, Scope};
use std::collections::BTreeSet;

const SMALL: Shape = Shape { cpus: 2, disks: 2, interfaces: 2 };
const WENT_BACK: Result<f64, &str> = Err("the counter went back");
const FIRST: Result<f64, &str> = Err("a rate needs two readings");
const ABSENT: Result<f64, &str> = Err("not there in this reading");
/// What one generated disk reads in a second.
const DISK_BYTES: f64 = 800.0 * 512.0;
/// What one generated interface receives in a second.
const NET_BYTES: f64 = 100_000.0;

type Expected<'a> = &'a [(&'a str, &'a str, Result<f64, &'a str>)];

/// Plays the seconds and checks what the last one leaves.
fn play(what: &str, seconds: &[&[Edit<'_>]], expected: Expected<'_>) {
    let mut stage = Stage::new(SMALL);
    for edits in seconds {
        stage.second(edits);
    }
    check(what, stage.samplers.board(), expected);
}

/// A `/proc/stat` of CPUs given as number and ticks in user mode, idle, and waiting for a disk.
fn stat(cpus: &[(u32, u64, u64, u64)]) -> Edit<'static> {
    let line = |name: &str, (user, idle, iowait): (u64, u64, u64)| {
        format!("cpu{name} {user} 0 0 {idle} {iowait} 0 0 0\n")
    };
    let all = cpus.iter().fold((0, 0, 0), |(u, i, w), cpu| (u + cpu.1, i + cpu.2, w + cpu.3));
    let each = cpus.iter().map(|cpu| line(&cpu.0.to_string(), (cpu.1, cpu.2, cpu.3)));
    Edit::Put("proc/stat", line(" ", all) + &each.collect::<String>() + "procs_running 1\n")
}

#[test]
fn cpu_counters_go_back_and_cpus_come_and_go() {
    let before = &[stat(&[(0, 100, 9_000, 500), (1, 100, 9_000, 500)])];
    let busy = |ratio, iowait, busiest| {
        [
            ("cpu_busy_ratio", "", Ok(ratio)),
            ("cpu_iowait_ratio", "", Ok(iowait)),
            ("cpu_busiest_core_ratio", "", Ok(busiest)),
        ]
    };
    let now = |what, cpus: &[(u32, u64, u64, u64)], expected: [_; 3]| {
        play(what, &[before, &[stat(cpus)]], &expected);
    };
    now("as usual", &[(0, 130, 9_060, 510), (1, 150, 9_050, 500)], busy(0.4, 0.05, 0.5));
    now("iowait goes back", &[(0, 130, 9_070, 470), (1, 150, 9_050, 500)], busy(0.4, 0.0, 0.5));
    now(
        "idle goes back a little",
        &[(0, 130, 8_900, 500), (1, 150, 9_050, 500)],
        busy(80.0 / 80.0, 0.0, 1.0),
    );
    now("one is switched off", &[(0, 130, 9_060, 510)], busy(0.3, 0.1, 0.3));
    now("one was off and counts anew", &[(0, 130, 9_060, 510), (1, 5, 10, 0)], busy(0.3, 0.1, 0.3));
    now(
        "more are plugged in",
        &[(0, 130, 9_060, 510), (1, 150, 9_050, 500), (7, 9, 9, 9)],
        busy(0.4, 0.05, 0.5),
    );
    let away: &[Edit<'_>] = &[stat(&[(0, 110, 9_090, 500)])];
    let back: &[Edit<'_>] = &[stat(&[(0, 120, 9_180, 500), (1, 105, 9_100, 500)])];
    let settled: &[Edit<'_>] = &[stat(&[(0, 130, 9_270, 500), (1, 155, 9_150, 500)])];
    play("back after a second", &[before, away, back], &busy(0.1, 0.0, 0.1));
    play("and from then on as usual", &[before, away, back, settled], &busy(0.3, 0.0, 0.5));
}

#[test]
fn devices_are_replaced_under_their_name() {
    let gone: &[Edit<'_>] =
        &[Edit::Swap("proc/diskstats", "sdb", "loop0"), Edit::Swap("proc/net/dev", "eno1", "veth1")];
    let anew: &[Edit<'_>] = &[
        Edit::Swap("proc/diskstats", "sdb 1234", "sdb 1"),
        Edit::Swap("proc/net/dev", "eno1: 12345", "eno1: 1"),
    ];
    let of = |disk, disks, interface, interfaces| {
        [
            ("disk_read_bytes_per_s", "sda", Ok(DISK_BYTES)),
            ("disk_read_bytes_per_s", "sdb", disk),
            ("disk_read_bytes_per_s", "", disks),
            ("network_receive_bytes_per_s", "eno0", Ok(NET_BYTES)),
            ("network_receive_bytes_per_s", "eno1", interface),
            ("network_receive_bytes_per_s", "", interfaces),
        ]
    };
    let (one_disk, one_interface) = (Ok(DISK_BYTES), Ok(NET_BYTES));
    play("both run", &[&[], &[]], &of(one_disk, Ok(2.0 * DISK_BYTES), one_interface, Ok(2.0 * NET_BYTES)));
    play("both gone", &[&[], gone], &of(ABSENT, one_disk, ABSENT, one_interface));
    play("both back", &[&[], gone, &[]], &of(FIRST, one_disk, FIRST, one_interface));
    play("replaced at once", &[&[], anew], &of(WENT_BACK, WENT_BACK, WENT_BACK, WENT_BACK));
    let after = of(one_disk, Ok(2.0 * DISK_BYTES), one_interface, Ok(2.0 * NET_BYTES));
    play("and the second after", &[&[], anew, anew], &after);
}

#[test]
fn counters_of_32_bits_begin_again() {
    let disk = |reads: u64, sectors: u64, ms: u64| {
        Edit::Put("proc/diskstats", format!("8 0 sda {reads} 0 {sectors} {ms} 0 0 0 0 0 {ms} {ms}\n"))
    };
    let interface = |bytes: u64, packets: u64| {
        let lines = format!("h\nh\n eno0: {bytes} {packets} 0 0 0 0 0 0 7 7 0 0 0 0 0 0\n");
        Edit::Put("proc/net/dev", lines)
    };
    let speed = |megabits: &str| Edit::Put("sys/class/net/eno0/speed", format!("{megabits}\n"));
    const END: u64 = 1 << 32;
    let disk_bytes = |what, before: [u64; 3], now: [u64; 3], expected| {
        let [before, now] = [before, now].map(|[reads, sectors, ms]| [disk(reads, sectors, ms)]);
        play(what, &[&before, &now], &[("disk_read_bytes_per_s", "", expected)]);
    };
    disk_bytes("full milliseconds", [5, 50, END - 100], [6, 60, 300], Ok(5_120.0));
    disk_bytes("full sectors", [5, END - 5, 1], [6, 5, 2], Ok(5_120.0));
    disk_bytes("a new disk", [5_000, 3_000_000_000, 1], [6, 60, 2], WENT_BACK);
    let net_bytes = |what, megabits: &str, before: [u64; 2], now: [u64; 2], expected| {
        let [before, now] =
            [before, now].map(|[bytes, packets]| [interface(bytes, packets), speed(megabits)]);
        play(what, &[&before, &now], &[("network_receive_bytes_per_s", "eno0", expected)]);
    };
    net_bytes("a full counter", "1000", [END - 50_000_000, 5], [50_000_000, 9], Ok(1e8));
    net_bytes("faster than its link", "100", [END - 50_000_000, 5], [50_000_000, 9], WENT_BACK);
    net_bytes("no speed is known", "-1", [END - 50_000_000, 5], [50_000_000, 9], WENT_BACK);
    net_bytes("its driver was loaded anew", "1000", [END - 50, 5_000], [50, 1], WENT_BACK);
    net_bytes(
        "taken off its bus",
        "1000",
        [50, 5],
        [u64::MAX, 9],
        Err("the counter grew beyond what is possible"),
    );
}

#[test]
fn busy_time_is_capped_and_a_mean_over_nothing_is_missing() {
    let disk = |reads: u64, busy_ms: u64| {
        Edit::Put("proc/diskstats", format!("8 0 sda {reads} 0 80 100 0 0 0 0 0 {busy_ms} 0\n"))
    };
    let expected: Expected<'_> = &[
        ("disk_busy_ratio", "sda", Ok(1.0)),
        ("disk_busy_ratio", "", Ok(1.0)),
        ("disk_read_latency_s", "", Err("nothing completed in the interval")),
        ("disk_read_bytes_per_s", "", Ok(0.0)),
    ];
    play("more busy than there was time", &[&[disk(10, 5)], &[disk(10, 9_000_005)]], expected);
}

#[test]
fn clocks_jump_and_the_host_sleeps() {
    let after = |what, [wall_s, boot_s, mono_s]: [f64; 3], expected| {
        let mut stage = Stage::new(SMALL);
        stage.second(&[]);
        stage.prepare(&[]);
        stage.clock.pass_unevenly(wall_s, boot_s, mono_s);
        stage.samplers.sample(&stage.clock);
        check(what, stage.samplers.board(), &[("disk_read_bytes_per_s", "", expected)]);
        let busy = expected.map(|_| 0.25);
        check(what, stage.samplers.board(), &[("cpu_busy_ratio", "", busy)]);
        // Whatever it was, a second later all is well.
        let board = stage.second(&[]);
        check(what, board, &[("disk_read_bytes_per_s", "", Ok(2.0 * DISK_BYTES))]);
    };
    after("as usual", [1.0, 1.0, 1.0], Ok(2.0 * DISK_BYTES));
    after("the clock is set forward a year", [31e6, 1.0, 1.0], Ok(2.0 * DISK_BYTES));
    after("the clock is set back a year", [-31e6, 1.0, 1.0], Ok(2.0 * DISK_BYTES));
    after("the host slept", [600.0, 600.0, 1.0], FIRST);
    after("the agent was starved", [30.0, 30.0, 30.0], FIRST);
    after("late by two seconds", [2.0, 2.0, 2.0], Ok(DISK_BYTES));
    after("boot time stands still", [1.0, 0.0, 0.0], FIRST);
    after("boot time goes back", [1.0, -5.0, 1.0], FIRST);
}

#[test]
fn what_is_stacked_is_not_counted_again() {
    let disk = |name: &str| format!("8 0 {name} 1 0 8 1 1 0 8 1 0 1 1\n8 1 {name}1 1 0 8 1 1 0 8 1 0 1 1");
    let names = ["dm-0", "md127", "md_d0", "zd0", "emcpowera", "drbd1", "loop7", "zram0", "sr0", "nvme0c0n1"];
    let disks: Vec<String> = names.iter().map(|name| disk(name)).collect();
    let lines = names.iter().zip(&disks);
    let entries: Vec<String> = names.iter().map(|name| format!("sys/block/{name}/slaves")).collect();
    let mut opening: Vec<Edit<'_>> = entries.iter().map(|entry| Edit::Directory(entry)).collect();
    opening.push(Edit::Directory("sys/block/md_d0/slaves/sda"));
    opening.push(Edit::Put("sys/block/nvme0c0n1/hidden", "1\n".into()));
    let mut after: Vec<Edit<'_>> = lines.map(|(_, line)| Edit::Append("proc/diskstats", line)).collect();

    let interfaces =
        ["lo", "bond0", "team0", "br0", "eno0.100", "veth12ab", "docker0", "vf0", "fast", "pf0vf3", "tun0"];
    let interfaces = interfaces.map(|name| format!("{name}: 5000 5 0 0 0 0 0 0 5000 5 0 0 0 0 0 0"));
    opening.extend([
        Edit::Directory("sys/class/net/vf0/device/physfn"),
        Edit::Directory("sys/class/net/fast/device"),
        Edit::Directory("sys/class/net/fast/master/device"),
        Edit::Put("sys/class/net/pf0vf3/phys_port_name", "pf0vf3\n".into()),
        Edit::Directory("sys/class/net/pf0vf3/device"),
        // A member of a bond is counted; the bond is not.
        Edit::Directory("sys/class/net/eno0/master/bonding"),
    ]);
    after.extend(interfaces.iter().map(|line| Edit::Append("proc/net/dev", line)));

    let mut stage = Stage::opened_with(SMALL, &opening);
    stage.second(&after);
    stage.second(&after);
    check(
        "stacks",
        stage.samplers.board(),
        &[
            ("disk_read_bytes_per_s", "", Ok(2.0 * DISK_BYTES)),
            ("network_receive_bytes_per_s", "", Ok(2.0 * NET_BYTES)),
        ],
    );
    let shown = |scope: Scope| -> BTreeSet<&str> {
        let of_scope = |id| metric::by_id(id).is_some_and(|metric| metric.scope == scope);
        let keys = stage.samplers.board().keys().iter().filter(|key| of_scope(key.metric));
        keys.map(|key| key.instance.as_str()).collect()
    };
    assert_eq!(shown(Scope::Disk), BTreeSet::from(["", "sda", "sdb"]));
    assert_eq!(shown(Scope::Interface), BTreeSet::from(["", "eno0", "eno1"]));
}

/// Each source and the series that stand and fall with it.
const SOURCES: &[(&str, &[&str])] = &[
    ("proc/stat", &["cpu_"]),
    ("proc/meminfo", &["memory_used", "memory_available", "memory_committed", "swap_used"]),
    ("proc/vmstat", &["swap_bytes_per_s", "memory_major_faults"]),
    ("proc/pressure/cpu", &["pressure_cpu"]),
    ("proc/pressure/memory", &["pressure_memory"]),
    ("proc/pressure/io", &["pressure_io"]),
    ("proc/diskstats", &["disk_"]),
    ("proc/net/dev", &["network_"]),
    ("proc/net/snmp", &["tcp_"]),
];

#[test]
fn a_source_that_cannot_be_read_takes_only_its_own_series_with_it() {
    for (source, its_own) in SOURCES {
        for (edits, why) in [
            (vec![Edit::Drop(source)], "entity not found"),
            (vec![Edit::Drop(source), Edit::Directory(source)], "is a directory"),
        ] {
            let mut stage = Stage::opened_with(SMALL, &edits);
            stage.clock.pass(1.0);
            stage.samplers.sample(&stage.clock);
            stage.clock.pass(1.0);
            stage.samplers.sample(&stage.clock);
            let reason = format!("/{source} cannot be read: {why}");
            let gaps = stage.samplers.board().lasting_gaps();
            for metric in METRICS.iter().filter(|metric| metric.scope != Scope::FileSystem) {
                let reading = stage.samplers.board().reading(metric, "").map_err(|why| why.to_string());
                if its_own.iter().any(|prefix| metric.name.starts_with(prefix)) {
                    assert_eq!(reading, Err(reason.clone()), "{} without {source}", metric.name);
                    assert_eq!(gaps.get(metric.name), Some(&reason));
                } else {
                    let nothing = "nothing completed in the interval".to_owned();
                    assert!(reading.is_ok() || reading == Err(nothing), "{} without {source}", metric.name);
                }
            }
            let failing = stage.samplers.health().into_iter().filter(|health| health.failure.is_some());
            assert_eq!(failing.map(|health| health.failure).collect::<Vec<_>>(), [Some(reason)]);
        }
    }
}

#[test]
fn a_hidden_proc_leaves_nothing_known_and_nothing_zero() {
    let hidden: Vec<Edit<'_>> = SOURCES.iter().map(|(source, _)| Edit::Drop(source)).collect();
    let mut stage = Stage::opened_with(SMALL, &hidden);
    for _ in 0..2 {
        stage.clock.pass(1.0);
        stage.samplers.sample(&stage.clock);
    }
    let board = stage.samplers.board();
    let known: Vec<u16> =
        board.keys().iter().zip(board.readings()).filter(|(_, r)| r.is_ok()).map(|(k, _)| k.metric).collect();
    assert_eq!(known, [metric::AGENT_CPU.id, metric::AGENT_RESIDENT.id]);
}

#[test]
fn a_container_reads_the_host_and_not_itself() {
    let now = |bytes: u64, retransmits: u64| {
        [
            Edit::Put("proc/net/dev", format!("h\nh\n eno1: {} 9 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n", 7 * bytes)),
            Edit::Put("proc/1/net/dev", format!("h\nh\n eno0: {bytes} 9 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n")),
            Edit::Put("proc/1/net/snmp", format!("Tcp: A RetransSegs\nTcp: 1 {retransmits}\n")),
        ]
    };
    let mut stage = Stage::opened_with(SMALL, &now(1_000, 5));
    stage.second(&now(1_000, 5));
    stage.second(&now(3_000, 12));
    let expected: Expected<'_> = &[
        ("network_receive_bytes_per_s", "eno0", Ok(2_000.0)),
        ("network_receive_bytes_per_s", "eno1", ABSENT),
        ("network_receive_bytes_per_s", "", Ok(2_000.0)),
        ("tcp_retransmits_per_s", "", Ok(7.0)),
    ];
    check("a host's /proc under a root of our own", stage.samplers.board(), expected);
}

#[test]
fn slow_sources_are_read_every_five_seconds_and_their_rates_are_over_those() {
    let slow = |faults, retransmits| {
        [("memory_major_faults_per_s", "", faults), ("tcp_retransmits_per_s", "", retransmits)]
    };
    let mut stage = Stage::new(SMALL);
    check("1", stage.second(&[]), &slow(FIRST, FIRST));
    check("2", stage.second(&[]), &slow(Ok(2.0), Ok(2.0)));
    for what in ["3", "4"] {
        check(what, stage.second(&[]), &slow(ABSENT, ABSENT));
        check(what, stage.samplers.board(), &[("disk_read_bytes_per_s", "", Ok(2.0 * DISK_BYTES))]);
    }
    check("5, after three", stage.second(&[]), &slow(Ok(2.0), Ok(2.0)));
    for _ in 6..10 {
        check("between", stage.second(&[]), &slow(ABSENT, ABSENT));
    }
    check("10, after five", stage.second(&[]), &slow(Ok(2.0), Ok(2.0)));
    let mut without = Stage::opened_with(SMALL, &[Edit::Drop("proc/net/snmp")]);
    for _ in 0..4 {
        without.clock.pass(1.0);
        without.samplers.sample(&without.clock);
        let gaps = without.samplers.board().lasting_gaps();
        assert!(gaps.contains_key("tcp_retransmits_per_s"), "what the host lacks stays said in between");
    }
}
