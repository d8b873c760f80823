//! Least squares on the logarithm of watts, and every model of processor predicted from all the others.
// SPDX-License-Identifier: Apache-2.0

use super::spec::Drawn;
use super::tables::{quantile, solve};
use cairn_assess::power::coefficients::Exponents;
use cairn_assess::power::{Size, predict};
use std::collections::{BTreeMap, BTreeSet};

/// What of a server's size is in the fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    Sockets,
    Cores,
    Ghz,
    Memory,
}

impl Term {
    fn log(self, size: &Size) -> f64 {
        match self {
            Self::Sockets => size.sockets.ln(),
            Self::Cores => size.cores.ln(),
            Self::Ghz => size.ghz.ln(),
            Self::Memory => size.memory_gib.ln(),
        }
    }
}

/// Coefficients on the logarithmic scale.
#[derive(Debug)]
pub(crate) struct Fit {
    pub(crate) exponents: Exponents,
    /// Of one that knows no generations, the only one is `all`.
    pub(crate) by_generation: BTreeMap<&'static str, f64>,
}

fn group(one: &Drawn, by_generation: bool) -> &'static str {
    if by_generation { one.generation } else { "all" }
}

/// Minimises the squared error of `generation + sum(exponent * log(term))`.
pub(crate) fn fit<'a>(
    drawn: impl Iterator<Item = &'a Drawn> + Clone,
    terms: &[Term],
    log_watts: fn(&Drawn) -> f64,
    by_generation: bool,
) -> Fit {
    let groups: BTreeSet<&'static str> = drawn.clone().map(|one| group(one, by_generation)).collect();
    let groups: Vec<&'static str> = groups.into_iter().collect();
    let width = groups.len() + terms.len();
    let mut normal = vec![vec![0.0; width + 1]; width];
    for one in drawn {
        let mut row = vec![0.0; width];
        row[groups.binary_search(&group(one, by_generation)).unwrap()] = 1.0;
        for (column, term) in terms.iter().enumerate() {
            row[groups.len() + column] = term.log(&one.size);
        }
        for (target, at) in normal.iter_mut().zip(&row) {
            target.iter_mut().zip(&row).for_each(|(sum, value)| *sum += at * value);
            target[width] += at * log_watts(one);
        }
    }
    let solved = solve(normal);
    let exponent = |wanted: Term| {
        let place = terms.iter().position(|term| *term == wanted);
        place.map_or(0.0, |place| solved[groups.len() + place])
    };
    Fit {
        exponents: Exponents {
            sockets: exponent(Term::Sockets),
            cores: exponent(Term::Cores),
            ghz: exponent(Term::Ghz),
            memory: exponent(Term::Memory),
        },
        by_generation: groups.iter().copied().zip(solved.iter().copied()).collect(),
    }
}

/// Logarithm of actual over predicted, the median of each model of processor, by a fit that never saw the model. The
/// only model of a generation is left out: nothing says what its generation draws.
pub(crate) fn cross_validated(
    drawn: &[Drawn],
    terms: &[Term],
    log_watts: fn(&Drawn) -> f64,
    by_generation: bool,
) -> Vec<f64> {
    let models: BTreeSet<&str> = drawn.iter().map(|one| one.model.as_str()).collect();
    let of_model = |model: &&str| {
        let rest = drawn.iter().filter(|one| one.model != *model);
        let fitted = fit(rest, terms, log_watts, by_generation);
        let own = drawn.iter().filter(|one| one.model == *model);
        let mut apart: Vec<f64> = own
            .filter_map(|one| {
                let base = *fitted.by_generation.get(group(one, by_generation))?;
                Some(log_watts(one) - predict(base, fitted.exponents, one.size).ln())
            })
            .collect();
        apart.sort_by(f64::total_cmp);
        (!apart.is_empty()).then(|| quantile(&apart, 0.5))
    };
    models.iter().filter_map(of_model).collect()
}
