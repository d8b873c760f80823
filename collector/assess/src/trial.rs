//! Trial estates: servers written down by hand with even loads, and what a policy is expected to make of each. A
//! reader can follow every figure of one, and a consultant can check a policy with one.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::cells_of;
use crate::estate::{Estate, INTERVAL_S, INTERVALS, Load, Server, Week, coding};
use cairn_schemas::assessment::{Category, ExclusionReason, Resource, ScoreParts};
use cairn_schemas::fact::{Fact, FactValue, Facts, entry_of};
use cairn_schemas::time::{DAY_S, Timestamp, Window};
use cairn_schemas::value_code::Code;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Monday 2026-11-02 00:00 UTC, when every trial begins; the month ends on Monday the 30th, in the fifth week.
pub const MONDAY: Timestamp = Timestamp(1_793_577_600);

/// A trial estate as it stands in its file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// Whole weeks of the window.
    pub weeks: u32,
    /// Facts every server has, unless it says otherwise.
    #[serde(default)]
    pub facts: BTreeMap<String, FactValue>,
    /// The servers.
    #[serde(default)]
    pub server: Vec<TrialServer>,
}

/// One server.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrialServer {
    /// Its name.
    pub name: String,
    /// How it was used; never measured without it.
    pub load: Option<TrialLoad>,
    /// Its own facts, over those of all.
    #[serde(default)]
    pub facts: BTreeMap<String, FactValue>,
    /// Facts of all that nobody knows of it.
    #[serde(default)]
    pub forget: Vec<String>,
    /// What is expected of the assessment.
    pub expect: Option<Expected>,
}

/// An even load, with some hours of the week in which the CPU is busier.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrialLoad {
    /// CPU busy, as a share of what the server has.
    pub cpu: f64,
    /// Memory used, bytes.
    pub memory: f64,
    /// Disk, bytes a second.
    pub disk: f64,
    /// Network, the busier direction, bytes a second.
    pub network: f64,
    /// Hours of the week, 0 to 167 from Monday 00:00 UTC on, in which the CPU is busier.
    #[serde(default)]
    pub busy_hours: Vec<usize>,
    /// CPU busy in those hours.
    #[serde(default)]
    pub busy_cpu: f64,
    /// Weeks it was measured, from the first one on; all of them without it.
    pub weeks: Option<u32>,
}

/// What is expected of the assessment of a server; what is not named is not compared.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Why it is outside the count.
    pub excluded: Option<ExclusionReason>,
    /// Where it stands.
    pub category: Option<Category>,
    /// Its score, to a twentieth of a point.
    pub score: Option<f64>,
    /// The parts of the score, each to a twentieth of a point.
    pub parts: Option<ScoreParts>,
    /// Messages that must be among its findings, `clustered.node` say.
    #[serde(default)]
    pub says: Vec<String>,
    /// Messages that must not be.
    #[serde(default)]
    pub says_not: Vec<String>,
}

impl Trial {
    /// The window of the trial.
    #[must_use]
    pub const fn window(&self) -> Window {
        Window { from: MONDAY, to: Timestamp(MONDAY.0 + self.weeks as i64 * 7 * DAY_S) }
    }

    /// The estate it describes; every fact is from `trial` and confirmed by nobody but it.
    #[must_use]
    pub fn estate(&self) -> Estate {
        let mut servers: Vec<Server> = self.server.iter().map(|server| self.server(server)).collect();
        servers.sort_by(|a, b| a.name.cmp(&b.name));
        Estate { engagement: "trial".into(), window: self.window(), servers, ..Estate::default() }
    }

    fn server(&self, trial: &TrialServer) -> Server {
        let mut values = self.facts.clone();
        values.extend(trial.facts.clone());
        values.retain(|name, _| !trial.forget.contains(name));
        let facts: Facts = values.into_iter().map(|(name, value)| fact(name, value)).collect();
        let mut server =
            Server { name: trial.name.clone(), facts, first_seen: Some(MONDAY), ..Server::default() };
        if let Some(load) = &trial.load {
            let weeks = load.weeks.map_or(self.weeks, |weeks| weeks.min(self.weeks));
            let at = |resource, hour| load.at(resource, hour);
            server.weeks = (0..i64::from(weeks)).map(|number| week(number, at)).collect();
        }
        server
    }
}

fn fact(name: String, value: FactValue) -> (String, Vec<Fact>) {
    let unit = match value {
        FactValue::Number(_) => entry_of(&name).map_or("", |entry| entry.unit()),
        FactValue::Bool(_) | FactValue::Text(_) => "",
    };
    let fact = Fact {
        value,
        unit: unit.to_owned(),
        source: "trial".into(),
        observed_at: MONDAY,
        valid_from: None,
        confirmed_by: Some("trial".into()),
    };
    (name, vec![fact])
}

impl TrialLoad {
    fn at(&self, resource: Resource, hour: usize) -> f64 {
        match resource {
            Resource::Cpu if self.busy_hours.contains(&hour) => self.busy_cpu,
            Resource::Cpu => self.cpu,
            Resource::Memory => self.memory,
            Resource::Disk => self.disk,
            Resource::Network => self.network,
        }
    }
}

/// A whole week, full of five-minute slots: `value(resource, hour of the week)`; NaN leaves a resource out.
#[must_use]
pub fn week(number: i64, value: impl Fn(Resource, usize) -> f64) -> Week {
    let start = Timestamp(MONDAY.0 + number * 7 * DAY_S);
    let load = |resource: Resource| {
        if value(resource, 0).is_nan() {
            return None;
        }
        let mut counts: BTreeMap<Code, u32> = BTreeMap::new();
        let codes = (0..INTERVALS as i64).map(|i| {
            let (hour, _) = cells_of(Timestamp(start.0 + i * INTERVAL_S));
            let code = coding(resource).encode(Some(value(resource, hour)));
            *counts.entry(code).or_default() += 1;
            code
        });
        let five_minute = codes.collect();
        Some(Load { five_minute, counts: counts.into_iter().collect(), max_1s: None })
    };
    Week {
        start,
        covered_s: [DAY_S as u32; 7],
        off_s: [0; 7],
        span: Some(Window { from: start, to: Timestamp(start.0 + 7 * DAY_S) }),
        loads: Resource::ALL.map(load),
        storage: None,
    }
}
