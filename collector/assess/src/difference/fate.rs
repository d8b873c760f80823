//! What became of each server between two assessments, as the two say it themselves.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::assessment::{Assessment, ExclusionReason, Resource, ServerReadiness, Utilisation};
use cairn_schemas::change::{Cause, LoadChange, ServerChange};
use std::collections::{BTreeMap, BTreeSet};

/// From which change of its 95th percentile on a server that grew or shrank is worth a line of its own (*ours*).
const LINE_RATIO_MIN: f64 = 0.10;

/// A server in an assessment.
#[derive(Clone, Copy)]
enum Place<'a> {
    Counted(&'a ServerReadiness),
    Outside(ExclusionReason, Option<(&'a Utilisation, Option<f64>)>),
}

/// A server in both assessments, or in one.
struct Known<'a> {
    before: Option<Place<'a>>,
    after: Option<Place<'a>>,
}

/// Every server of two assessments with what became of it.
pub(super) struct Fates<'a>(BTreeMap<&'a str, Known<'a>>);

impl<'a> Fates<'a> {
    /// The servers of two assessments.
    pub(super) fn of(before: &'a Assessment, after: &'a Assessment) -> Self {
        let mut known: BTreeMap<&str, Known<'_>> = BTreeMap::new();
        let nobody = || Known { before: None, after: None };
        for (name, place) in places(before) {
            known.entry(name).or_insert_with(nobody).before = Some(place);
        }
        for (name, place) in places(after) {
            known.entry(name).or_insert_with(nobody).after = Some(place);
        }
        Self(known)
    }

    /// Servers of a membership or load cause.
    pub(super) fn names(&self, cause: Cause) -> BTreeSet<&'a str> {
        let is = |known: &Known<'_>| match cause {
            Cause::Grown | Cause::Shrunk | Cause::Rhythm => known.load().0 == cause,
            _ => known.membership() == Some(cause),
        };
        self.0.iter().filter(|(_, known)| is(known)).map(|(name, _)| *name).collect()
    }

    /// Whether the earlier assessment knew a server.
    pub(super) fn was_known(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|known| known.before.is_some())
    }

    /// Servers whose facts must have changed, as far as the assessments show it.
    pub(super) fn known_otherwise(&self, before: &Assessment, after: &Assessment) -> BTreeSet<String> {
        let decided = |of: &Assessment, server: &str| -> Vec<u64> {
            let about = of.decisions.iter().filter(|weighed| weighed.decision.server == server);
            about.map(|weighed| weighed.decision.id).collect()
        };
        let changed = |name: &str, known: &Known<'_>| match (known.before, known.after) {
            (Some(Place::Counted(a)), Some(Place::Counted(b))) => {
                (a.capacity, &a.owner, &a.role, &a.os) != (b.capacity, &b.owner, &b.role, &b.os)
                    || decided(before, name) != decided(after, name)
            }
            _ => false,
        };
        self.0
            .iter()
            .filter(|(name, known)| changed(name, known))
            .map(|(name, _)| (*name).to_owned())
            .collect()
    }

    /// A line for each server and cause, by name; `knowledge` are the servers of which other things are known.
    pub(super) fn changes(&self, knowledge: &BTreeSet<String>) -> Vec<ServerChange> {
        let mut lines = Vec::new();
        for (name, known) in &self.0 {
            let mut line = |cause, load| lines.push(known.line(name, cause, load));
            if let Some(cause) = known.membership() {
                line(cause, None);
                continue;
            }
            if knowledge.contains(*name) {
                line(Cause::Knowledge, None);
            }
            if let (cause @ (Cause::Grown | Cause::Shrunk), load) = known.load() {
                line(cause, load);
            }
        }
        lines
    }
}

/// Whether a server is named, and not only counted.
pub(super) fn is_worth_a_line(change: &ServerChange) -> bool {
    change.load.is_none_or(|load| load.ratio().abs() >= LINE_RATIO_MIN)
}

fn places(of: &Assessment) -> impl Iterator<Item = (&str, Place<'_>)> {
    let counted = of.readiness.servers.iter().map(|server| (server.server.as_str(), Place::Counted(server)));
    let outside = of.estate.excluded.iter().map(|excluded| {
        let measured = excluded.measured.as_ref();
        let measured = measured.map(|measured| (&measured.utilisation, measured.capacity.cpu_mhz));
        (excluded.server.as_str(), Place::Outside(excluded.reason, measured))
    });
    counted.chain(outside)
}

impl<'a> Place<'a> {
    fn counted(self) -> Option<&'a ServerReadiness> {
        if let Self::Counted(server) = self { Some(server) } else { None }
    }

    /// 95th percentiles in the order of [`Resource::ALL`].
    fn p95(self) -> [Option<f64>; 4] {
        let (used, mhz) = match self {
            Self::Counted(server) => (&server.utilisation, server.capacity.cpu_mhz),
            Self::Outside(_, Some(measured)) => measured,
            Self::Outside(_, None) => return [None; 4],
        };
        [
            used.cpu_busy_ratio.zip(mhz).map(|(busy, mhz)| busy.p95 * mhz),
            used.memory_used_bytes.map(|p| p.p95),
            used.disk_bytes_per_s.map(|p| p.p95),
            used.network_bytes_per_s.map(|p| p.p95),
        ]
    }
}

impl Known<'_> {
    /// The cause that concerns who is in the count; `None` for who stayed where it was.
    fn membership(&self) -> Option<Cause> {
        let outside = |reason| match reason {
            ExclusionReason::AlreadyVirtual | ExclusionReason::Hypervisor | ExclusionReason::Moved => {
                Cause::BecameVirtual
            }
            ExclusionReason::Retiring => Cause::Retired,
        };
        match (self.before, self.after) {
            (Some(_), None) => Some(Cause::Gone),
            (None, _) => Some(Cause::New),
            (Some(Place::Counted(_)), Some(Place::Counted(_))) => None,
            (Some(Place::Counted(_)), Some(Place::Outside(reason, _))) => Some(outside(reason)),
            (Some(Place::Outside(..)), Some(Place::Counted(_))) => Some(Cause::Returned),
            (Some(Place::Outside(was, _)), Some(Place::Outside(is, _))) => (was != is).then(|| outside(is)),
        }
    }

    /// Whether it uses more or less: by the resource whose 95th percentile changed most. [`Cause::Rhythm`] where none
    /// did, or where one of them is not measured.
    fn load(&self) -> (Cause, Option<LoadChange>) {
        let p95 = |place: Option<Place<'_>>| place.map_or([None; 4], Place::p95);
        let (before, after) = (p95(self.before), p95(self.after));
        let changes = Resource::ALL.into_iter().zip(before.into_iter().zip(after));
        let changes =
            changes.filter_map(|(resource, (b, a))| Some(LoadChange { resource, before: b?, after: a? }));
        // Of equals the first.
        let most = changes
            .reduce(|most, next| if next.ratio().abs() > most.ratio().abs() { next } else { most })
            .filter(|change| change.before != change.after);
        match most {
            Some(change) if change.after > change.before => (Cause::Grown, most),
            Some(_) => (Cause::Shrunk, most),
            None => (Cause::Rhythm, None),
        }
    }

    fn line(&self, name: &str, cause: Cause, load: Option<LoadChange>) -> ServerChange {
        let before = self.before.and_then(Place::counted);
        let after = self.after.and_then(Place::counted);
        ServerChange {
            server: name.to_owned(),
            cause,
            category_before: before.map(|server| server.category),
            category_after: after.map(|server| server.category),
            score_before: before.and_then(|server| server.score),
            score_after: after.and_then(|server| server.score),
            load,
        }
    }
}
