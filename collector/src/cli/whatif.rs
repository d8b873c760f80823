//! `cairn whatif`: the host count under other limits, hosts, failures or growth, without assessing anew.
// SPDX-License-Identifier: Apache-2.0

use super::assess::{Stretch, policy_of};
use super::{Exit, Place, now, progress};
use crate::estate;
use anyhow::Context as _;
use cairn_assess::policy::{HostTemplate, Limits, Policy};
use cairn_assess::ratio::Counts;
use cairn_assess::recommend;
use cairn_assess::whatif::{Change, Prepared};
use clap::Args;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;

/// Says how many hosts the estate would need under other assumptions; stores nothing.
#[derive(Debug, Args)]
pub(super) struct WhatIf {
    /// CPU, disk and network limit, 0.01 to 1.
    #[arg(long, value_name = "RATIO", value_parser = ratio)]
    cpu_limit: Option<f64>,
    /// Memory limit, 0.01 to 1.
    #[arg(long, value_name = "RATIO", value_parser = ratio)]
    memory_limit: Option<f64>,
    /// Growth, 0.2 for a fifth more.
    #[arg(long, value_name = "RATIO", value_parser = growth)]
    growth: Option<f64>,
    /// Host failures every cluster survives.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=2))]
    failures: Option<u8>,
    /// Policy file (TOML) whose `[template]` is the host.
    #[arg(long, value_name = "F")]
    template: Option<PathBuf>,
    /// Policy file (TOML) everything else is from [default: the standard policy].
    #[arg(long, value_name = "F")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    stretch: Stretch,
    /// Prints both plans as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document {
    /// By the policy.
    policy: Row,
    /// With the changes.
    changed: Row,
}

/// A plan in figures.
#[derive(Serialize)]
struct Row {
    cpu_limit_ratio: f64,
    memory_limit_ratio: f64,
    growth_ratio: f64,
    failures: usize,
    template: String,
    hosts: usize,
    failover_hosts: usize,
    lower_bound_hosts: usize,
    placed: usize,
    stay: usize,
    net_consolidation_ratio: Option<f64>,
}

pub(super) fn run(args: &WhatIf, out: &mut impl Write) -> anyhow::Result<Exit> {
    let policy = policy_of(args.policy.as_deref(), None)?;
    let store = args.place.open()?;
    let now = now()?;
    let window = args.stretch.window(&store)?;
    let estate = progress::during("reading what was measured", || estate::load(&store, window))?;
    let (planned, assessed) =
        progress::during("planning as the policy says", || cairn_assess::planned(&estate, &policy, now));
    let policy = recommend::settled(&estate, &policy, &planned);
    let change = change_of(args, &policy)?;
    let prepared = Prepared::new(&estate, &policy, &planned);
    let answer = |change: &Change| row(&change.of(&policy), prepared.answer(change, assessed));
    let document = Document { policy: answer(&Change::default()), changed: answer(&change) };
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)?;
    } else {
        write(&document, out)?;
    }
    Ok(Exit::Done)
}

fn ratio(text: &str) -> Result<f64, String> {
    within(text, 0.01, 1.0)
}

fn growth(text: &str) -> Result<f64, String> {
    within(text, 0.0, 10.0)
}

fn within(text: &str, low: f64, high: f64) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| format!("{text:?} is no number"))?;
    if (low..=high).contains(&number) {
        Ok(number)
    } else {
        Err(format!("it must lie between {low} and {high}"))
    }
}

fn change_of(args: &WhatIf, policy: &Policy) -> anyhow::Result<Change> {
    let own = policy.limits;
    let limits = Limits {
        cpu_ratio: args.cpu_limit.unwrap_or(own.cpu_ratio),
        disk_ratio: args.cpu_limit.unwrap_or(own.disk_ratio),
        network_ratio: args.cpu_limit.unwrap_or(own.network_ratio),
        memory_ratio: args.memory_limit.unwrap_or(own.memory_ratio),
        ..own
    };
    let template = args.template.as_deref().map(|file| policy_of(Some(file), None));
    let template: Option<HostTemplate> =
        template.transpose().context("reading the host template")?.map(|policy| policy.template);
    let failures = args.failures.map(usize::from);
    Ok(Change { limits: Some(limits), template, failures, growth_ratio: args.growth })
}

fn row(policy: &Policy, counts: Counts) -> Row {
    Row {
        cpu_limit_ratio: policy.limits.cpu_ratio,
        memory_limit_ratio: policy.limits.memory_ratio,
        growth_ratio: policy.sizing.growth_ratio,
        failures: policy.cluster.failures,
        template: policy.templates().iter().map(|t| t.name.as_str()).collect::<Vec<_>>().join(", "),
        hosts: counts.hosts,
        failover_hosts: counts.failover_hosts,
        lower_bound_hosts: counts.lower_bound_hosts,
        placed: counts.placed,
        stay: counts.stay(),
        net_consolidation_ratio: counts.net_consolidation(),
    }
}

fn write(document: &Document, out: &mut impl Write) -> std::io::Result<()> {
    for (label, row) in [("policy", &document.policy), ("what if", &document.changed)] {
        let net =
            row.net_consolidation_ratio.map_or_else(|| "none".to_owned(), |net| format!("{net:.2} : 1"));
        writeln!(
            out,
            "  {label:<10} {} + {} hosts for {} servers, at least {}; {} stay; {net} net",
            row.hosts, row.failover_hosts, row.placed, row.lower_bound_hosts, row.stay
        )?;
        writeln!(
            out,
            "  {:<10} CPU {:.0} %, memory {:.0} %, growth {:.0} %, {} failures, {}",
            "",
            row.cpu_limit_ratio * 100.0,
            row.memory_limit_ratio * 100.0,
            row.growth_ratio * 100.0,
            row.failures,
            crate::number::terminal_safe(&row.template)
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_changes_and_the_rest_stays() {
        let arguments = |cpu_limit, growth| WhatIf {
            cpu_limit,
            memory_limit: None,
            growth,
            failures: Some(2),
            template: None,
            policy: None,
            stretch: Stretch::default(),
            json: false,
            place: Place { data: None, engagement: "default".into() },
        };
        let policy = Policy::default();
        let changed = change_of(&arguments(Some(0.9), Some(0.0)), &policy).unwrap().of(&policy);
        assert_eq!(
            (changed.limits.cpu_ratio, changed.limits.disk_ratio, changed.limits.memory_ratio),
            (0.9, 0.9, 0.85)
        );
        assert_eq!((changed.sizing.growth_ratio, changed.cluster.failures), (0.0, 2));
        let kept =
            change_of(&WhatIf { failures: None, ..arguments(None, None) }, &policy).unwrap().of(&policy);
        assert_eq!(kept, policy);
    }

    #[test]
    fn a_ratio_out_of_range_is_refused() {
        assert_eq!(ratio("80").unwrap_err(), "it must lie between 0.01 and 1");
        assert!(ratio("much").is_err() && ratio("NaN").is_err());
        assert_eq!(growth("0.25"), Ok(0.25));
    }
}
