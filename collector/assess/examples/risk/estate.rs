//! The trace as an estate: every machine several times over, each replica with its own amplitude and shift.
// SPDX-License-Identifier: Apache-2.0

use cairn_assess::estate::{Estate, INTERVALS, Load, Server, Week, coding};
use cairn_assess::policy::{CpuScale, HostTemplate, Limits, Policy, UnseenMonthEnd};
use cairn_schemas::assessment::Resource;
use cairn_schemas::fact::{Fact, FactValue};
use cairn_schemas::time::{Timestamp, WEEK_S, Window};

const WEEKS: usize = 13;
const SLOTS: usize = WEEKS * INTERVALS;
/// Monday 2013-07-01 00:00 UTC.
const START: Timestamp = Timestamp(1_372_636_800);
const SHIFT_SLOTS: f64 = 36.0;
const GIB: f64 = 1_073_741_824.0;

/// What memory the estate shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    /// Active memory, as the trace has it: a few percent of what is installed.
    AsTraced,
    /// Half to four fifths of what is installed, nearly flat, as used memory is.
    Binding,
}

/// A host of 120 GHz and 256 GiB, nothing taken off and nothing added: what the naive practice plans on too.
pub(crate) fn policy() -> Policy {
    let mut policy = Policy {
        template: HostTemplate {
            cpu_cores: 50.0,
            cpu_threads: 50.0,
            cpu_mhz: 2_400.0,
            memory_bytes: 256.0 * GIB,
            hypervisor_cpu_ratio: 0.0,
            hypervisor_memory_bytes: 0.0,
            per_vm_memory_bytes: 0.0,
            vms_max: 10_000,
            ..HostTemplate::default()
        },
        limits: Limits { memory_ratio: 0.80, ..Limits::default() },
        ..Policy::default()
    };
    policy.sizing.growth_ratio = 0.0;
    // The trace names no CPU model.
    policy.normalisation.scale = CpuScale::CoresByClock;
    // The trace has no last day of any month, so nothing could test how it is planned.
    policy.sizing.unseen_month_end = UnseenMonthEnd::OrdinaryWeek;
    policy.sizing.cache_allowance_ratio = 0.0;
    policy
}

/// At least so many servers of a prepared trace.
pub(crate) fn replicated(trace: &[u8], servers: usize, memory: Memory) -> Estate {
    let numbers: Vec<f64> =
        trace.chunks_exact(4).map(|b| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]))).collect();
    let machines: Vec<&[f64]> = numbers.chunks_exact(2 + 4 * SLOTS).collect();
    let mut random = Random(42);
    let replicas = servers.div_ceil(machines.len());
    let mut servers: Vec<Server> = Vec::new();
    for replica in 0..replicas {
        for (n, machine) in machines.iter().enumerate() {
            servers.push(server(&format!("r{replica:02}-m{n:03}"), machine, &mut random, memory));
        }
    }
    let window = Window { from: START, to: Timestamp(START.0 + WEEKS as i64 * WEEK_S) };
    Estate { engagement: "bench".into(), window, servers, ..Estate::default() }
}

fn server(name: &str, machine: &[f64], random: &mut Random, memory: Memory) -> Server {
    let amplitude: [f64; 4] = std::array::from_fn(|_| random.between(0.70, 1.35));
    let shift = random.between(-SHIFT_SLOTS, SHIFT_SLOTS) as i64;
    let fill = random.between(0.50, 0.80);
    let (mhz, installed) = (machine[0] * amplitude[0], machine[1] * amplitude[1]);
    let rows: Vec<&[f64]> = machine[2..].chunks_exact(SLOTS).collect();
    let active = rows[1].iter().copied().fold(1.0, f64::max);
    let value = |resource: Resource, slot: usize| {
        let from = (slot as i64 + shift).rem_euclid(SLOTS as i64) as usize;
        let raw = rows[resource as usize][from];
        match (resource, memory) {
            (Resource::Cpu, _) => raw / machine[0],
            (Resource::Memory, Memory::Binding) => installed * fill * (0.9 + 0.1 * raw / active),
            _ => raw * amplitude[resource as usize],
        }
    };
    let number = |name: &str, value: f64| (name.to_owned(), vec![fact(FactValue::Number(value))]);
    let facts = [
        number("cpu_cores", 1.0),
        number("cpu_threads", 1.0),
        number("cpu_mhz", mhz),
        number("memory_bytes", installed),
        // A role whose measured memory may be planned, as the naive practice plans everybody's.
        ("role".to_owned(), vec![fact(FactValue::Text("web".into()))]),
    ];
    Server {
        name: name.to_owned(),
        facts: facts.into_iter().collect(),
        weeks: (0..WEEKS).map(|week| measured_week(week, &value)).collect(),
        first_seen: Some(START),
        ..Server::default()
    }
}

fn fact(value: FactValue) -> Fact {
    let (unit, source) = (String::new(), "trace".into());
    Fact { value, unit, source, observed_at: START, valid_from: None, confirmed_by: None }
}

fn measured_week(week: usize, value: &impl Fn(Resource, usize) -> f64) -> Week {
    let start = Timestamp(START.0 + week as i64 * WEEK_S);
    let load = |resource: Resource| {
        let code = |interval: usize| {
            let value = value(resource, week * INTERVALS + interval);
            coding(resource).encode(Some(value).filter(|value| !value.is_nan()))
        };
        Some(Load { five_minute: (0..INTERVALS).map(code).collect(), counts: Vec::new(), max_1s: None })
    };
    let loads = Resource::ALL.map(load);
    let mut covered_s = [0; 7];
    for interval in (0..INTERVALS).filter(|&i| !value(Resource::Cpu, week * INTERVALS + i).is_nan()) {
        covered_s[interval / 288] += 300;
    }
    Week { start, covered_s, off_s: [0; 7], span: None, loads, storage: None }
}

/// SplitMix64 (Steele, Lea, Flood 2014), so that every run jitters alike.
pub(crate) struct Random(pub u64);

impl Random {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let unit = ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
        low + unit * (high - low)
    }
}
