//! Another key for an agent: asked for by a person, made after an acknowledgement, and lost on the way like anything.
// SPDX-License-Identifier: Apache-2.0

use super::keyring::Key;
use super::world::{Event, World};
use cairn_agent::uplink::Outcome;
use cairn_collector::store::{Rotated, Rotation, Store as _};

/// A request for another key on its way, or what was said to it.
#[derive(Clone, Debug)]
pub(super) struct Rotating {
    machine: usize,
    run: u64,
    asked: u64,
    rotation: Rotation,
    answer: Option<Rotated>,
}

impl World {
    pub(super) fn ask_rotation(&self, at: usize) -> bool {
        let now = self.collector.now(self.now_ms);
        self.collector.store.ask_rotation(self.machines[at].agent_id, "A. Person", now).unwrap_or(false)
    }

    /// An agent has heard an acknowledgement: it may ask for another key, or has asked and not heard.
    pub(super) fn follow(&mut self, at: usize, outcome: &Outcome) {
        let Outcome::Acknowledged(ack) = outcome else { return };
        let asked = ack.directives.as_ref().map_or(0, |directives| directives.key_epoch);
        let (machine, random) = (&self.machines[at], &mut self.random);
        let request = machine.keys.request(machine.agent_id, asked, || Key::new(random.next()));
        let Some(rotation) = request else { return };
        let rotating = Rotating { machine: at, run: machine.run, asked, rotation, answer: None };
        self.deliver(rotating);
    }

    fn deliver(&mut self, rotating: Rotating) {
        if self.random.chance(self.loss) {
            return self.history.count("change of key lost");
        }
        let delay_ms = self.delay_ms();
        self.later(delay_ms, Event::Rotation(rotating));
    }

    /// The request has reached the collector, or the answer its agent.
    pub(super) fn rotate(&mut self, rotating: Rotating) {
        let machine = &self.machines[rotating.machine];
        if machine.is_cut_off {
            return;
        }
        let Some(answer) = rotating.answer else {
            let now = self.collector.now(self.now_ms);
            let rotated = self.collector.is_up.then(|| self.collector.store.rotate(&rotating.rotation, now));
            let Some(Ok(answer)) = rotated else { return };
            self.note("rotates", [rotating.machine as u64, rotating.rotation.epoch, answer as u64]);
            return self.deliver(Rotating { answer: Some(answer), ..rotating });
        };
        if machine.run != rotating.run || machine.is_asleep {
            return;
        }
        if answer == Rotated::Unfit {
            machine.keys.refused(&rotating.rotation, rotating.asked);
            self.history.count("change of key refused");
        } else if machine.keys.taken(&rotating.rotation) {
            self.history.count("change of key");
        }
    }
}
