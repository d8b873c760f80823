//! What the agent itself costs, measured like everything else and shipped with it.
// SPDX-License-Identifier: Apache-2.0

pub(crate) mod linux;

use super::{Board, Missing, Sampler, SeriesIndex};
use crate::root::Root;
use cairn_schemas::metric::{AGENT_CPU, AGENT_RESIDENT};

struct OwnCost {
    source: linux::Source,
    cpu: Option<SeriesIndex>,
    resident: Option<SeriesIndex>,
    before_s: Option<f64>,
}

/// The sampler of the agent's own cost; it always reads the running process, whatever the root.
pub(super) fn make(_root: &Root, board: &mut Board) -> Box<dyn Sampler> {
    Box::new(OwnCost {
        source: linux::Source::new(),
        cpu: board.total(&AGENT_CPU),
        resident: board.total(&AGENT_RESIDENT),
        before_s: None,
    })
}

impl Sampler for OwnCost {
    fn sample(&mut self, elapsed_s: Option<f64>, board: &mut Board) -> Result<(), Missing> {
        let now_s = linux::cpu_time_s();
        let used_s = self.before_s.replace(now_s).map(|before_s| (now_s - before_s).max(0.0));
        let share = used_s.zip(elapsed_s).map(|(used_s, elapsed_s)| used_s / elapsed_s);
        board.set(self.cpu, share.ok_or(Missing::FirstReading));
        let resident = self.source.resident_bytes();
        board.set(self.resident, resident.map(|bytes| bytes as f64));
        resident.map(|_| ())
    }
}
