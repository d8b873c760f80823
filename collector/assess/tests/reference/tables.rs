//! The reference tables beside the repository, and the little algebra a fit to them needs.
// SPDX-License-Identifier: Apache-2.0
#![allow(dead_code, reason = "each test uses its part")]

use serde::Deserialize;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The reference tables: under `CAIRN_DATA`, else in `../shared/data` beside the repository. Without them a test is
/// skipped, and says so where nothing captures it and in the list that `tests/run` counts.
pub(crate) fn reference(test: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("CAIRN_DATA").map_or(beside, PathBuf::from).join("reference");
    if folder.is_dir() {
        return Some(folder);
    }
    let said = format!("{test}: no tables under {}; set CAIRN_DATA", folder.display());
    let _ = writeln!(std::io::stderr(), "SKIPPED {said}");
    if let Some(list) = std::env::var_os("CAIRN_SKIPPED") {
        let mut list = std::fs::OpenOptions::new().create(true).append(true).open(list).unwrap();
        writeln!(list, "{said}").unwrap();
    }
    None
}

/// Gauss with the largest pivot.
pub(crate) fn solve(mut rows: Vec<Vec<f64>>) -> Vec<f64> {
    let width = rows.len();
    for column in 0..width {
        let largest =
            (column..width).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()));
        rows.swap(column, largest.unwrap());
        let pivot = rows[column].clone();
        assert!(pivot[column].abs() > 1e-9, "a generation or suite is tied to nothing");
        for (_, row) in rows.iter_mut().enumerate().filter(|(n, _)| *n != column) {
            let times = row[column] / pivot[column];
            row.iter_mut().zip(&pivot).for_each(|(value, p)| *value -= times * p);
        }
    }
    (0..width).map(|n| rows[n][width] / rows[n][n]).collect()
}

/// Linear interpolation in ascending values.
pub(crate) fn quantile(ascending: &[f64], q: f64) -> f64 {
    let rank = q * (ascending.len() - 1) as f64;
    let (low, high) = (ascending[rank.floor() as usize], ascending[rank.ceil() as usize]);
    low + rank.fract() * (high - low)
}

pub(crate) fn rows<T: for<'a> Deserialize<'a>>(path: &Path) -> Vec<T> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let plain = if path.extension().is_some_and(|end| end == "zst") {
        zstd::decode_all(bytes.as_slice()).unwrap()
    } else {
        bytes
    };
    let mut reader = csv::Reader::from_reader(plain.as_slice());
    reader
        .deserialize()
        .map(|row| row.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .collect()
}

/// Every record of a table as text, its head included.
pub(crate) fn records(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(path).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}
