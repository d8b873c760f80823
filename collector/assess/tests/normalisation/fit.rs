//! Least squares over generations and suites, and every model predicted from all the others.
// SPDX-License-Identifier: Apache-2.0

use super::spec::{Observed, SUITES};
use super::tables::solve;
use std::collections::BTreeMap;

/// Coefficients on the logarithmic scale.
#[derive(Debug)]
pub(crate) struct Fit {
    pub(crate) by_generation: BTreeMap<&'static str, f64>,
    /// Offset of each suite; the first is 0.
    pub(crate) by_suite: Vec<f64>,
}

impl Fit {
    pub(crate) fn predicts(&self, observed: &Observed) -> Option<f64> {
        Some(self.by_generation.get(observed.generation)? + self.by_suite[observed.suite])
    }
}

/// Minimises the squared error of `generation + suite`, every model once a suite.
pub(crate) fn fit<'a>(observed: impl Iterator<Item = &'a Observed> + Clone) -> Fit {
    let mut generations: Vec<&'static str> = observed.clone().map(|o| o.generation).collect();
    generations.sort_unstable();
    generations.dedup();
    let width = generations.len() + SUITES.len() - 1;
    let mut normal = vec![vec![0.0; width + 1]; width];
    for one in observed {
        let generation = generations.binary_search(&one.generation).unwrap();
        let columns = [Some(generation), one.suite.checked_sub(1).map(|suite| generations.len() + suite)];
        let columns: Vec<usize> = columns.into_iter().flatten().collect();
        for &row in &columns {
            columns.iter().for_each(|&column| normal[row][column] += 1.0);
            normal[row][width] += one.log_per_core_ghz;
        }
    }
    let solved = solve(normal);
    let mut by_suite = vec![0.0];
    by_suite.extend(&solved[generations.len()..]);
    Fit { by_generation: generations.into_iter().zip(solved).collect(), by_suite }
}

/// `actual / predicted - 1` of every model predicted by a fit that never saw the model, in any
/// suite; with its generation. A model that is the only one of its generation in a suite is left out: without it
/// nothing says what its generation does there.
pub(crate) fn cross_validated(observed: &[Observed]) -> Vec<(&'static str, f64)> {
    let mut errors = Vec::new();
    for left_out in observed {
        let rest = observed.iter().filter(|other| other.model != left_out.model);
        let alike =
            |other: &Observed| (other.generation, other.suite) == (left_out.generation, left_out.suite);
        if rest.clone().any(alike) {
            let error = fit(rest).predicts(left_out).map(|log| (left_out.log_per_core_ghz - log).exp() - 1.0);
            errors.extend(error.map(|error| (left_out.generation, error)));
        }
    }
    errors
}
