//! Sizes: a few shapes chosen so that least is given beyond what is asked for.
//!
//! What is asked for is rounded up to a power of two or one and a half of it, so that sizes can be remembered (*ours*);
//! shapes are put in order by their share of all virtual CPUs plus their share of all memory, and cut into at most so many
//! neighbours as give the least in all: Fisher's dynamic programme (On Grouping for Maximum Homogeneity, Journal of the
//! American Statistical Association 53, 1958) with what is given in the place of his sum of squares. A size is the largest of
//! its shapes in both; each server then gets the smallest size that fits it. Where much memory goes with few virtual CPUs
//! for some and the other way round for others, neighbours in one order are far apart: so sizes are exchanged for others
//! while that gives less (*ours*).
// SPDX-License-Identifier: Apache-2.0

use std::cmp::Ordering;
use std::ops::Range;

const GIB: f64 = 1_073_741_824.0;

/// Virtual CPUs and memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) vcpu: u32,
    pub(super) memory_bytes: f64,
}

impl Shape {
    fn fits(self, asked: Self) -> bool {
        self.vcpu >= asked.vcpu && self.memory_bytes >= asked.memory_bytes
    }

    fn joined(self, other: Self) -> Self {
        Self { vcpu: self.vcpu.max(other.vcpu), memory_bytes: self.memory_bytes.max(other.memory_bytes) }
    }

    fn rounded(self) -> Self {
        Self {
            vcpu: round_up(f64::from(self.vcpu)) as u32,
            memory_bytes: round_up(self.memory_bytes / GIB) * GIB,
        }
    }
}

/// The smallest of 1, 2, 3, 4, 6, 8, 12 and so on that is not below; what is beyond any machine stays as it is.
fn round_up(value: f64) -> f64 {
    let mut step = 1.0;
    while step < 1e9 {
        for round in [step, if step > 1.0 { 1.5 * step } else { step }] {
            if round >= value {
                return round;
            }
        }
        step *= 2.0;
    }
    value
}

/// How much a shape is: its share of all that is asked for in each resource.
struct Measure {
    vcpu: f64,
    memory_bytes: f64,
}

impl Measure {
    fn of(&self, shape: Shape) -> f64 {
        f64::from(shape.vcpu) / self.vcpu + shape.memory_bytes / self.memory_bytes
    }
}

/// At most so many sizes, ascending, of which every one is the smallest that fits some server.
pub(super) fn sizes(asked: &[Shape], most: usize) -> Vec<Shape> {
    let measure = Measure {
        vcpu: asked.iter().map(|shape| f64::from(shape.vcpu)).sum::<f64>().max(1.0),
        memory_bytes: asked.iter().map(|shape| shape.memory_bytes).sum::<f64>().max(1.0),
    };
    let in_order = |a: &Shape, b: &Shape| {
        let by_size = measure.of(*a).total_cmp(&measure.of(*b));
        by_size.then(a.vcpu.cmp(&b.vcpu)).then(a.memory_bytes.total_cmp(&b.memory_bytes))
    };
    let mut rounded: Vec<Shape> = asked.iter().map(|shape| shape.rounded()).collect();
    rounded.sort_by(in_order);
    let mut shapes: Vec<(Shape, usize)> = Vec::new();
    for shape in rounded {
        match shapes.last_mut() {
            Some((last, count)) if *last == shape => *count += 1,
            _ => shapes.push((shape, 1)),
        }
    }
    let runs = cut(&shapes, most, &measure).into_iter();
    let sizes: Vec<Shape> = runs.filter_map(|run| largest(&shapes[run])).collect();
    let sizes = exchanged(sizes, &shapes, &measure, in_order);
    let given: Vec<Option<usize>> = asked.iter().map(|shape| smallest(&sizes, *shape)).collect();
    let used = |at: usize| given.contains(&Some(at));
    sizes.iter().enumerate().filter(|(at, _)| used(*at)).map(|(_, shape)| *shape).collect()
}

/// The place of the smallest size that fits; sizes are ascending.
pub(super) fn smallest(sizes: &[Shape], asked: Shape) -> Option<usize> {
    sizes.iter().position(|size| size.fits(asked))
}

fn largest(run: &[(Shape, usize)]) -> Option<Shape> {
    run.iter().map(|(shape, _)| *shape).reduce(Shape::joined)
}

/// What is given in all where each gets the smallest of these ascending sizes; infinite where one fits none.
fn given_in_all(sizes: &[Shape], shapes: &[(Shape, usize)], measure: &Measure) -> f64 {
    let of = |(shape, count): &(Shape, usize)| {
        smallest(sizes, *shape).map_or(f64::INFINITY, |at| *count as f64 * measure.of(sizes[at]))
    };
    shapes.iter().map(of).sum()
}

/// Most exchanges: far more than any estate asked for.
const EXCHANGES_MAX: usize = 100;

/// Sizes of which none can be exchanged for another so that less is given; ascending.
fn exchanged(
    mut sizes: Vec<Shape>,
    shapes: &[(Shape, usize)],
    measure: &Measure,
    in_order: impl Fn(&Shape, &Shape) -> Ordering,
) -> Vec<Shape> {
    sizes.sort_by(&in_order);
    let distinct = |of: fn(&Shape) -> f64| {
        let mut all: Vec<f64> = shapes.iter().map(|(shape, _)| of(shape)).collect();
        all.sort_by(f64::total_cmp);
        all.dedup();
        all
    };
    let (vcpus, memories) = (distinct(|shape| f64::from(shape.vcpu)), distinct(|shape| shape.memory_bytes));
    let others = vcpus.iter().flat_map(|vcpu| {
        memories.iter().map(|memory_bytes| Shape { vcpu: *vcpu as u32, memory_bytes: *memory_bytes })
    });
    let others: Vec<Shape> = others.collect();
    let mut least = given_in_all(&sizes, shapes, measure);
    for _ in 0..EXCHANGES_MAX {
        let mut better = None;
        for (at, other) in (0..sizes.len()).flat_map(|at| others.iter().map(move |other| (at, other))) {
            let mut tried = sizes.clone();
            tried[at] = *other;
            tried.sort_by(&in_order);
            let given = given_in_all(&tried, shapes, measure);
            // Rounding makes nothing better.
            if given < least * (1.0 - 1e-12) {
                (least, better) = (given, Some(tried));
            }
        }
        let Some(found) = better else { break };
        sizes = found;
    }
    sizes
}

/// The best cut of shapes in order, each with how many servers ask for it, into at most so many runs.
fn cut(shapes: &[(Shape, usize)], most: usize, measure: &Measure) -> Vec<Range<usize>> {
    let count = shapes.len();
    // best[end]: the least given to the first `end` shapes by the runs so far, and where the last run begins.
    let mut best = vec![f64::INFINITY; count + 1];
    best[0] = 0.0;
    let mut begins: Vec<Vec<usize>> = Vec::new();
    for _ in 0..most.min(count) {
        let (mut next, mut begin) = (best.clone(), vec![usize::MAX; count + 1]);
        for end in 1..=count {
            let (mut size, mut servers) = (shapes[end - 1].0, 0);
            for start in (0..end).rev() {
                size = size.joined(shapes[start].0);
                servers += shapes[start].1;
                let given = best[start] + servers as f64 * measure.of(size);
                if given < next[end] {
                    (next[end], begin[end]) = (given, start);
                }
            }
        }
        best = next;
        begins.push(begin);
    }
    let (mut runs, mut end) = (Vec::new(), count);
    for begin in begins.iter().rev().filter(|_| count > 0) {
        // A round that found nothing better leaves the cut of the round before.
        let start = begin[end];
        if start == usize::MAX {
            continue;
        }
        runs.push(start..end);
        end = start;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shape((vcpu, gib): (u32, u32)) -> Shape {
        Shape { vcpu, memory_bytes: f64::from(gib) * GIB }
    }

    #[test]
    fn few_handy_sizes_that_fit() {
        let check = |asked: &[(u32, u32)], most, expected: &[(u32, u32)]| {
            let asked: Vec<Shape> = asked.iter().copied().map(shape).collect();
            let expected: Vec<Shape> = expected.iter().copied().map(shape).collect();
            assert_eq!(sizes(&asked, most), expected, "{asked:?}");
        };
        check(&[], 4, &[]);
        check(&[(5, 5)], 4, &[(6, 6)]);
        check(&[(2, 4), (2, 4), (7, 30)], 4, &[(2, 4), (8, 32)]);
        // Four shapes in two: the lone large one gets its own, not the two small ones.
        check(&[(1, 1), (2, 2), (3, 3), (64, 512)], 2, &[(3, 3), (64, 512)]);
        // Many small ones weigh more than a middle one.
        check(&[(1, 1), (1, 1), (1, 1), (1, 1), (1, 1), (4, 4), (6, 6)], 2, &[(1, 1), (6, 6)]);
        // Two that compute and two that remember, of like size in all: each kind has its own, and nobody gets both.
        check(&[(32, 8), (2, 128), (32, 8), (2, 128), (24, 8), (2, 96)], 2, &[(2, 128), (32, 8)]);
    }

    #[test]
    fn rounded_up_to_what_can_be_remembered() {
        let check = |value, expected| assert_eq!(round_up(value), expected, "{value}");
        for (value, expected) in
            [(0.0, 1.0), (1.0, 1.0), (2.0, 2.0), (2.5, 3.0), (3.5, 4.0), (5.0, 6.0), (13.0, 16.0)]
        {
            check(value, expected);
        }
        check(1e12, 1e12);
    }

    fn given(run: &[(Shape, usize)], measure: &Measure) -> f64 {
        let servers: usize = run.iter().map(|(_, count)| count).sum();
        servers as f64 * measure.of(largest(run).unwrap())
    }

    /// The least of all cuts into at most `most` runs, by trying them.
    fn tried(shapes: &[(Shape, usize)], most: usize, measure: &Measure) -> f64 {
        if shapes.is_empty() {
            return 0.0;
        }
        if most == 0 {
            return f64::INFINITY;
        }
        let first = |end: usize| given(&shapes[..end], measure) + tried(&shapes[end..], most - 1, measure);
        (1..=shapes.len()).map(first).fold(f64::INFINITY, f64::min)
    }

    proptest! {
        #[test]
        fn no_other_cut_gives_less(asked in prop::collection::vec(((1..40_u32, 1..200_u32), 1..9_usize), 1..8), most in 1..5_usize) {
            let shapes: Vec<(Shape, usize)> = asked.iter().map(|(asked, count)| (shape(*asked), *count)).collect();
            let measure = Measure { vcpu: 100.0, memory_bytes: 500.0 * GIB };
            let runs = cut(&shapes, most, &measure);
            prop_assert!(runs.len() <= most);
            let all: usize = runs.iter().map(Range::len).sum();
            prop_assert_eq!(all, shapes.len());
            let given: f64 = runs.into_iter().map(|run| given(&shapes[run], &measure)).sum();
            prop_assert!((given - tried(&shapes, most, &measure)).abs() < 1e-9);
        }

        #[test]
        fn an_exchange_gives_no_more(asked in prop::collection::vec(((1..40_u32, 1..200_u32), 1..9_usize), 1..8), most in 1..5_usize) {
            let shapes: Vec<(Shape, usize)> = asked.iter().map(|(asked, count)| (shape(*asked), *count)).collect();
            let measure = Measure { vcpu: 100.0, memory_bytes: 500.0 * GIB };
            let in_order = |a: &Shape, b: &Shape| measure.of(*a).total_cmp(&measure.of(*b));
            let mut cut: Vec<Shape> = cut(&shapes, most, &measure).into_iter().filter_map(|run| largest(&shapes[run])).collect();
            cut.sort_by(in_order);
            let before = given_in_all(&cut, &shapes, &measure);
            let after = given_in_all(&exchanged(cut, &shapes, &measure, in_order), &shapes, &measure);
            prop_assert!(after <= before);
        }

        #[test]
        fn every_server_fits_its_size(asked in prop::collection::vec((1..200_u32, 1..2_000_u32), 0..60), most in 1..5_usize) {
            let asked: Vec<Shape> = asked.into_iter().map(shape).collect();
            let sizes = sizes(&asked, most);
            prop_assert!(sizes.len() <= most);
            for asked in asked {
                prop_assert!(sizes[smallest(&sizes, asked).unwrap()].fits(asked));
            }
        }
    }
}
