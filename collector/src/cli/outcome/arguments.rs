//! The arguments of `cairn outcome`, and the words they say by field.
// SPDX-License-Identifier: Apache-2.0

use crate::cli::assess::Stretch;
use crate::decisions::Words;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Number of the assessment; it must be issued.
    pub(super) assessment: u64,
    /// Number of the wave.
    #[arg(long, value_name = "N")]
    pub(super) wave: u32,
    /// When the last step of each of its servers is due.
    #[arg(long, value_name = "DATE")]
    pub(super) due: String,
    /// Policy file (TOML) with the customer's prices.
    #[arg(long, value_name = "F")]
    pub(super) policy: Option<PathBuf>,
    /// Who promises.
    #[arg(long, value_name = "WHO")]
    pub(super) by: String,
}

#[derive(Debug, Args)]
pub(super) struct StepMade {
    /// The server.
    server: String,
    /// The step.
    step: String,
    /// Who says so.
    #[arg(long, value_name = "WHO")]
    pub(super) by: String,
    /// When it was made [default: now].
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// Of a planned one: when the last step is due.
    #[arg(long, value_name = "DATE")]
    due: Option<String>,
    /// Of a planned one: what the server costs a year until its last step.
    #[arg(long, value_name = "AMOUNT")]
    annual_cash: Option<String>,
    /// Ticket, invoice or certificate that shows it.
    #[arg(long)]
    ticket: Option<String>,
    /// What shows it, in words.
    #[arg(long, value_name = "WORDS")]
    words: Option<String>,
    /// person, agent or import [default: person].
    #[arg(long)]
    witness: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Late {
    /// The server.
    server: String,
    /// ours, customer or environment.
    #[arg(long)]
    cause: String,
    /// Why, in words.
    #[arg(long, value_name = "WORDS")]
    why: String,
    /// Who says so.
    #[arg(long, value_name = "WHO")]
    pub(super) by: String,
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// What shall be better.
    outcome: String,
    /// Who wants it, and says whether it has arrived.
    #[arg(long, value_name = "WHO")]
    owner: String,
    /// What is counted: servers, hours a month.
    #[arg(long)]
    unit: String,
    /// The indicator before anything was done.
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    baseline: String,
    /// When that was [default: now].
    #[arg(long, value_name = "DATE")]
    baseline_on: Option<String>,
    /// Where that is written.
    #[arg(long)]
    baseline_source: Option<String>,
    /// What it shall be.
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    target: String,
    /// By when.
    #[arg(long, value_name = "DATE")]
    due: String,
    /// What reaching it is worth.
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    planned: Option<String>,
    /// What that is counted in: EUR/year.
    #[arg(long)]
    value_unit: Option<String>,
    /// Who enters it.
    #[arg(long, value_name = "WHO")]
    pub(super) by: String,
}

#[derive(Debug, Args)]
pub(super) struct Reached {
    /// Number of the outcome.
    pub(super) number: u64,
    /// The indicator now.
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    indicator: String,
    /// What of the planned value has arrived.
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    value: Option<String>,
    /// measured, owner_confirmed or estimated; an estimate never counts.
    #[arg(long)]
    basis: String,
    /// When it was so [default: now].
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// Why it is other than planned: ours, customer or environment.
    #[arg(long, requires = "why")]
    cause: Option<String>,
    /// The same in words.
    #[arg(long, value_name = "WORDS")]
    why: Option<String>,
    /// Who says so.
    #[arg(long, value_name = "WHO")]
    pub(super) by: String,
}

#[derive(Debug, Args)]
pub(super) struct Freeze {
    /// The server.
    pub(super) server: String,
    #[command(flatten)]
    pub(super) stretch: Stretch,
    /// How much longer a disk operation may take afterwards and still count as kept.
    #[arg(long, value_name = "RATIO", default_value_t = 0.1)]
    pub(super) tolerance: f64,
    /// How full the CPUs may be afterwards in the busiest hour.
    #[arg(long, value_name = "RATIO", default_value_t = 0.8)]
    pub(super) cpu_limit: f64,
    /// Who freezes it.
    #[arg(long, value_name = "WHO")]
    pub(super) by: String,
}

/// What is said, without what is not.
fn words<'a, const N: usize>(said: [(&'static str, Option<&'a String>); N]) -> Words<'a> {
    said.into_iter().filter_map(|(field, text)| Some((field, text?.as_str()))).collect()
}

impl StepMade {
    pub(super) fn words(&self) -> Words<'_> {
        words([
            ("server", Some(&self.server)),
            ("step", Some(&self.step)),
            ("on", self.on.as_ref()),
            ("due", self.due.as_ref()),
            ("annual_cash", self.annual_cash.as_ref()),
            ("ticket", self.ticket.as_ref()),
            ("words", self.words.as_ref()),
            ("witness", self.witness.as_ref()),
        ])
    }
}

impl Late {
    pub(super) fn words(&self) -> Words<'_> {
        words([("server", Some(&self.server)), ("cause", Some(&self.cause)), ("words", Some(&self.why))])
    }
}

impl Add {
    pub(super) fn words(&self) -> Words<'_> {
        words([
            ("outcome", Some(&self.outcome)),
            ("owner", Some(&self.owner)),
            ("unit", Some(&self.unit)),
            ("baseline", Some(&self.baseline)),
            ("baseline_on", self.baseline_on.as_ref()),
            ("baseline_source", self.baseline_source.as_ref()),
            ("target", Some(&self.target)),
            ("due", Some(&self.due)),
            ("planned", self.planned.as_ref()),
            ("value_unit", self.value_unit.as_ref()),
        ])
    }
}

impl Reached {
    pub(super) fn words(&self) -> Words<'_> {
        words([
            ("indicator", Some(&self.indicator)),
            ("realised", self.value.as_ref()),
            ("basis", Some(&self.basis)),
            ("on", self.on.as_ref()),
            ("cause", self.cause.as_ref()),
            ("words", self.why.as_ref()),
        ])
    }
}
