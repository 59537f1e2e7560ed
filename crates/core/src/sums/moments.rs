//! Moments: the exact sum of w x^2 over all rows and columns, exact sums of the columns, and the mean variance of both.

use std::cell::Cell;

use serde::{Deserialize, Serialize};

use crate::exact::fixed_point::{Range, take};
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
        let plain = |sums: &ClusterSums| sums.clusters() == 1 && sums.weighing.is_none();
        if self.rows > MOST_ROWS || !self.sums.as_ref().is_none_or(plain) {
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
    /// Infinite where float64 ends; `None` without sums of columns.
    pub fn mean_variance(&self) -> Option<f64> {
        Some(mean_variance(&self.squares, self.sums.as_ref()?, self.rows))
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
        // Squares and their rounding errors go into limbs of 50 bits below the largest square, where three hold them.
        let square = self.all.product(self.all);
        let limbs = if self.all == Range::ZEROS { 0 } else { (square.above - square.lowest).max(1) as u32 };
        if !self.rows.is_dense() || limbs > 3 * BITS || square.lowest < -1000 || !(-900..=900).contains(&square.above) {
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
                    _ => add_squares::<3>(self.squares, square.above, part),
                }
            }
        }
    }
}

/// Bits of a limb of squares.
const BITS: u32 = 50;

/// Adds the exact squares of numbers to an accumulator: 8 lanes of L limbs below 2^above, as in exact/fixed_point.rs.
#[inline(always)]
fn add_squares<const L: usize>(out: &mut Superaccumulator, above: i32, values: &[f64]) {
    let (scale, ratio) = (2f64.powi(BITS as i32 - above), (1u64 << BITS) as f64);
    let mut sums = [[0i64; 8]; L];
    for part in values.chunks(8) {
        let mut squares = [0.0; 8];
        squares[..part.len()].copy_from_slice(part);
        let mut errors = [0.0; 8];
        for lane in 0..8 {
            let x = squares[lane];
            squares[lane] = x * x;
            errors[lane] = x.mul_add(x, -squares[lane]) * scale;
            squares[lane] *= scale;
        }
        let rounded = errors != [0.0; 8];
        for left in [&mut squares, &mut errors].into_iter().take(1 + rounded as usize) {
            for sums in &mut sums {
                for lane in 0..8 {
                    let (digit, below) = take(left[lane], ratio);
                    sums[lane] += digit;
                    left[lane] = below;
                }
            }
        }
    }
    for (level, sums) in sums.iter().enumerate() {
        let total: i128 = sums.iter().map(|&sum| sum as i128).sum();
        out.add_int(total < 0, total.unsigned_abs(), above - (level as i32 + 1) * BITS as i32);
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
    if fraction == 0.0 {
        return 0.0;
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
