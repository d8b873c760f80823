//! `cairn showback`: what the servers of each owner and application cost a month, today and at the catalogue's rates.
// SPDX-License-Identifier: Apache-2.0

use super::table::{Table, cents, shown};
use super::{Exit, Place, assessments};
use crate::number;
use cairn_schemas::assessment::{Assessment, Cents, MissingInput, Showback as Shown, ShowbackLine};
use clap::Args;
use std::io::{self, Write};

/// Says what the servers of each owner cost a month today, and what they would at the rates of the catalogue.
#[derive(Debug, Args)]
pub(super) struct Showback {
    /// Number of the assessment [default: the latest].
    id: Option<u64>,
    /// By application, and not by owner.
    #[arg(long)]
    applications: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// Prints CSV: owners, applications, and the total.
    #[arg(long, conflicts_with = "json")]
    pub(super) csv: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Showback, out: &mut impl Write) -> anyhow::Result<Exit> {
    let assessment = assessments::find(&args.place.open()?, args.id)?;
    let found = assessment.showback.as_ref();
    match found {
        _ if args.json => writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?,
        _ if args.csv => rows(found).csv(out)?,
        Some(shown) => write(&assessment, shown, args.applications, out)?,
        None => writeln!(
            out,
            "assessment {} shows nothing back: no server is assessed, or it is of a version without a showback; `cairn assess` makes another",
            assessment.id
        )?,
    }
    Ok(Exit::Done)
}

fn write(assessment: &Assessment, found: &Shown, applications: bool, out: &mut impl Write) -> io::Result<()> {
    let currency = number::terminal_safe(&found.currency);
    writeln!(
        out,
        "by assessment {} of {}; {currency} a month, base figures, labour beside the cash and not in it",
        assessment.id, assessment.created
    )?;
    let (heading, lines) =
        if applications { ("APPLICATION", &found.applications) } else { ("OWNER", &found.owners) };
    let mut table = Table::new(&[
        heading,
        "SERVERS",
        "MOVING",
        "TODAY",
        "PROPOSED",
        "CHANGE",
        "LABOUR TODAY",
        "PROPOSED",
    ]);
    let mut row = |name: &str, line: &ShowbackLine| {
        // Known is the least it can be where an input is missing.
        let money = |amount: Cents, missing: &[MissingInput]| {
            format!("{}{}", if missing.is_empty() { "" } else { ">= " }, shown(Some(amount.base)))
        };
        table.row([
            name.to_owned(),
            line.count.to_string(),
            line.moving.to_string(),
            money(line.today, &line.today_missing),
            money(line.proposed, &line.proposed_missing),
            shown(line.change.map(|change| change.base)),
            shown(Some(line.today_labour.base)),
            shown(Some(line.proposed_labour.base)),
        ]);
    };
    lines.iter().for_each(|line| row(name(line, applications), line));
    row("all", &found.total);
    table.print(out)?;
    if let Some(unsold) = found.unsold {
        writeln!(out, "of the pool shown to nobody: {}", shown(Some(unsold.base)))?;
    }
    for (what, missing) in
        [("today", &found.total.today_missing), ("proposed", &found.total.proposed_missing)]
    {
        for missing in missing {
            let servers = if missing.count == 1 { "server" } else { "servers" };
            writeln!(out, "not in {what}: {} ({} {servers})", missing.input, missing.count)?;
        }
    }
    Ok(())
}

fn name(line: &ShowbackLine, applications: bool) -> &str {
    let name = if applications { &line.application } else { &line.owner };
    name.as_deref().unwrap_or(if applications { "(application unknown)" } else { "(owner unknown)" })
}

fn rows(found: Option<&Shown>) -> Table {
    let mut headings = vec!["of", "name", "servers", "moving"];
    headings.extend(["energy", "maintenance", "lease", "space", "today_low", "today", "today_high"]);
    headings.extend([
        "proposed_low",
        "proposed",
        "proposed_high",
        "change",
        "labour_today",
        "labour_proposed",
    ]);
    headings.extend(["not_in_today", "not_in_proposed"]);
    let mut table = Table::new(&headings);
    let Some(found) = found else { return table };
    let mut put = |of: &str, name: Option<&String>, line: &ShowbackLine| {
        let mut cells = vec![
            of.to_owned(),
            name.cloned().unwrap_or_default(),
            line.count.to_string(),
            line.moving.to_string(),
        ];
        cells.extend(line.parts.iter().map(|part| cents(part.amount.base)));
        let ends = [line.today, line.proposed].into_iter().flat_map(|sum| [sum.low, sum.base, sum.high]);
        cells.extend(ends.map(cents));
        cells.push(line.change.map(|change| cents(change.base)).unwrap_or_default());
        cells.extend([line.today_labour.base, line.proposed_labour.base].map(cents));
        let missing = |all: &[MissingInput]| {
            all.iter()
                .map(|missing| format!("{} {}", missing.input, missing.count))
                .collect::<Vec<_>>()
                .join("; ")
        };
        cells.extend([missing(&line.today_missing), missing(&line.proposed_missing)]);
        table.row(cells);
    };
    found.owners.iter().for_each(|line| put("owner", line.owner.as_ref(), line));
    found.applications.iter().for_each(|line| put("application", line.application.as_ref(), line));
    put("all", None, &found.total);
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures::{none_assessable, rich, shady};

    fn told(assessment: &Assessment, applications: bool) -> String {
        let mut text = Vec::new();
        write(assessment, assessment.showback.as_ref().unwrap(), applications, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn owners_add_up_and_what_is_not_known_is_said() {
        let assessment = rich(60);
        let total = &assessment.showback.as_ref().unwrap().total;
        let text = told(&assessment, false);
        assert!(text.contains("(owner unknown)") && text.contains("IT operations"), "{text}");
        let all = text.lines().find(|line| line.starts_with("all ")).unwrap();
        assert!(all.contains(&format!(">= {}", number::decimals(total.today.money().base, 2))), "{all}");
        assert!(text.contains("not in today: annual_lease_cost (1 server)"), "{text}");
        assert!(told(&assessment, true).contains("(application unknown)"));
        let nothing = told(&none_assessable(), false);
        assert!(nothing.contains("not in today: cpu_busy_ratio (3 servers)"), "{nothing}");
    }

    #[test]
    fn rows_for_a_spreadsheet_steer_nothing() {
        let mut assessment = rich(20);
        assessment.showback.as_mut().unwrap().owners[0].owner = Some("=cmd()\u{1b}[31m".into());
        let mut text = Vec::new();
        rows(assessment.showback.as_ref()).csv(&mut text).unwrap();
        let found = assessment.showback.as_ref().unwrap();
        let records: Vec<_> =
            ::csv::Reader::from_reader(text.as_slice()).records().map(Result::unwrap).collect();
        assert_eq!(records.len(), found.owners.len() + found.applications.len() + 1);
        assert!(records[0][1].starts_with("'=") && !records[0][1].contains('\u{1b}'), "{:?}", records[0]);
        assert!(!told(&assessment, false).contains('\u{1b}') && !told(&shady(), false).contains('\u{202e}'));
    }
}
