//! Public results: what servers drew at idle and under load.
// SPDX-License-Identifier: Apache-2.0

use super::tables::rows;
use cairn_assess::normalize::generation;
use cairn_assess::normalize::model_name::canonical;
use cairn_assess::power::Size;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// One result, for one node of it.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    pub(crate) model: String,
    pub(crate) generation: &'static str,
    pub(crate) size: Size,
    idle_watts: f64,
    max_watts: f64,
}

impl Drawn {
    pub(crate) fn idle_log_watts(&self) -> f64 {
        self.idle_watts.ln()
    }

    pub(crate) fn max_log_watts(&self) -> f64 {
        self.max_watts.ln()
    }
}

#[derive(Deserialize)]
struct Power2008 {
    #[serde(rename = "CPU Description")]
    processor: String,
    #[serde(rename = "Nodes")]
    nodes: String,
    #[serde(rename = "MHz")]
    mhz: String,
    #[serde(rename = "Chips")]
    chips: String,
    #[serde(rename = "Cores")]
    cores: String,
    #[serde(rename = "Total Memory (GB)")]
    memory: String,
    #[serde(rename = "avg. watts @ 100%")]
    max: String,
    #[serde(rename = "avg. watts @ active idle")]
    idle: String,
}

/// Every compliant result of a known generation; those of several nodes are divided among them.
pub(crate) fn drawn(folder: &Path) -> Vec<Drawn> {
    let number = |text: &str| text.replace(',', "").trim().parse::<f64>().ok().filter(|value| *value > 0.0);
    let one = |row: Power2008| {
        let nodes = number(&row.nodes)?;
        let each = |text: &str| Some(number(text)? / nodes);
        let size = Size {
            sockets: each(&row.chips)?,
            cores: each(&row.cores)?,
            ghz: number(&row.mhz)? / 1_000.0,
            memory_gib: each(&row.memory)?,
        };
        Some(Drawn {
            model: canonical(&row.processor),
            generation: generation::of(&row.processor)?.id,
            size,
            idle_watts: each(&row.idle)?,
            max_watts: each(&row.max)?,
        })
    };
    rows::<Power2008>(&folder.join("specpower_ssj2008_2007-2021.csv")).into_iter().filter_map(one).collect()
}

/// Watts at idle, at full load, a load, and watts at that load: ten loads of each server.
pub(crate) fn levels(folder: &Path) -> Vec<(f64, f64, f64, f64)> {
    let table = rows::<BTreeMap<String, String>>(&folder.join("specpower_ssj2008_levels_2014.csv"));
    let mut found = Vec::new();
    for row in table {
        let watts = |load: usize| {
            let names = [
                format!("Average watts @ {load}% of target load"),
                format!("Average watts@{load}% of target load"),
            ];
            names.iter().find_map(|name| row.get(name)?.parse::<f64>().ok())
        };
        let idle = row.get("Average watts @ active idle").and_then(|text| text.parse::<f64>().ok());
        let (Some(idle), Some(max)) = (idle, watts(100)) else { continue };
        for load in (10..=100).step_by(10) {
            found.extend(watts(load).map(|drawn| (idle, max, load as f64 / 100.0, drawn)));
        }
    }
    found
}
