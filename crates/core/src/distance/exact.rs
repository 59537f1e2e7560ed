//! The comparator: the nearest center in real arithmetic.
//!
//! It costs a float64 distance to every center in question, and is for rows that a filter could not decide.
//!
//! First float64 distances with their error bound, which decide alone where the numbers are such that distances are
//! exact; else the candidates whose intervals overlap the best one's are then compared exactly: |x - a|^2 - |x - b|^2 =
//! |a|^2 - |b|^2 + 2 x.(b - a) is a sum of products of float64 numbers, added up as integers
//! (exact/superaccumulator.rs). Equality is a tie, and the lowest index wins.

use std::cell::Cell;
use std::cmp::Ordering;

use crate::distance::reported::{self, Error};
use crate::exact::superaccumulator::Superaccumulator;
use crate::memory::Grow;
use crate::rows::Rows;
use crate::simd::{Simd, Task};
use crate::threads::Workers;

/// Columns that are looked at side by side for a difference.
const CHUNK: usize = 16;

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
        if columns <= PLAIN_COLUMNS && is_plain(x) {
            // Whole numbers tie by the thousand, and D is exact.
            let least = self.distances.iter().copied().fold(f64::INFINITY, f64::min);
            let plain = |(j, d): &(i32, &f64)| error.lower(**d) > bound || is_plain(center(*j));
            let mut all = some.clone().zip(&self.distances);
            if all.clone().all(|one| plain(&one))
                && let Some((j, _)) = all.find(|(_, d)| **d == least)
            {
                return j;
            }
        }
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

/// Columns of rows of which D may be exact.
const PLAIN_COLUMNS: usize = 1 << 11;

/// Whether these are multiples of 1/16 that are not above 2^16. D is exact for such rows and centers of at most
/// `PLAIN_COLUMNS`: in units of 1/16 differences are integers of at most 2^21, squares 2^42, and their sums 2^53.
fn is_plain(numbers: &[f64]) -> bool {
    const SHIFT: f64 = (3u64 << 51) as f64;
    let is = |x: &f64| {
        let t = x * 16.0;
        (t.abs() <= (1 << 20) as f64) & ((t + SHIFT) - SHIFT == t)
    };
    numbers.iter().fold(true, |all, x| all & is(x))
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
    for (some, others) in a.chunks(CHUNK).zip(b.chunks(CHUNK)) {
        // Without an early exit, so that it vectorises: centers of sparse rows have few columns that are not zero.
        if some.iter().zip(others).fold(false, |any, (a, b)| any | (a != b)) {
            for (&a, &b) in some.iter().zip(others).filter(|(a, b)| a != b) {
                wide.add_product(a, a);
                wide.add_product(-b, b);
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers_have_exact_distances() {
        for (x, plain) in [(0.0, true), (-65536.0, true), (65536.0625, false), (0.0625, true), (0.03125, false)] {
            assert_eq!(is_plain(&[1.0, x]), plain, "{x}");
        }
        for x in [f64::NAN, f64::INFINITY, -f64::MAX, 1e-300, 0.1, 5e-324] {
            assert!(!is_plain(&[x]), "{x}");
        }
        // The largest distances that there are.
        let (x, c) = (vec![65536.0; PLAIN_COLUMNS], vec![-65536.0; PLAIN_COLUMNS]);
        let mut odd = c.clone();
        odd[7] = 0.0625 - 65536.0;
        let steps = |c: &[f64]| c.iter().zip(&x).map(|(c, x)| (((x - c) * 16.0) as u64).pow(2)).sum::<u64>();
        for c in [&c, &odd] {
            assert!(is_plain(&x) && is_plain(c));
            assert_eq!(reported::squared(&x, c), steps(c) as f64 / 256.0);
            assert!(steps(c) <= 1 << 53);
        }
    }
}
