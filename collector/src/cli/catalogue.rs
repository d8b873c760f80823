//! `cairn catalogue`: what the planned hosts can offer, and at which rates.
// SPDX-License-Identifier: Apache-2.0

use super::table::{Table, cents, shown};
use super::{Exit, Place, assessments, sentence};
use crate::messages::Messages;
use crate::number;
use cairn_schemas::assessment::{Assessment, ServiceCatalogue, ServiceEntry};
use clap::Args;
use std::io::Write;

/// Says what the planned hosts can offer: sizes in tiers, with their rates a month.
#[derive(Debug, Args)]
pub(super) struct Catalogue {
    /// Number of the assessment [default: the latest].
    id: Option<u64>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// Prints CSV, an entry a row.
    #[arg(long, conflicts_with = "json")]
    pub(super) csv: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Catalogue, out: &mut impl Write) -> anyhow::Result<Exit> {
    let assessment = assessments::find(&args.place.open()?, args.id)?;
    let found = assessment.service_catalogue.as_ref();
    match found {
        _ if args.json => writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?,
        _ if args.csv => table(found.map_or(&[], |catalogue| &catalogue.entries), found).csv(out)?,
        Some(catalogue) => write(&assessment, catalogue, out)?,
        None => writeln!(
            out,
            "assessment {} offers nothing: no server is assessed, or it is of a version without a catalogue; `cairn assess` makes another",
            assessment.id
        )?,
    }
    Ok(Exit::Done)
}

fn table(entries: &[ServiceEntry], catalogue: Option<&ServiceCatalogue>) -> Table {
    let sizes = catalogue.map(|catalogue| catalogue.sizes.as_slice()).unwrap_or_default();
    let mut table = Table::new(&[
        "entry",
        "size",
        "tier",
        "vcpu",
        "memory_gib",
        "servers",
        "rate_low",
        "rate",
        "rate_high",
        "labour",
        "missing",
    ]);
    for entry in entries {
        let size = sizes.iter().find(|size| size.size == entry.size);
        let rate = |end: fn(cairn_schemas::assessment::Cents) -> i64| {
            entry.rate.map(end).map(cents).unwrap_or_default()
        };
        table.row([
            entry.id.clone(),
            entry.size.clone(),
            entry.tier.name().to_owned(),
            size.map(|size| size.vcpu.to_string()).unwrap_or_default(),
            size.map(|size| (size.memory_bytes / f64::from(1 << 30)).to_string()).unwrap_or_default(),
            entry.count.to_string(),
            rate(|rate| rate.low),
            rate(|rate| rate.base),
            rate(|rate| rate.high),
            entry.labour.map(|labour| cents(labour.base)).unwrap_or_default(),
            entry.missing.join(" "),
        ]);
    }
    table
}

fn write(assessment: &Assessment, catalogue: &ServiceCatalogue, out: &mut impl Write) -> anyhow::Result<()> {
    let currency = number::terminal_safe(&catalogue.currency);
    writeln!(
        out,
        "by assessment {} of {}; {currency} a month, labour beside the rates and not in them",
        assessment.id, assessment.created
    )?;
    let mut table = Table::new(&["ENTRY", "VCPU", "MEMORY", "SERVERS", "LOW", "RATE", "HIGH", "LABOUR"]);
    for entry in &catalogue.entries {
        let size = catalogue.sizes.iter().find(|size| size.size == entry.size);
        let rate = entry.rate;
        table.row([
            entry.id.clone(),
            size.map(|size| size.vcpu.to_string()).unwrap_or_default(),
            size.map(|size| number::bytes(size.memory_bytes)).unwrap_or_default(),
            entry.count.to_string(),
            shown(rate.map(|rate| rate.low)),
            shown(rate.map(|rate| rate.base)),
            shown(rate.map(|rate| rate.high)),
            shown(entry.labour.map(|labour| labour.base)),
        ]);
    }
    table.print(out)?;
    let pool = &catalogue.pool;
    writeln!(
        out,
        "pool {}: {} hosts and {} for failures",
        shown(pool.cash.map(|cash| cash.base)),
        pool.hosts,
        pool.failover_hosts
    )?;
    for part in &pool.parts {
        writeln!(out, "  {:<14}{:>14}", part.id, shown(part.amount.map(|amount| amount.base)))?;
    }
    if !pool.missing.is_empty() {
        writeln!(out, "not known, and so no rates: {}", pool.missing.join(", "))?;
    }
    let over = |ratio: Option<f64>| ratio.map_or_else(|| "not known".to_owned(), number::percent);
    writeln!(
        out,
        "given beyond what is asked for: vCPU {}, memory {}",
        over(catalogue.vcpu_over_ratio),
        over(catalogue.memory_over_ratio)
    )?;
    let mut tiers: Vec<(&str, &str)> =
        catalogue.entries.iter().map(|e| (e.tier.name(), e.message_id.as_str())).collect();
    tiers.sort_unstable();
    tiers.dedup();
    for (tier, message) in tiers {
        writeln!(out, "{tier:<8} {}", Messages::english().render(message, &Default::default(), ""))?;
    }
    for finding in &catalogue.findings {
        writeln!(out, "{}", sentence(finding))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures::rich;

    #[test]
    fn entries_rates_and_promises_are_written() {
        let assessment = rich(60);
        let catalogue = assessment.service_catalogue.as_ref().unwrap();
        let mut text = Vec::new();
        write(&assessment, catalogue, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        for entry in &catalogue.entries {
            let rate = number::decimals(entry.rate.unwrap().money().base, 2);
            let line = text.lines().find(|line| line.starts_with(&entry.id)).unwrap();
            assert!(line.contains(&rate), "{line} {rate}");
        }
        assert!(
            text.contains("gold     Restarted on another host") && text.contains("EUR a month"),
            "{text}"
        );
        let mut rows = Vec::new();
        table(&catalogue.entries, Some(catalogue)).csv(&mut rows).unwrap();
        assert_eq!(::csv::Reader::from_reader(rows.as_slice()).records().count(), catalogue.entries.len());
    }
}
