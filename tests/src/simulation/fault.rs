//! The kinds of faults there are. What each does is in `inject`.
// SPDX-License-Identifier: Apache-2.0

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The agent is killed between any two operations of its disk, or within one.
    Kill,
    /// The power of its machine is cut there.
    PowerCut,
    /// The machine is shut down in order and comes back later.
    Reboot,
    /// The agent is stopped and started again at once.
    Upgrade,
    /// The machine sleeps for a while.
    Suspend,
    /// The agent is kept from running for some seconds.
    Starve,
    /// The clock is set, forward or back, by seconds or days.
    ClockJump,
    /// The agent's disk is full for a while.
    DiskFull,
    /// An operation of its disk is refused.
    DiskRefuses,
    /// A write stops half-way.
    TornWrite,
    /// A sync fails.
    FailedSync,
    /// A bit of a batch in the spool flips.
    FlippedBit,
    /// The data directory is brought back from an earlier copy.
    Restore,
    /// A second machine runs with a copy of the data directory, and is taken for the same machine.
    Clone,
    /// A second machine of another make runs with a copy of the data directory, beside its source.
    Move,
    /// A well-signed batch that cannot be decoded.
    Poison,
    /// Some machines do not reach the collector for a while.
    Partition,
    /// Much is lost for a while.
    Loss,
    /// The collector is killed and comes back later; what it had not committed is gone.
    CollectorCrash,
    /// It is killed after the commit and before it answers.
    CrashAfterCommit,
    /// Its disk is full for a while.
    CollectorFull,
    /// A commit fails.
    CommitFails,
    /// Its clock is set by some hours.
    CollectorClock,
    /// A person pauses everybody, and later takes it back.
    Pause,
    /// A person asks for another rhythm.
    Rhythm,
    /// A person asks an agent for another key.
    Rotate,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 26] = [
        Self::Kill,
        Self::PowerCut,
        Self::Reboot,
        Self::Upgrade,
        Self::Suspend,
        Self::Starve,
        Self::ClockJump,
        Self::DiskFull,
        Self::DiskRefuses,
        Self::TornWrite,
        Self::FailedSync,
        Self::FlippedBit,
        Self::Restore,
        Self::Clone,
        Self::Move,
        Self::Poison,
        Self::Partition,
        Self::Loss,
        Self::CollectorCrash,
        Self::CrashAfterCommit,
        Self::CollectorFull,
        Self::CommitFails,
        Self::CollectorClock,
        Self::Pause,
        Self::Rhythm,
        Self::Rotate,
    ];

    /// Its name, for the counts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::PowerCut => "power cut",
            Self::Reboot => "reboot",
            Self::Upgrade => "upgrade",
            Self::Suspend => "suspend",
            Self::Starve => "starve",
            Self::ClockJump => "clock jump",
            Self::DiskFull => "disk full",
            Self::DiskRefuses => "disk refuses",
            Self::TornWrite => "torn write",
            Self::FailedSync => "failed sync",
            Self::FlippedBit => "flipped bit",
            Self::Restore => "restore",
            Self::Clone => "clone",
            Self::Move => "copy on another make of machine",
            Self::Poison => "poison",
            Self::Partition => "partition",
            Self::Loss => "loss",
            Self::CollectorCrash => "collector crash",
            Self::CrashAfterCommit => "crash after commit",
            Self::CollectorFull => "collector full",
            Self::CommitFails => "commit fails",
            Self::CollectorClock => "collector clock",
            Self::Pause => "pause",
            Self::Rhythm => "rhythm",
            Self::Rotate => "rotate",
        }
    }
}
