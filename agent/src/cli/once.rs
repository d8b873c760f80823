//! `once`: one sample as JSON, every series of this host with its value or the reason why it has none.
// SPDX-License-Identifier: Apache-2.0

use super::{Arguments, Exit, Terminal, print_json};
use crate::clock::{Clock as _, SystemClock};
use crate::sampler::{Board, Samplers};
use cairn_schemas::metric::{self, METRICS, Unit};
use serde::Serialize;

/// One value.
#[derive(Debug, Serialize)]
struct Sample<'a> {
    metric: &'static str,
    instance: &'a str,
    value: Option<f64>,
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let mut samplers = Samplers::new(&arguments.root);
    samplers.sample(&SystemClock);
    let due = SystemClock.now().mono_ns + i64::try_from(arguments.interval.as_nanos())?;
    SystemClock.sleep_until(due);
    print_json(terminal.out, &samples(samplers.sample(&SystemClock)))?;
    Ok(Exit::Done)
}

/// In the order of the catalogue, the whole server before its devices.
fn samples(board: &Board) -> Vec<Sample<'_>> {
    let mut samples: Vec<(usize, Sample<'_>)> = board
        .keys()
        .iter()
        .zip(board.readings())
        .filter_map(|(key, reading)| {
            let metric = metric::by_id(key.metric)?;
            let order = METRICS.iter().position(|known| known.id == metric.id)?;
            let sample = Sample {
                metric: metric.name,
                instance: &key.instance,
                value: reading.ok(),
                unit: unit(metric.unit),
                missing: reading.err().map(|why| why.to_string()),
            };
            Some((order, sample))
        })
        .collect();
    samples.sort_by(|(a, x), (b, y)| (a, x.instance).cmp(&(b, y.instance)));
    samples.into_iter().map(|(_, sample)| sample).collect()
}

/// How a unit is written.
pub(super) const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Ratio => "ratio",
        Unit::Bytes => "bytes",
        Unit::BytesPerSecond => "bytes/s",
        Unit::PerSecond => "1/s",
        Unit::Seconds => "s",
        Unit::Count => "count",
    }
}
