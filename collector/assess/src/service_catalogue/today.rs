//! What a server costs a month today, part by part, as the lines of the value have it.
//!
//! What owned hardware will cost when it is replaced is not in it: that is a purchase, and stands in the value. A server of
//! which no fact speaks of a lease is owned, as it is there.
// SPDX-License-Identifier: Apache-2.0

use super::Subject;
use super::cost::{Costs, Known, by, month};
use crate::policy::Policy;
use crate::power;
use cairn_schemas::assessment::{Cents, Range};

/// The parts, in reading order.
pub(super) const PARTS: [&str; 4] = ["energy", "maintenance", "lease", "space"];

/// What is known of a server's cost, and what is not.
pub(super) struct Bill {
    /// In the order of [`PARTS`].
    pub(super) parts: [Known<Cents>; 4],
    pub(super) labour: Known<Cents>,
}

pub(super) fn of(subject: &Subject<'_>, policy: &Policy, costs: &Costs) -> Bill {
    Bill {
        parts: [
            energy(subject, policy, costs),
            maintenance(subject, costs),
            lease(subject),
            costs.space(1.0).and_then(|year| month(year, "rack_unit_cost")),
        ],
        labour: costs.labour("servers_per_admin_physical"),
    }
}

impl Bill {
    /// What nobody has said.
    pub(super) fn missing(&self) -> impl Iterator<Item = &'static str> {
        self.parts.iter().chain([&self.labour]).filter_map(|part| part.err())
    }

    pub(super) fn cash(&self) -> Cents {
        self.parts.iter().flatten().copied().fold(Cents::default(), Cents::plus)
    }
}

fn energy(subject: &Subject<'_>, policy: &Policy, costs: &Costs) -> Known<Cents> {
    let busy = subject.judged.utilisation.cpu_busy_ratio.ok_or("cpu_busy_ratio")?;
    let watts = power::of(subject.server, &policy.value).at(busy.mean);
    month(costs.energy(watts)?, "electricity_price")
}

/// Its contract, else a share of what such a server costs; at the low end there is none that nobody knows of.
fn maintenance(subject: &Subject<'_>, costs: &Costs) -> Known<Cents> {
    let fact = "annual_maintenance_cost";
    if let Some(contract) = subject.server.number(fact) {
        return month(Range::of(contract), fact);
    }
    let assumed = by(costs.get("server_price")?, costs.get("maintenance_share")?, 1.0);
    month(Range { low: 0.0, ..assumed }, "server_price")
}

fn lease(subject: &Subject<'_>) -> Known<Cents> {
    let fact = "annual_lease_cost";
    match (subject.server.number(fact), subject.server.text("lease_end")) {
        (Some(rate), _) => month(Range::of(rate), fact),
        (None, Some(_)) => Err(fact),
        (None, None) => Ok(Cents::default()),
    }
}
