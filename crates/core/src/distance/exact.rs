//! The comparator: the nearest center in real arithmetic.
//!
//! It costs a float64 distance to every center in question, and is for rows that a filter could not decide.
//!
//! First float64 distances with their error bound; the candidates whose intervals overlap the best one's are then
//! compared exactly: |x - a|^2 - |x - b|^2 = |a|^2 - |b|^2 + 2 x.(b - a) is a sum of products of float64 numbers, added
//! up as integers (exact/superaccumulator.rs). Equality is a tie, and the lowest index wins.

use std::cell::Cell;
use std::cmp::Ordering;

use crate::distance::reported::{self, Error};
use crate::exact::superaccumulator::Superaccumulator;
use crate::memory::Grow;
use crate::rows::Rows;
use crate::simd::{Simd, Task};
use crate::threads::Workers;

/// A worker's place for comparisons.
#[derive(Default)]
pub(crate) struct Comparator {
    distances: Vec<f64>,
    candidates: Vec<i32>,
    wide: Superaccumulator,
    row: Vec<f64>,
    /// Work since the clock was looked at.
    done: Cell<usize>,
    /// Comparisons that needed exact integers.
    pub(crate) exact: u64,
}

impl Comparator {
    /// Takes note of other work, in floating-point operations.
    #[inline(always)]
    pub(crate) fn heed(&self, workers: &Workers, work: usize) {
        workers.heed(&self.done, work);
    }

    /// The lowest index among the centers nearest to a row, of some centers, their indices ascending.
    #[inline(always)]
    pub(crate) fn nearest<S: Simd>(
        &mut self,
        simd: S,
        rows: &impl Rows,
        row: usize,
        (centers, error, workers): (&[f64], &Error, &Workers),
        some: impl Iterator<Item = i32> + Clone,
    ) -> i32 {
        let columns = rows.columns();
        let x = rows.read(row, &mut self.row);
        let center = |j: i32| &centers[j as usize * columns..][..columns];
        self.distances.clear();
        self.distances.set_length(some.clone().count(), 0.0);
        workers.heed(&self.done, self.distances.len() * columns);
        simd.vectorize(Distances { x, centers, some: some.clone(), out: &mut self.distances });
        let bound = self.distances.iter().map(|&d| error.upper(d)).fold(f64::INFINITY, f64::min);
        self.candidates.clear();
        self.candidates.make_room(self.distances.len());
        let near = some.zip(&self.distances).filter(|(_, d)| error.lower(**d) <= bound);
        self.candidates.extend(near.map(|(j, _)| j));
        let mut best = self.candidates[0];
        for at in 1..self.candidates.len() {
            let j = self.candidates[at];
            // The same numbers are a tie without looking; the earlier index keeps the row.
            if center(j) != center(best) {
                // Integers take some 30 times as long as float64.
                workers.heed(&self.done, 30 * columns);
                self.exact += 1;
                if compare(rows, row, center(j), center(best), &mut self.wide) == Ordering::Less {
                    best = j;
                }
            }
        }
        best
    }
}

/// D of a row to some centers. (A loop of its own, under an instruction set: written as `extend` it is a call, compiled
/// for every processor, and takes three times as long.)
struct Distances<'a, I> {
    x: &'a [f64],
    centers: &'a [f64],
    some: I,
    out: &'a mut [f64],
}

impl<I: Iterator<Item = i32>> Task for Distances<'_, I> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Distances { x, centers, some, out } = self;
        for (out, j) in out.iter_mut().zip(some) {
            *out = reported::squared(x, &centers[j as usize * x.len()..][..x.len()]);
        }
    }
}

/// Compares |x - a|^2 with |x - b|^2 in real arithmetic.
pub(crate) fn compare(rows: &impl Rows, row: usize, a: &[f64], b: &[f64], wide: &mut Superaccumulator) -> Ordering {
    wide.clear();
    for (&a, &b) in a.iter().zip(b) {
        if a != b {
            wide.add_product(a, a);
            wide.add_product(-b, b);
        }
    }
    add_difference(rows, row, a, b, wide);
    wide.sign()
}

/// Adds 2 x.(b - a) exactly: the part of |x - a|^2 - |x - b|^2 that depends on x.
fn add_difference(rows: &impl Rows, row: usize, a: &[f64], b: &[f64], wide: &mut Superaccumulator) {
    rows.entries(row, |q, x| {
        if a[q] != b[q] {
            wide.add_twice_product(b[q], x);
            wide.add_twice_product(-a[q], x);
        }
    });
}
