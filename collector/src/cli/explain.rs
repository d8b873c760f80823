//! `cairn explain`: why a figure of an assessment is what it is.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, NotFound, Place, assessments};
use cairn_schemas::assessment::Figure;
use clap::Args;
use std::io::Write;

/// Says why a figure of an assessment is what it is.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// Number of the assessment.
    id: u64,
    /// Id of the figure; without it all are listed.
    figure: Option<String>,
    /// Prints it as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Explain, out: &mut impl Write) -> anyhow::Result<Exit> {
    let assessment = assessments::find(&args.place.open()?, Some(args.id))?;
    let Some(wanted) = &args.figure else {
        if args.json {
            serde_json::to_writer_pretty(&mut *out, &assessment.figures)?;
            writeln!(out)?;
        }
        for (id, figure) in assessment.figures.iter().filter(|_| !args.json) {
            writeln!(out, "{id:<40} {}", amount(figure.value, &figure.unit))?;
        }
        return Ok(Exit::Done);
    };
    let Some(figure) = assessment.figures.get(wanted) else {
        let meant = crate::nearest::meant(wanted, assessment.figures.keys().map(String::as_str));
        anyhow::bail!(NotFound(format!("assessment {} has no figure {wanted:?}{meant}", args.id)));
    };
    if args.json {
        serde_json::to_writer_pretty(&mut *out, figure)?;
        writeln!(out)?;
    } else {
        write(wanted, figure, out)?;
    }
    Ok(Exit::Done)
}

fn write(id: &str, figure: &Figure, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{id} = {}", amount(figure.value, &figure.unit))?;
    writeln!(out, "  formula   {}", figure.formula)?;
    for input in &figure.inputs {
        writeln!(out, "  input     {} = {}", input.id.escape_debug(), amount(input.value, &input.unit))?;
    }
    if let Some(samples) = figure.samples {
        writeln!(out, "  samples   {samples}")?;
    }
    for constant in &figure.constants {
        let range = constant.value;
        writeln!(
            out,
            "  constant  {} = {} (low {}, high {}) {}, {}, {}",
            constant.id, range.base, range.low, range.high, constant.unit, constant.source, constant.date
        )?;
    }
    writeln!(out, "  method    section {}", figure.method)
}

fn amount(value: Option<f64>, unit: &str) -> String {
    match (value, unit) {
        (None, _) => "not known".into(),
        (Some(value), "1" | "") => format!("{value}"),
        (Some(value), unit) => format!("{value} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::assessment::{Constant, FigureInput, Range};

    #[test]
    fn a_figure_is_explained_with_all_it_rests_on() {
        let figure = Figure {
            value: Some(4.5),
            unit: "1".into(),
            formula: "assessed / (hosts + failover_hosts + stay)".into(),
            inputs: vec![FigureInput { id: "hosts".into(), value: Some(3.0), unit: "hosts".into() }],
            samples: Some(9),
            constants: vec![Constant {
                id: "growth_ratio".into(),
                value: Range { low: 0.1, base: 0.2, high: 0.3 },
                unit: "1".into(),
                source: "ours".into(),
                date: "2026".into(),
            }],
            method: "7.8".into(),
        };
        let mut text = Vec::new();
        write("net_consolidation_ratio", &figure, &mut text).unwrap();
        let expected = "\
net_consolidation_ratio = 4.5
  formula   assessed / (hosts + failover_hosts + stay)
  input     hosts = 3 hosts
  samples   9
  constant  growth_ratio = 0.2 (low 0.1, high 0.3) 1, ours, 2026
  method    section 7.8
";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
