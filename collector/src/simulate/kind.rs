//! `KINDS`: what kinds of server the simulated estate has, in which shares, and what is planted in each for
//! an assessment to find. A new kind is one entry here.
// SPDX-License-Identifier: Apache-2.0

use super::load::{Load, Shape};
use super::machine::Class;

/// A kind of server.
#[derive(Debug)]
pub struct Kind {
    /// Its name, for tests and for people.
    pub name: &'static str,
    /// Its share of the estate, per thousand.
    pub share: u32,
    /// What an assessment should find.
    pub plant: Plant,
    /// Beginning of its servers' names, after `sim-`.
    pub(super) prefix: &'static str,
    /// Roles its servers have.
    pub(super) roles: &'static [&'static str],
    /// Machines it runs on.
    pub(super) class: Class,
    /// How it is used.
    pub(super) load: Load,
    /// Share of it that the IT department owns.
    pub(super) it_owned_ratio: f64,
    /// Whether it stands in the DMZ.
    pub(super) dmz: bool,
}

/// What is planted in a server for an assessment to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plant {
    /// Nothing.
    None,
    /// A licence dongle: a gate, with its proof.
    Dongle,
    /// Another processor architecture: a gate.
    NotX86,
    /// The application's vendor forbids it: a gate.
    VendorForbids,
    /// A turnkey appliance: a gate.
    Appliance,
    /// A system the chosen hypervisor does not support, and never will: a gate.
    UnsupportedOs,
    /// A virtual machine already: outside the count.
    AlreadyVirtual,
    /// A hypervisor host: outside the count.
    Hypervisor,
    /// Its owner switches it off: outside the count.
    Retiring,
    /// The active node of a failover cluster.
    ClusterActive,
    /// Its idle partner, which must be sized for the active node's load.
    ClusterStandby,
    /// Switched off at night and at weekends.
    OffAtNight,
    /// More memory was built in on the way.
    MemoryUpgrade,
    /// The agent came late.
    AgentLate,
    /// The agent stood still for days.
    AgentDown,
    /// The collector was away for longer than the spool lasts.
    SpoolFull,
    /// Most of the time is missing.
    MostlyMissing,
    /// Known by name only: never measured, no capacity.
    NeverMeasured,
}

const KIND: Kind = Kind {
    name: "",
    share: 0,
    plant: Plant::None,
    prefix: "app",
    roles: &["web"],
    class: Class::Middle,
    load: OFFICE,
    it_owned_ratio: 0.35,
    dmz: false,
};

const OFFICE: Load = Load {
    shape: Shape::Office,
    idle_cpu: (0.01, 0.03),
    peak_cpu: (0.12, 0.30),
    memory: (0.28, 0.50),
    disk_mb_per_s: (4.0, 25.0),
    network_mb_per_s: (1.0, 12.0),
};
const QUIET: Load = Load {
    shape: Shape::Quiet,
    idle_cpu: (0.004, 0.02),
    peak_cpu: (0.04, 0.12),
    memory: (0.10, 0.25),
    disk_mb_per_s: (0.5, 4.0),
    network_mb_per_s: (0.05, 1.0),
};
const STEADY: Load = Load {
    shape: Shape::Steady,
    idle_cpu: (0.02, 0.05),
    peak_cpu: (0.16, 0.30),
    memory: (0.30, 0.50),
    disk_mb_per_s: (3.0, 20.0),
    network_mb_per_s: (1.0, 8.0),
};
const NIGHTLY: Load = Load {
    shape: Shape::Nightly,
    idle_cpu: (0.01, 0.03),
    peak_cpu: (0.35, 0.65),
    memory: (0.30, 0.55),
    disk_mb_per_s: (40.0, 120.0),
    network_mb_per_s: (5.0, 30.0),
};
const BURSTY: Load = Load {
    shape: Shape::Bursty,
    idle_cpu: (0.02, 0.04),
    peak_cpu: (0.25, 0.55),
    memory: (0.25, 0.45),
    disk_mb_per_s: (2.0, 12.0),
    network_mb_per_s: (10.0, 60.0),
};
const MONTH_END: Load = Load { shape: Shape::MonthEnd, peak_cpu: (0.60, 0.85), ..NIGHTLY };
const DATABASE: Load = Load {
    shape: Shape::Database,
    idle_cpu: (0.02, 0.05),
    peak_cpu: (0.16, 0.34),
    memory: (0.70, 0.86),
    disk_mb_per_s: (30.0, 140.0),
    network_mb_per_s: (4.0, 25.0),
};

/// Every kind, the common ones first. The shares add up to a thousand.
pub static KINDS: &[Kind] = &[
    Kind { name: "office", share: 200, prefix: "app", roles: &["web", "file", "print", "java"], ..KIND },
    Kind {
        name: "idle",
        share: 155,
        prefix: "infra",
        roles: &["dns", "dhcp", "infrastructure", "monitoring"],
        class: Class::Small,
        load: QUIET,
        it_owned_ratio: 0.75,
        ..KIND
    },
    Kind {
        name: "bursty-web",
        share: 105,
        prefix: "web",
        roles: &["web", "proxy"],
        class: Class::Small,
        load: BURSTY,
        it_owned_ratio: 0.3,
        dmz: true,
        ..KIND
    },
    Kind {
        name: "night-batch",
        share: 90,
        prefix: "batch",
        roles: &["batch", "build"],
        load: NIGHTLY,
        ..KIND
    },
    Kind {
        name: "database",
        share: 85,
        prefix: "db",
        roles: &["database"],
        class: Class::Large,
        load: DATABASE,
        it_owned_ratio: 0.2,
        ..KIND
    },
    Kind {
        name: "steady",
        share: 75,
        prefix: "core",
        roles: &["domain_controller", "mail_relay", "infrastructure", "monitoring"],
        class: Class::Small,
        load: STEADY,
        it_owned_ratio: 0.8,
        ..KIND
    },
    Kind { name: "month-end", share: 35, prefix: "fin", roles: &["batch"], load: MONTH_END, ..KIND },
    Kind {
        name: "memory-bound",
        share: 25,
        prefix: "java",
        roles: &["java"],
        load: Load { memory: (0.90, 0.96), ..OFFICE },
        ..KIND
    },
    Kind {
        name: "cluster-active",
        share: 20,
        plant: Plant::ClusterActive,
        prefix: "ha",
        roles: &["java", "file"],
        load: STEADY,
        ..KIND
    },
    Kind {
        name: "cluster-standby",
        share: 20,
        plant: Plant::ClusterStandby,
        prefix: "ha",
        roles: &["java", "file"],
        load: QUIET,
        ..KIND
    },
    Kind {
        name: "off-at-night",
        share: 35,
        plant: Plant::OffAtNight,
        prefix: "test",
        roles: &["build", "web"],
        class: Class::Small,
        it_owned_ratio: 0.6,
        ..KIND
    },
    Kind {
        name: "already-virtual",
        share: 40,
        plant: Plant::AlreadyVirtual,
        prefix: "vm",
        class: Class::Virtual,
        ..KIND
    },
    Kind {
        name: "hypervisor",
        share: 10,
        plant: Plant::Hypervisor,
        prefix: "hv",
        roles: &["hypervisor"],
        class: Class::Large,
        load: STEADY,
        it_owned_ratio: 1.0,
        ..KIND
    },
    Kind { name: "retiring", share: 10, plant: Plant::Retiring, prefix: "old", load: QUIET, ..KIND },
    Kind { name: "dongle", share: 15, plant: Plant::Dongle, prefix: "lic", roles: &["licence"], ..KIND },
    Kind { name: "not-x86", share: 10, plant: Plant::NotX86, prefix: "pwr", class: Class::NotX86, ..KIND },
    Kind { name: "vendor-forbids", share: 10, plant: Plant::VendorForbids, prefix: "med", ..KIND },
    Kind { name: "appliance", share: 5, plant: Plant::Appliance, prefix: "appl", load: STEADY, ..KIND },
    Kind { name: "unsupported-os", share: 5, plant: Plant::UnsupportedOs, prefix: "nt", load: QUIET, ..KIND },
    Kind { name: "memory-upgrade", share: 5, plant: Plant::MemoryUpgrade, prefix: "app", ..KIND },
    Kind { name: "agent-late", share: 15, plant: Plant::AgentLate, prefix: "app", ..KIND },
    Kind { name: "agent-down", share: 10, plant: Plant::AgentDown, prefix: "app", ..KIND },
    Kind { name: "spool-full", share: 10, plant: Plant::SpoolFull, prefix: "web", load: BURSTY, ..KIND },
    Kind { name: "mostly-missing", share: 5, plant: Plant::MostlyMissing, prefix: "app", ..KIND },
    Kind { name: "never-measured", share: 5, plant: Plant::NeverMeasured, prefix: "app", ..KIND },
];

/// A place in the estate: the kind of server, and the server it shares site and machine with (itself, unless
/// it is the second node of a cluster).
#[derive(Clone, Copy, Debug)]
pub(super) struct Card {
    pub(super) kind: &'static Kind,
    pub(super) lead: usize,
}

/// Deals kinds to servers so that every beginning of the estate has the shares as nearly as it can: each
/// place goes to the kind that is furthest behind. A standby node follows its active node at once.
pub(super) fn deal(servers: usize) -> Vec<Card> {
    let mut dealt = vec![0_i64; KINDS.len()];
    let mut cards: Vec<Card> = Vec::with_capacity(servers);
    for place in 0..servers {
        let after_active = cards.last().is_some_and(|card| card.kind.plant == Plant::ClusterActive);
        let behind = |(index, kind): (usize, &Kind)| {
            let due = i64::from(kind.share) * (place as i64 + 1) - 1_000 * dealt[index];
            let allowed = (kind.plant == Plant::ClusterStandby) == after_active;
            if allowed { due } else { i64::MIN }
        };
        // The first of equals, so that the table's order decides.
        let next = (0..KINDS.len()).rev().max_by_key(|i| behind((*i, &KINDS[*i]))).unwrap_or(0);
        dealt[next] += 1;
        let lead = if after_active { place - 1 } else { place };
        cards.push(Card { kind: &KINDS[next], lead });
    }
    cards
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn shares_add_up_and_names_are_unique() {
        assert_eq!(KINDS.iter().map(|kind| kind.share).sum::<u32>(), 1_000);
        let names: BTreeSet<_> = KINDS.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), KINDS.len());
    }

    #[test]
    fn two_hundred_servers_have_every_kind_near_its_share() {
        let cards = deal(200);
        for kind in KINDS {
            let count = cards.iter().filter(|card| std::ptr::eq(card.kind, kind)).count() as f64;
            assert!((count - 0.2 * f64::from(kind.share)).abs() <= 1.0, "{}: {count}", kind.name);
            assert!(count > 0.0, "{}", kind.name);
        }
    }

    #[test]
    fn a_standby_follows_its_active_node_and_nothing_else_does() {
        for pair in deal(600).windows(2) {
            let active = pair[0].kind.plant == Plant::ClusterActive;
            assert_eq!(active, pair[1].kind.plant == Plant::ClusterStandby);
            assert!(!active || pair[1].lead == pair[0].lead);
        }
    }

    #[test]
    fn a_small_estate_is_the_beginning_of_a_large_one() {
        let names = |servers| deal(servers).iter().map(|card| card.kind.name).collect::<Vec<_>>();
        assert_eq!(names(10), names(200)[..10]);
    }
}
