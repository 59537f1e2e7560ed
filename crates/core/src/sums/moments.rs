//! Moments: the exact sum of w x^2 over all rows and columns, exact sums of the columns, and the mean variance of both.

// Register arrays are indexed by constants, so that loops over them unroll.
#![allow(clippy::needless_range_loop)]

use std::cell::Cell;

use serde::{Deserialize, Serialize};

use crate::exact::fixed_point::take;
use crate::exact::range::Range;
use crate::exact::rounding::{scale_roughly, settle};
use crate::exact::superaccumulator::{Superaccumulator, decompose};
use crate::memory::Grow;
use crate::messages::{MOST_ROWS, checked};
use crate::simd::{Isa, Simd, Task};
use crate::sums::add_row::AddRow;
use crate::sums::cluster_sums::ClusterSums;
use crate::threads::{Interrupted, Workers};

/// Rows of one piece of the pass.
const PIECE: usize = 4096;

/// Exact sums over some rows. Those of two blocks merge.
#[derive(Clone, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Moments {
    /// Of w x^2 over all columns.
    pub squares: Superaccumulator,
    /// Of x, unweighted, over the rows whose weight is not 0, if they were asked for: all in one cluster.
    pub(crate) sums: Option<ClusterSums>,
    /// Rows whose weight is not 0.
    pub(crate) rows: u64,
}

checked!(Moments);

impl Moments {
    fn checked(self) -> Result<Self, &'static str> {
        if self.rows > MOST_ROWS || !self.sums.as_ref().is_none_or(is_plain) {
            return Err("these are no sums of columns");
        }
        Ok(self)
    }

    /// Whether the sums of other rows can be added.
    pub fn fits(&self, other: &Moments) -> bool {
        self.sums.as_ref().zip(other.sums.as_ref()).is_none_or(|(sums, others)| sums.fits(others))
    }

    /// Takes in other rows. What not both have is not known of all.
    pub fn merge(&mut self, other: &Moments) {
        self.squares.merge(&other.squares);
        self.sums = self.sums.take().zip(other.sums.as_ref()).map(|(mut sums, other)| {
            sums.merge(other);
            sums
        });
        self.rows += other.rows;
    }

    /// The mean over columns of the unweighted variances of the rows whose weight is not 0, rounded once: N / M with N
    /// = n Q - sum_q S_q^2, M = n^2 d, for the exact sums S_q of n rows and Q of all squares, where weights are 0 or 1.
    /// Infinite where float64 ends; `None` without sums of columns, which may be given: those of all rows in one
    /// cluster, without weights. Below 0 where the sums are none of the rows of the squares.
    pub fn mean_variance(&self, sums: Option<&ClusterSums>) -> Option<f64> {
        let sums = sums.or(self.sums.as_ref()).filter(|sums| is_plain(sums))?;
        Some(mean_variance(&self.squares, sums, self.rows))
    }
}

/// Exact sum of w x^2 over all rows and columns, and (if sums of that format are given) exact unweighted sums of the
/// columns over the rows whose weight is not 0.
pub fn moments<R: AddRow>(
    workers: &Workers,
    isa: Isa,
    rows: &R,
    weights: Option<&[f64]>,
    ranges: &[Range],
    sums: Option<&ClusterSums>,
) -> Result<Moments, Interrupted> {
    let (n, columns) = (rows.len(), rows.columns());
    let all = ranges.iter().fold(Range::ZEROS, |a, &b| a.join(b));
    let starts = (0..n.div_ceil(PIECE)).map(|piece| piece * PIECE);
    let workers = workers.sized(n as f64 * columns as f64 * 8.0);
    let states = workers.each(
        starts,
        || (Superaccumulator::new(), sums.map(|sums| sums.emptied(1)), Vec::new()),
        |(squares, column_sums, buffer), from| {
            let to = (from + PIECE).min(n);
            let column_sums = column_sums.as_mut();
            isa.run(Squares { workers: &workers, rows, weights, all, from, to, squares, column_sums, buffer });
        },
    )?;
    let (mut squares, mut column_sums) = (Superaccumulator::new(), sums.map(|sums| sums.emptied(1)));
    for (part, sums, _) in &states {
        squares.merge(part);
        if let (Some(column_sums), Some(sums)) = (column_sums.as_mut(), sums) {
            column_sums.merge(sums);
        }
    }
    let some = weights.map_or(n, |weights| weights.iter().filter(|weight| **weight != 0.0).count());
    Ok(Moments { squares, sums: column_sums, rows: some as u64 })
}

/// Whether these are sums of columns: of one cluster, without weights.
fn is_plain(sums: &ClusterSums) -> bool {
    sums.clusters() == 1 && sums.weighing.is_none()
}

struct Squares<'a, R> {
    workers: &'a Workers<'a>,
    rows: &'a R,
    weights: Option<&'a [f64]>,
    all: Range,
    from: usize,
    to: usize,
    squares: &'a mut Superaccumulator,
    column_sums: Option<&'a mut ClusterSums>,
    buffer: &'a mut Vec<f64>,
}

impl<R: AddRow> Task for Squares<'_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let (columns, done) = (self.rows.columns(), Cell::new(0));
        if let Some(column_sums) = self.column_sums {
            for row in self.from..self.to {
                self.workers.heed(&done, 4 * self.rows.numbers());
                if self.weights.is_none_or(|weights| weights[row] != 0.0) {
                    column_sums.count(self.rows, row, 0, 1.0, false, self.buffer);
                }
            }
        }
        if self.all == Range::ZEROS {
            return;
        }
        if let Some(weights) = self.weights {
            for (row, &weight) in weights.iter().enumerate().take(self.to).skip(self.from) {
                self.workers.heed(&done, 20 * self.rows.numbers());
                self.rows.entries(row, |_, x| self.squares.add_weighted_square(weight, x));
            }
            return;
        }
        // Squares and their rounding errors go into limbs of 50 bits below the largest square, where six hold them: the
        // numbers of a column of float64 that is spread around zero need four.
        let square = self.all.product(self.all);
        let limbs = if self.all == Range::ZEROS { 0 } else { (square.above - square.lowest).max(1) as u32 };
        if !self.rows.is_dense() || limbs > 6 * BITS || square.lowest < -1000 || !(-900..=900).contains(&square.above) {
            for row in self.from..self.to {
                self.workers.heed(&done, 20 * self.rows.numbers());
                self.rows.entries(row, |_, x| self.squares.add_product(x, x));
            }
            return;
        }
        let step = (2048 / columns).max(1);
        for first in (self.from..self.to).step_by(step) {
            let last = (first + step).min(self.to);
            self.workers.heed(&done, 8 * (last - first) * columns);
            self.buffer.set_length((last - first) * columns, 0.0);
            self.rows.write_block(first, last, self.buffer);
            // Two addends a value, 8 lanes: at most 2^12 addends of 2^50 in a lane before the sums move on.
            for part in self.buffer.chunks(1 << 14) {
                match limbs.div_ceil(BITS) {
                    0 | 1 => add_squares::<1>(self.squares, square.above, part),
                    2 => add_squares::<2>(self.squares, square.above, part),
                    3 => add_squares::<3>(self.squares, square.above, part),
                    4 => add_squares::<4>(self.squares, square.above, part),
                    5 => add_squares::<5>(self.squares, square.above, part),
                    _ => add_squares::<6>(self.squares, square.above, part),
                }
            }
        }
    }
}

/// Bits of a limb of squares.
const BITS: u32 = 50;

/// Adds the exact squares of numbers to an accumulator: 8 lanes of L limbs below 2^above, as in exact/fixed_point.rs.
///
/// A square below 2^above is rounded by less than 2^(above - 53), which is nothing in the first limb: 0 is the integer
/// nearest to it there. So errors begin with the second.
#[inline(always)]
fn add_squares<const L: usize>(out: &mut Superaccumulator, above: i32, values: &[f64]) {
    let (scale, ratio) = (2f64.powi(BITS as i32 - above), (1u64 << BITS) as f64);
    let mut sums = [[0i64; 8]; L];
    let (eights, rest) = values.as_chunks();
    for eight in eights {
        add_eight(&mut sums, *eight, scale, ratio);
    }
    if !rest.is_empty() {
        let mut eight = [0.0; 8];
        eight[..rest.len()].copy_from_slice(rest);
        add_eight(&mut sums, eight, scale, ratio);
    }
    for (level, sums) in sums.iter().enumerate() {
        let total: i128 = sums.iter().map(|&sum| sum as i128).sum();
        out.add_int(total < 0, total.unsigned_abs(), above - (level as i32 + 1) * BITS as i32);
    }
}

/// Eight squares and their errors. (A function: a closure would not have the instruction set of its caller.)
#[inline(always)]
fn add_eight<const L: usize>(sums: &mut [[i64; 8]; L], mut squares: [f64; 8], scale: f64, ratio: f64) {
    let mut errors = [0.0; 8];
    let mut rounded = false;
    for lane in 0..8 {
        let x = squares[lane];
        squares[lane] = x * x;
        errors[lane] = x.mul_add(x, -squares[lane]) * (scale * ratio);
        rounded |= errors[lane] != 0.0;
        squares[lane] *= scale;
    }
    split(sums, 0, &mut squares, ratio);
    if rounded {
        split(sums, 1, &mut errors, ratio);
    }
}

/// Adds numbers to limbs, each taking what is nearest to a number in its unit, and leaving the rest.
#[inline(always)]
fn split<const L: usize>(limbs: &mut [[i64; 8]; L], first: usize, numbers: &mut [f64; 8], ratio: f64) {
    for level in first..L {
        for lane in 0..8 {
            let (digit, below) = take(numbers[lane], ratio);
            limbs[level][lane] += digit;
            numbers[lane] = below;
        }
    }
}

fn mean_variance(squares: &Superaccumulator, sums: &ClusterSums, rows: u64) -> f64 {
    let columns = sums.columns();
    let mut numerator = Superaccumulator::new();
    numerator.add_multiple(squares, rows);
    for q in 0..columns {
        sums.subtract_square(&mut numerator, q);
    }
    let (fraction, exponent) = numerator.parts();
    if fraction <= 0.0 {
        // Below 0 only if the rows of the sums are not those of the squares.
        return fraction;
    }
    let count = rows as f64 * rows as f64 * columns as f64;
    let estimate = scale_roughly(fraction / count, exponent);
    if estimate.is_infinite() {
        return estimate;
    }
    settle(estimate, |a, b| {
        let mut difference = Superaccumulator::new();
        difference.add_multiple(&numerator, 2);
        for x in [a, b] {
            let (negative, significand, place) = decompose(x);
            let product = significand as u128 * rows as u128;
            difference.add_scaled(!negative, product, rows * columns as u64, place);
        }
        difference.sign()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{Dense, Rows};

    #[test]
    fn squares_are_exact_whatever_the_range() {
        for small in [0, 8, 24, 26, 30, 40, 60, 90, 130] {
            // Numbers of all magnitudes from 2^-small to 1, with 53 bits each, or with few.
            let number = |i: u64| {
                let mixed = (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let significand = (mixed >> if small == 0 { 58 } else { 11 }) as f64 * 2f64.powi(-53);
                let sign = if i.is_multiple_of(3) { -1.0 } else { 1.0 };
                sign * significand * 2f64.powi(-((i % (small + 1)) as i32))
            };
            let values: Vec<f64> = (0..9 * 2300).map(number).collect();
            let rows = Dense::contiguous(&values, 2300, 9).expect("shape");
            let workers = Workers::new(2, &|| true);
            let stats = crate::sums::column_stats::ColumnStats::pass(&workers, Isa::best(), &rows, true);
            let ranges = stats.expect("not interrupted").ranges();
            let found = moments(&workers, Isa::best(), &rows, None, &ranges, None).expect("not interrupted");
            let mut difference = Superaccumulator::new();
            (0..rows.len()).for_each(|row| rows.entries(row, |_, x| difference.add_product(-x, x)));
            difference.merge(&found.squares);
            assert!(difference.sign().is_eq(), "{small}");
        }
    }
}
