//! The table of grids against the public ones it is made of. Reads the tables beside the repository; says loudly when
//! they are not there.
// SPDX-License-Identifier: Apache-2.0
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test reads the tables; the core does not"
)]

#[path = "reference/tables.rs"]
mod tables;

use cairn_assess::grid::{ALONE_FACTOR, GRIDS};
use std::collections::BTreeMap;
use std::path::Path;
use tables::{quantile, records};

/// Places as Cloud Carbon Footprint names them. Finland and Germany of its Azure table lack a decimal point, so that
/// table is not read.
const PLACES: &[(&str, &str)] = &[
    ("Australia", "AUS"),
    ("Bahrain", "BHR"),
    ("Belgium", "BEL"),
    ("Brazil", "BRA"),
    ("Canada", "CAN"),
    ("China", "CHN"),
    ("England", "GBR"),
    ("Finland", "FIN"),
    ("France", "FRA"),
    ("Germany", "DEU"),
    ("Hong Kong", "HKG"),
    ("India", "IND"),
    ("Indonesia", "IDN"),
    ("Ireland", "IRL"),
    ("Italy", "ITA"),
    ("Japan", "JPN"),
    ("Netherlands", "NLD"),
    ("Singapore", "SGP"),
    ("South Africa", "ZAF"),
    ("South Korea", "KOR"),
    ("Sweden", "SWE"),
    ("Switzerland", "CHE"),
    ("Taiwan", "TWN"),
    ("United States", "USA"),
];

type Found = BTreeMap<String, Vec<f64>>;

fn regions(folder: &Path, file: &str, column: usize, found: &mut Found) {
    for row in records(&folder.join(file)).iter().skip(1) {
        let place = PLACES.iter().find(|(name, _)| *name == row[1]).map(|(_, code)| *code);
        // Google names the states of one country.
        let code = place.or_else(|| row[0].starts_with("us-").then_some("USA"));
        if let (Some(code), Ok(tonnes)) = (code, row[column].parse::<f64>()) {
            found.entry(code.to_owned()).or_default().push(tonnes * 1_000.0);
        }
    }
}

fn countries(folder: &Path, found: &mut Found) {
    let rows = records(&folder.join("boavizta_electrical_mix.csv"));
    let is_recent = |row: &&Vec<String>| row[6] == "gwp" && ["2019", "2020"].contains(&row[5].as_str());
    for row in rows.iter().filter(is_recent) {
        for (code, text) in rows[0].iter().zip(row).skip(7) {
            if let Ok(kilograms) = text.parse::<f64>() {
                found.entry(code.clone()).or_default().push(kilograms);
            }
        }
    }
}

#[test]
fn grids_are_the_median_and_the_ends_of_public_tables() {
    let Some(folder) = tables::reference("grid") else { return };
    let mut found = Found::new();
    regions(&folder, "ccf_grid-emissions-factors-aws.csv", 3, &mut found);
    regions(&folder, "ccf_grid-emissions-factors-gcp.csv", 2, &mut found);
    countries(&folder, &mut found);
    found.values_mut().for_each(|figures| figures.sort_by(f64::total_cmp));
    let several = found.values().filter(|figures| figures.len() > 1);
    let mut apart: Vec<f64> = several.map(|figures| figures[figures.len() - 1] / figures[0]).collect();
    apart.sort_by(f64::total_cmp);
    println!("{} countries in several tables, apart by {:.3}", apart.len(), quantile(&apart, 0.5));
    assert!((quantile(&apart, 0.5) - ALONE_FACTOR).abs() < 0.005);
    let mut wrong = Vec::new();
    for grid in GRIDS {
        let figures = &found[grid.alpha3];
        let base = quantile(figures, 0.5);
        let ends = match figures.as_slice() {
            [only] => (only / ALONE_FACTOR, only * ALONE_FACTOR),
            all => (all[0], all[all.len() - 1]),
        };
        let near = |a: f64, b: f64| (a - b).abs() <= 0.000_51;
        let same =
            near(grid.carbon.low, ends.0) && near(grid.carbon.base, base) && near(grid.carbon.high, ends.1);
        if !same || usize::from(grid.figures) != figures.len() {
            wrong.push(format!("{grid:?}: {figures:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
