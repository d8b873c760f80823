//! A simulated machine: its clocks, its disk and, while it runs, an agent made of the parts the real one is made of.
// SPDX-License-Identifier: Apache-2.0

use super::disk::SimulatedDisk;
use super::keyring::Keyring;
use super::options::Options;
use super::random::{Random, mix};
use cairn_agent::clock::Instants;
use cairn_agent::delivery::{Delivery, Rhythm};
use cairn_agent::run::heard;
use cairn_agent::sampler::{Board, SeriesIndex};
use cairn_agent::slot::{Event, OpenMinute, Timeline};
use cairn_agent::spool::{Limits, Signer as _, Spool, SpoolError};
use cairn_schemas::batch::{self, Batch};
use cairn_schemas::gap::GapReason;
use cairn_schemas::identity::{AgentId, SpoolId};
use cairn_schemas::inventory::Inventory;
use cairn_schemas::metric::CPU_BUSY;
use cairn_schemas::time::Timestamp;
use cairn_schemas::value_code::{Code, RATIO_STEPS};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Most machines there can be: two digits of a value say which.
pub const MACHINES_MAX: usize = 100;
/// Where an agent keeps what it keeps.
pub const DATA: &str = "/data";
/// Where its spool is.
pub const SPOOL: &str = "/data/spool";

/// A machine.
#[derive(Debug)]
pub struct Machine {
    /// Which one; the last two digits of every value it measures.
    pub number: usize,
    /// Under whose identity its agent speaks.
    pub agent_id: AgentId,
    /// Its keys.
    pub keys: Keyring,
    /// Its disk.
    pub disk: SimulatedDisk,
    /// When it was switched on.
    pub booted_ms: i64,
    /// When it was switched on for the first time.
    pub since_ms: i64,
    /// How long it has slept since.
    pub asleep_ms: i64,
    /// Whether it sleeps.
    pub is_asleep: bool,
    /// How far its clock is ahead of the true time.
    pub ahead_ms: i64,
    /// Its agent does not run before this moment.
    pub starved_until_ms: i64,
    /// The run of the agent; a new one after each start.
    pub run: u64,
    /// The agent, while it runs.
    pub agent: Option<Agent>,
    /// Whether the network keeps it from the collector.
    pub is_cut_off: bool,
    /// Highest number its spool has sealed, as far as the simulation has looked.
    pub newest_sealed: u64,
    /// When it will be asked again for a batch to send, in milliseconds since its agent began.
    pub pump_due_ms: i64,
    /// What the collector last answered.
    pub last_status: u16,
    /// Batches of the machine it was copied from that are still to be delivered.
    pub inherited: Vec<Rc<Vec<u8>>>,
}

impl Machine {
    /// A machine that is on, its agent not yet started.
    #[must_use]
    pub fn new(number: usize, agent_id: AgentId, keys: Keyring, disk: SimulatedDisk, booted_ms: i64) -> Self {
        Self {
            number,
            agent_id,
            keys,
            disk,
            booted_ms,
            since_ms: booted_ms,
            asleep_ms: 0,
            is_asleep: false,
            ahead_ms: 0,
            starved_until_ms: i64::MIN,
            run: 0,
            agent: None,
            is_cut_off: false,
            newest_sealed: 0,
            pump_due_ms: i64::MIN,
            last_status: 0,
            inherited: Vec::new(),
        }
    }

    /// Milliseconds to the next whole second of its own clock.
    #[must_use]
    pub const fn to_next_second(&self, now_ms: i64) -> i64 {
        1_000 - (now_ms + self.ahead_ms).rem_euclid(1_000)
    }

    /// It finds itself on another machine than the one its identity was given to, as `cairn_agent::moved` does: the
    /// spool and the open minute are put aside, what was sealed in it stays to be delivered.
    pub fn becomes(&mut self, agent_id: AgentId, keys: Keyring) {
        self.inherited =
            self.disk.ending(".batch").iter().filter_map(|path| self.disk.look(path)).map(Rc::new).collect();
        self.disk = SimulatedDisk::new(self.booted_ms as u64, false);
        (self.agent_id, self.keys) = (agent_id, keys);
    }

    /// The process has ended, whatever of it is still on its way.
    pub fn end_run(&mut self) {
        self.agent = None;
        self.run += 1;
        (self.newest_sealed, self.pump_due_ms) = (0, i64::MIN);
    }

    /// It was switched on at this moment.
    pub const fn boot(&mut self, at_ms: i64) {
        (self.booted_ms, self.asleep_ms, self.is_asleep) = (at_ms, 0, false);
    }

    /// All its clocks.
    #[must_use]
    pub const fn instants(&self, now_ms: i64) -> Instants {
        let boot_ms = now_ms - self.booted_ms;
        Instants {
            wall_ms: now_ms + self.ahead_ms,
            boot_ns: boot_ms * 1_000_000,
            mono_ns: (boot_ms - self.asleep_ms) * 1_000_000,
        }
    }

    /// A batch of its spool; none where a bit of it has been flipped.
    pub(super) fn batch(&self, seq: u64) -> Option<Batch> {
        self.batch_in(&PathBuf::from(SPOOL).join(format!("{seq:020}.batch")))
    }

    /// The batch in a file of its spool, likewise.
    pub(super) fn batch_in(&self, path: &Path) -> Option<Batch> {
        let bytes = self.disk.look(path)?;
        let envelope = batch::open(&bytes).ok()?;
        let is_intact = self.keys.verify(envelope.signed, envelope.signature);
        if is_intact { envelope.decode().ok() } else { None }
    }

    /// Starts the agent as a run does.
    ///
    /// # Errors
    /// As [`Spool::open`].
    pub fn start(&mut self, now_ms: i64, options: &Options, random: &mut Random) -> Result<(), SpoolError> {
        let mut disk = self.disk.clone();
        let limits = Limits { bytes_max: options.spool_bytes_max, free_ratio_min: 0.1 };
        let new_id = SpoolId::v4(sixteen(random));
        let boxed = (Box::new(self.disk.clone()), Box::new(self.keys.clone()));
        let spool = Spool::open(boxed.0, Path::new(SPOOL), limits, self.agent_id, new_id, boxed.1)?;
        let directives = heard::load(&disk, Path::new(DATA));
        let mut timeline = Timeline::with_width(options.slot_width_s, spool.covered());
        OpenMinute::take(&mut disk, Path::new(DATA)).into_iter().for_each(|open| timeline.resume(open));
        let rhythm = Rhythm { batch_every_s: Some(options.batch_every_s), upload_every_s: None };
        let mut delivery = Delivery::new(spool, self.agent_id, rhythm, directives, |_| false);
        delivery.spread_first_upload(None, random.next() as u16);
        let mut board = Board::default();
        let busy = board.total(&CPU_BUSY);
        let began_ns = self.instants(now_ms).mono_ns;
        self.agent =
            Some(Agent { timeline, delivery, board, busy, began_ns, readings: 0, last_word_s: None });
        self.run += 1;
        Ok(())
    }
}

fn sixteen(random: &mut Random) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&random.next().to_le_bytes());
    bytes[8..].copy_from_slice(&random.next().to_le_bytes());
    bytes
}

/// A running agent.
pub struct Agent {
    timeline: Timeline,
    /// What it does with what it measures.
    pub delivery: Delivery,
    board: Board,
    busy: Option<SeriesIndex>,
    began_ns: i64,
    readings: u64,
    last_word_s: Option<i64>,
}

impl std::fmt::Debug for Agent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Agent {{ {} readings, {:?} }}", self.readings, self.delivery.spool().state())
    }
}

impl Agent {
    /// Milliseconds of its monotonic clock since it began.
    #[must_use]
    pub const fn since_began_ms(&self, at: Instants) -> i64 {
        (at.mono_ns - self.began_ns) / 1_000_000
    }

    /// A second has passed: reads, or rests where it was asked to. Gives what that brought.
    pub fn beat(&mut self, at: Instants, machine: usize, width_s: u32) -> Vec<Event> {
        let mut events = Vec::new();
        let now = at.timestamp();
        if self.readings == 0 {
            let inventory = Inventory { hostname: format!("host-{machine}"), ..Inventory::default() };
            self.delivery.learn(inventory, now);
        }
        if self.delivery.directives().measures(now) {
            self.last_word_s = None;
            let start = slot_of(at.wall_ms - 500, width_s);
            self.board.set(self.busy, Ok(f64::from(code(machine, start)) / RATIO_STEPS));
            self.timeline.read(at, &self.board, &mut |event| events.push(event));
            self.readings += 1;
        } else {
            let check_in_s = i64::from(self.delivery.directives().check_in_s());
            if self.last_word_s.is_some_and(|word_s| (word_s..word_s + check_in_s).contains(&now.0)) {
                return events;
            }
            self.last_word_s = Some(now.0);
            self.timeline.rest(at, GapReason::Paused, &mut |event| events.push(event));
        }
        for event in &events {
            self.delivery.take(event.clone(), now);
        }
        if self.last_word_s.is_some() {
            self.delivery.rests(now);
        } else if self.readings == 2 {
            self.delivery.lacks([].into(), now);
        }
        events
    }

    /// Ends in order: seals what there is and leaves the open minute behind.
    pub fn stop(&mut self, at: Instants, disk: &mut SimulatedDisk) -> Vec<Event> {
        let mut events = Vec::new();
        if self.last_word_s.is_some() {
            self.timeline.rest(at, GapReason::Paused, &mut |event| events.push(event));
        }
        events.iter().for_each(|event| self.delivery.take(event.clone(), at.timestamp()));
        if let Some(open) = self.timeline.stop() {
            let _ = open.leave(disk, Path::new(DATA));
        }
        self.delivery.seal(at.timestamp());
        self.delivery.hurry();
        events
    }
}

/// Start of the slot a moment lies in.
#[must_use]
pub const fn slot_of(wall_ms: i64, width_s: u32) -> Timestamp {
    let width_s = width_s as i64;
    Timestamp(wall_ms.div_euclid(1_000 * width_s) * width_s)
}

/// The code of what a machine measures in a slot: another for each slot, its last two digits the machine's. Whoever
/// finds it in the store knows where it comes from.
#[must_use]
pub const fn code(machine: usize, start: Timestamp) -> Code {
    (mix(start.0 as u64 ^ (machine as u64) << 48) % 99) as Code * 100 + machine as Code
}

/// Which machine measured what a code stands for.
#[must_use]
pub const fn machine_of(code: Code) -> usize {
    code as usize % MACHINES_MAX
}
