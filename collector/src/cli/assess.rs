//! `cairn assess`: loads the estate, assesses it, stores the result, and sends what opened.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place, bundle, journey, moment, now, progress};
use crate::config::Config;
use crate::evidence::Inputs;
use crate::outbox::{self, HttpPoster, Webhook};
use crate::store::Store;
use crate::{assessments, estate, policy_file};
use anyhow::Context as _;
use cairn_assess::policy::Policy;
use cairn_schemas::assessment::{Assessment, Consolidation};
use cairn_schemas::decision::{DecisionEffect, WeighedDecision};
use cairn_schemas::time::{Timestamp, Window};
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Assesses the estate, stores the result under the next number and prints it.
#[derive(Debug, Args)]
pub(super) struct Assess {
    /// Policy file (TOML); what it does not name is as in the standard policy.
    #[arg(long, value_name = "F")]
    policy: Option<PathBuf>,
    /// Scenario file (TOML): name, cpu_ratio, memory_ratio, growth_ratio, cells, failures, `[template]`.
    #[arg(long, value_name = "F")]
    scenario: Option<PathBuf>,
    #[command(flatten)]
    stretch: Stretch,
    /// Writes a signed file with which anybody computes it again; see `cairn bundle`.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Prints the assessment as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// What stretch of time is looked at.
#[derive(Debug, Default, Args)]
pub(super) struct Stretch {
    /// First moment looked at [default: the first one measured].
    #[arg(long, value_name = "T")]
    from: Option<String>,
    /// First moment no longer looked at [default: the end of what is measured].
    #[arg(long, value_name = "T")]
    to: Option<String>,
}

impl Stretch {
    /// The window asked for; what is not given is as far as anything is measured.
    pub(super) fn window(&self, store: &impl Store) -> anyhow::Result<Window> {
        let extent = store.extent()?;
        let edge =
            |name: &str, given: &Option<String>| given.as_deref().map(|text| moment(name, text)).transpose();
        let from = edge("--from", &self.from)?.or(extent.map(|extent| extent.from));
        let to = edge("--to", &self.to)?.or(extent.map(|extent| extent.to));
        let (Some(from), Some(to)) = (from, to) else {
            anyhow::bail!(
                "nothing is measured yet: import samples or let an agent run, or give --from and --to"
            );
        };
        anyhow::ensure!(from < to, "--from {from} is not before --to {to}");
        Ok(Window { from, to })
    }
}

pub(super) fn run(args: &Assess, out: &mut impl Write) -> anyhow::Result<Exit> {
    let policy = policy_of(args.policy.as_deref(), args.scenario.as_deref())?;
    let store = args.place.open()?;
    let now = now()?;
    let window = args.stretch.window(&store)?;
    let estate = progress::during("reading what was measured", || estate::load(&store, window))?;
    let words = format!("assessing {} servers", estate.servers.len());
    let assessment = progress::during(&words, || assessments::make(&store, &estate, &policy, now))?;
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &assessment)?;
        writeln!(out)?;
    } else {
        write(&assessment, out)?;
    }
    let config = Config::load(&args.place.data_dir()?)?;
    let webhook = Webhook::of(&config.journey, &args.place.data_dir()?)?;
    let mut said = send(&store, &assessment, webhook.as_ref(), now)?;
    if let Some(file) = &args.bundle {
        let inputs = Inputs { estate: &estate, policy: &policy, assessment: &assessment };
        said.push(bundle::write(inputs, &args.place.data_dir()?, file)?);
    }
    for line in said {
        if args.json {
            tracing::info!("{line}");
        } else {
            writeln!(out, "{line}")?;
        }
    }
    Ok(Exit::Done)
}

/// Assesses a window of a store and keeps the result.
pub(super) fn assess(
    store: &dyn Store,
    policy: &Policy,
    window: Window,
    now: Timestamp,
) -> anyhow::Result<Assessment> {
    assessments::make(store, &estate::load(store, window)?, policy, now)
}

/// The policy of a file, or the standard one, changed by the scenario of another.
pub(super) fn policy_of(policy: Option<&Path>, scenario: Option<&Path>) -> anyhow::Result<Policy> {
    let read =
        |path: &Path| std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()));
    let mut policy = match policy {
        Some(path) => policy_file::parse(&path.display().to_string(), &read(path)?)?,
        None => Policy::default(),
    };
    if let Some(path) = scenario {
        policy_file::apply_scenario(&path.display().to_string(), &read(path)?, &mut policy)?;
    }
    Ok(policy)
}

/// Keeps the event of a phase that opened and tries to deliver what is due once; says what happened.
pub(super) fn send(
    store: &dyn Store,
    assessment: &Assessment,
    webhook: Option<&Webhook>,
    now: Timestamp,
) -> anyhow::Result<Vec<String>> {
    let mut said = Vec::new();
    for opened in outbox::enqueue_opened(store, assessment, now)? {
        said.push(format!("phase {} opened: its event is in the outbox", opened.phase));
    }
    let Some(webhook) = webhook else {
        let waiting = store.outbox()?.iter().filter(|row| row.delivered_at.is_none()).count();
        if waiting > 0 {
            said.push(format!("no webhook is configured: events that wait in the outbox: {waiting}"));
        }
        return Ok(said);
    };
    let mut random = super::random();
    let done = outbox::deliver_due(store, webhook, &HttpPoster::new()?, now, &mut random)?;
    if done.delivered > 0 {
        said.push(format!("{} events delivered to {}", done.delivered, webhook.url));
    }
    said.extend(done.failed.into_iter().map(|why| format!("event not delivered: {why}")));
    Ok(said)
}

/// Writes the result on one screen.
pub(super) fn write(assessment: &Assessment, out: &mut impl Write) -> std::io::Result<()> {
    let a = assessment;
    writeln!(out, "assessment {}, {} to {}", a.id, a.window.from, a.window.to)?;
    let excluded = a.estate.excluded.len();
    row(out, "servers", &format!("{} assessed, {excluded} outside the count", a.estate.assessed))?;
    if a.estate.simulated > 0 {
        row(out, "", &format!("{} of them are SIMULATED", a.estate.simulated))?;
    }
    match &a.consolidation {
        Some(plan) => write_plan(plan, out)?,
        None => row(out, "plan", "none: no server could be planned")?,
    }
    let counts = a.readiness.counts;
    let score =
        a.readiness.score.map_or_else(|| "not known".to_owned(), |score| format!("{score:.1} of 100"));
    row(
        out,
        "readiness",
        &format!(
            "{score}: {} ready, {} conditional, {} blocked, {} unknown",
            counts.ready, counts.conditional, counts.blocked, counts.unknown
        ),
    )?;
    write_decisions(&a.decisions, out)?;
    let confidence = format!("{:?}", a.coverage.confidence).to_lowercase();
    let mut coverage = format!("{}, confidence {confidence}", percent(a.coverage.ratio));
    if a.coverage.days_still_to_measure > 0 {
        coverage = format!("{coverage}, {} more days would raise it", a.coverage.days_still_to_measure);
    }
    row(out, "coverage", &coverage)?;
    journey::write(&a.journey, out)
}

fn write_decisions(decisions: &[WeighedDecision], out: &mut impl Write) -> std::io::Result<()> {
    let count = |effect| decisions.iter().filter(|weighed| weighed.effect == effect).count();
    let counts = [
        (DecisionEffect::Followed, "followed"),
        (DecisionEffect::StoppedByProof, "stopped by proof"),
        (DecisionEffect::NothingToDo, "without effect"),
        (DecisionEffect::Expired, "expired"),
    ];
    let said = counts.into_iter().map(|(effect, words)| (count(effect), words)).filter(|(n, _)| *n > 0);
    let said: Vec<String> = said.map(|(n, words)| format!("{n} {words}")).collect();
    if !said.is_empty() {
        row(out, "decisions", &said.join(", "))?;
    }
    match count(DecisionEffect::ProofOverruled) {
        0 => Ok(()),
        n => row(out, "ATTENTION", &format!("{n} exceptions stand against what a rule proves")),
    }
}

fn write_plan(plan: &Consolidation, out: &mut impl Write) -> std::io::Result<()> {
    let ratio = plan.net_consolidation_ratio.map_or_else(|| "none".to_owned(), |r| format!("{r:.2} : 1 net"));
    row(out, "ratio", &format!("{ratio}, {} servers removed", plan.servers_removed))?;
    let population = plan.population;
    row(
        out,
        "hosts",
        &format!(
            "{} + {} for failover, for {} servers; {} stay physical",
            plan.hosts, plan.failover_hosts, population.placed, population.stay
        ),
    )?;
    let gap =
        plan.proven_gap_ratio.map_or_else(String::new, |gap| format!(", proven gap {}", percent(Some(gap))));
    let estimated = plan
        .estimated_gap_ratio
        .map_or_else(String::new, |gap| format!(", estimated gap {} (not proven)", percent(Some(gap))));
    row(out, "bound", &format!("at least {} hosts{gap}{estimated}", plan.lower_bound_hosts))?;
    if let Some(interval) = plan.interval {
        let text = format!("{} to {} hosts, from {} origins", interval.low, interval.high, interval.origins);
        row(out, "interval", &text)?;
    }
    let risk = match &plan.backtest {
        None => "not tested: fewer than five whole weeks".to_owned(),
        Some(test) => format!(
            "{:.4} % of {} host intervals above capacity over {} weeks; {} minutes a host and year; {} unobserved",
            test.violation_ratio.unwrap_or(f64::NAN) * 100.0,
            test.host_intervals,
            test.folds,
            test.minutes_per_host_year
                .map_or_else(|| "unknown".to_owned(), |minutes| format!("{minutes:.0}")),
            test.unobserved
        ),
    };
    row(out, "risk", &risk)?;
    if let Some(found) = &plan.outlook.recommendation {
        let text = format!(
            "these weeks would have borne CPU {:.0} %, memory {:.0} %: {} hosts",
            found.cpu_limit_ratio * 100.0,
            found.memory_limit_ratio * 100.0,
            found.hosts
        );
        row(out, "limits", &text)?;
    }
    for dropped in &plan.dropped_dimensions {
        let text =
            format!("{} (no data of {} servers)", dropped.resource.name(), dropped.servers_without_data);
        row(out, "left out", &text)?;
    }
    Ok(())
}

fn row(out: &mut impl Write, label: &str, text: &str) -> std::io::Result<()> {
    writeln!(out, "  {label:<10} {text}")
}

fn percent(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "not known".into(), |ratio| format!("{:.1} %", ratio * 100.0))
}
