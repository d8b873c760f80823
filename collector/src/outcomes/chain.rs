//! The order of steps: none before the one it follows, none twice, no date that cannot be.
// SPDX-License-Identifier: Apache-2.0

use crate::decisions::Wrong;
use crate::store::outcomes::KeptStep;
use cairn_schemas::outcome::{Step, StepKind};
use cairn_schemas::time::Timestamp;
use std::collections::BTreeMap;

/// The steps that count of each server, those about to be entered included.
#[derive(Clone, Debug, Default)]
pub struct Chains(BTreeMap<String, Vec<Step>>);

impl Chains {
    /// The steps nobody withdrew.
    #[must_use]
    pub fn of(kept: Vec<KeptStep>) -> Self {
        let mut chains: BTreeMap<String, Vec<Step>> = BTreeMap::new();
        for KeptStep { step, withdrawn } in kept {
            if withdrawn.is_none() {
                chains.entry(step.server.clone()).or_default().push(step);
            }
        }
        Self(chains)
    }

    fn made(&self, server: &str, kind: StepKind) -> Option<&Step> {
        self.0.get(server)?.iter().find(|step| step.step == kind)
    }

    /// Takes a step behind those there are.
    ///
    /// # Errors
    /// It was made already, the one before it was not, or its date lies before that one's or ahead.
    pub fn accept(&mut self, step: &Step, now: Timestamp) -> Result<(), Wrong> {
        let Step { server, step: kind, on, .. } = step;
        let wrong = |field, text| Err(Wrong { field, text });
        if *on > now {
            return wrong("on", format!("{} lies ahead: it has not happened yet", on.date()));
        }
        if let Some(made) = self.made(server, *kind) {
            return wrong("step", format!("{server} is {} since {} already", named(*kind), made.on.date()));
        }
        if let Some(before) = kind.before() {
            let Some(made) = self.made(server, before) else {
                let text = format!("{server} cannot be {} before it is {}", named(*kind), named(before));
                return wrong("step", text);
            };
            if on.day() < made.on.day() {
                let (is, was) = (on.date(), made.on.date());
                return wrong("on", format!("{is} is before the day it was {}, {was}", named(before)));
            }
        }
        self.0.entry(server.clone()).or_default().push(step.clone());
        Ok(())
    }

    /// A step that was made after one, and rests on it.
    #[must_use]
    pub fn resting_on(&self, id: u64) -> Option<&Step> {
        let of_it = self.0.values().find(|steps| steps.iter().any(|step| step.id == id))?;
        let kind = of_it.iter().find(|step| step.id == id)?.step;
        of_it.iter().find(|step| step.step.before() == Some(kind))
    }
}

fn named(kind: StepKind) -> String {
    kind.name().replace('_', " ")
}
