//! The simulated estate on its way into a store: as a source of its own kind, so that nothing that is made of
//! it can pass for measured.
// SPDX-License-Identifier: Apache-2.0

use super::SIMULATED_PERSON;
use crate::simulate::{Population, SimulatedServer};
use crate::store::{MergeStats, Result, SourceKind, Store};
use cairn_assess::estate::RecordedTrigger;
use cairn_schemas::time::{Timestamp, Window};
use std::sync::mpsc::sync_channel;

/// Servers made ahead of the store: memory for some, never for all.
const AHEAD: usize = 4;

/// What was added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Servers.
    pub servers: usize,
    /// Values, means and maxima.
    pub values: u64,
}

/// Makes a population and keeps it in a store; says after each server how much there is by then.
///
/// # Errors
/// The store fails.
pub fn add_simulated(
    store: &dyn Store,
    population: &Population,
    mut said: impl FnMut(&Added),
) -> Result<Added> {
    let mut added = Added::default();
    std::thread::scope(|scope| {
        let (sender, servers) = sync_channel(AHEAD);
        // It ends when all are made, or when nobody listens any more.
        scope.spawn(move || population.servers().try_for_each(|server| sender.send(server).ok()));
        for server in servers {
            keep(store, &server)?;
            added.servers += 1;
            added.values += server.table.values_known() as u64;
            said(&added);
        }
        Ok(added)
    })
}

fn keep(store: &dyn Store, server: &SimulatedServer) -> Result<MergeStats> {
    let source = store.source(SourceKind::Simulated, &server.name, &server.name)?;
    store.put_facts(&server.name, &server.facts)?;
    store.merge(source.id, &server.table, &server.gaps)
}

/// Records the business trigger a person would record, as simulated, so that phase 1 may open.
///
/// # Errors
/// The store fails.
pub fn record_simulated_trigger(store: &dyn Store, on: Timestamp) -> Result<()> {
    let trigger = "hardware-refresh".to_owned();
    store.record_trigger(&RecordedTrigger { phase: 1, trigger, by: SIMULATED_PERSON.to_owned(), on }, on)
}

/// The window to assess: the simulated days, and what has been measured since.
///
/// # Errors
/// The store fails.
pub fn window_of(store: &dyn Store, population: &Population) -> Result<Window> {
    let simulated = population.window();
    let measured_to = store.extent()?.map_or(simulated.to, |extent| extent.to);
    Ok(Window { from: simulated.from, to: simulated.to.max(measured_to) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::Plant;
    use crate::store::sqlite::SqliteStore;
    use cairn_assess::policy::Policy;
    use cairn_schemas::assessment::{Assessment, Category, ExclusionReason};

    const NOW: &str = "2026-11-25T15:30:00Z";

    fn assessed(servers: usize) -> (Population, Assessment) {
        let now = Timestamp::parse_rfc3339(NOW).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(dir.path(), &"demo".parse().unwrap()).unwrap();
        let population = Population::new(servers, 28, now, 1);
        let added = add_simulated(&store, &population, |_| {}).unwrap();
        assert_eq!(added.servers, servers);
        record_simulated_trigger(&store, now).unwrap();
        let window = window_of(&store, &population).unwrap();
        let estate = crate::estate::load(&store, window).unwrap();
        (population, cairn_assess::assess(&estate, &Policy::default(), now))
    }

    #[test]
    fn what_is_planted_is_found_and_phase_one_opens() {
        let (population, assessment) = assessed(200);
        assert_eq!(assessment.estate.simulated, 200);
        for server in population.servers() {
            let excluded = assessment.estate.excluded.iter().find(|e| e.server == server.name);
            let judged = assessment.readiness.servers.iter().find(|s| s.server == server.name);
            let found = match server.truth.plant {
                Plant::AlreadyVirtual => {
                    excluded.is_some_and(|e| e.reason == ExclusionReason::AlreadyVirtual)
                }
                Plant::Hypervisor => excluded.is_some_and(|e| e.reason == ExclusionReason::Hypervisor),
                Plant::Retiring => excluded.is_some_and(|e| e.reason == ExclusionReason::Retiring),
                Plant::Dongle
                | Plant::NotX86
                | Plant::VendorForbids
                | Plant::Appliance
                | Plant::UnsupportedOs => {
                    judged.is_some_and(|s| s.category == Category::Blocked && s.score.is_none())
                }
                Plant::NeverMeasured => judged.is_some_and(|s| s.category == Category::Unknown),
                Plant::MostlyMissing => judged.is_some_and(|s| s.coverage_ratio < Some(0.5)),
                _ => judged.is_some_and(|s| s.category <= Category::Conditional && s.simulated),
            };
            assert!(found, "{} ({})", server.name, server.truth.name);
        }
        planted_gates_are_proven_and_no_other(&population, &assessment);
        assert_eq!(assessment.journey.opened.len(), 1, "{:?}", assessment.journey.triggers);
        let plan = assessment.consolidation.unwrap();
        let net = plan.net_consolidation_ratio.unwrap();
        assert!((6.0..15.0).contains(&net), "{net}");
    }
    /// Each planted blocker by the rule that is for it, with the fact it rests on; and nothing else is proven.
    fn planted_gates_are_proven_and_no_other(population: &Population, assessment: &Assessment) {
        for server in population.servers() {
            let Some(judged) = assessment.readiness.servers.iter().find(|s| s.server == server.name) else {
                continue;
            };
            let proven: Vec<(&str, &str)> = judged
                .findings
                .iter()
                .filter(|finding| ["proven", "too-old"].iter().any(|end| finding.message_id.ends_with(end)))
                .map(|finding| (finding.id.as_str(), finding.evidence.as_deref().unwrap_or_default()))
                .collect();
            let expected: &[(&str, &str)] = match server.truth.plant {
                Plant::Dongle => &[("special-hardware", "special_hardware: simulated")],
                Plant::NotX86 => &[("architecture", "architecture: simulated")],
                Plant::VendorForbids => &[("vendor-support", "vendor_support: simulated")],
                Plant::Appliance => &[("appliance", "appliance: simulated")],
                Plant::UnsupportedOs => &[("guest-os", "hypervisor_support: simulated")],
                _ => &[],
            };
            assert_eq!(proven, expected, "{} ({})", server.name, server.truth.name);
            let dongle = judged.findings.iter().find(|finding| finding.id == "special-hardware");
            if server.truth.plant == Plant::Dongle {
                let shown = format!("{:?}", dongle.map(|finding| &finding.args["value"]));
                assert!(shown.contains("/sys/bus/usb"), "{shown}");
            }
        }
    }
}
