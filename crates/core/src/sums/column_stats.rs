//! Statistics of columns, from the first pass over rows: finiteness, ranges, and what the format of exact sums needs.
//!
//! One pass before a fit, of some ten operations a number.

use std::cell::Cell;

use serde::{Deserialize, Serialize};

use crate::exact::range::Range;
use crate::memory::{collected, copied, filled, zeros};
use crate::messages::{MOST_ROWS, checked};
use crate::rows::{Rows, array_at};
use crate::simd::{Isa, Simd, Task};
use crate::threads::{Interrupted, Workers};

/// Rows of one piece of the pass.
const PIECE: usize = 4096;
/// Numbers of a group of rows at least, so that narrow matrices vectorise too.
const SPREAD: usize = 32;
/// Numbers that are looked at together: what is known of their columns stays in registers meanwhile.
const LANES: usize = 8;
/// Columns that are narrower, in parts of the widest, have no part in the choice of an origin.
const NARROW: f64 = 1.0 / 256.0;
/// A mean that is so near an end of its column's range, in parts of that, may have been pulled by outliers.
const BESIDE: f64 = 1.0 / 8.0;
/// Numbers of groups that are looked at one after the other.
const DEPTH: usize = 2048;
/// Columns of wide rows that are looked at before the others: enough rows of them fit `DEPTH` for what is known of the
/// columns to stay in registers, and enough lie side by side for rows to be read in their order.
const STRIP: usize = 128;

/// What is known of the columns of some rows. Those of two blocks merge.
#[derive(Debug, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct ColumnStats {
    /// Number of rows.
    pub rows: u64,
    /// Largest magnitude of every column.
    pub(crate) largest: Vec<f64>,
    /// Smallest lowest set bit of every column, as a number; infinite for a column of zeros.
    pub(crate) bit: Vec<f64>,
    /// Smallest and largest value of every column.
    pub low: Vec<f64>,
    /// See `low`.
    pub high: Vec<f64>,
    /// Rounded sums of the columns: good enough for an origin, used for nothing else.
    pub(crate) sum: Vec<f64>,
    /// The first entry that is not finite: row and column.
    pub bad: Option<(usize, usize)>,
    /// Whether lowest bits were looked for, without which there are no exact sums.
    pub(crate) summable: bool,
}

impl Clone for ColumnStats {
    fn clone(&self) -> ColumnStats {
        let [largest, bit, low, high, sum] =
            [&self.largest, &self.bit, &self.low, &self.high, &self.sum].map(|numbers| copied(numbers));
        ColumnStats { largest, bit, low, high, sum, ..*self }
    }
}

checked!(ColumnStats);

impl ColumnStats {
    fn checked(self) -> Result<Self, &'static str> {
        let columns = self.largest.len();
        let every = [&self.bit, &self.low, &self.high, &self.sum];
        if columns == 0 || every.iter().any(|numbers| numbers.len() != columns) {
            return Err("columns are missing");
        }
        // Of a column of zeros no bit is set; where none were looked for, nothing is said of them.
        let fits = |(&largest, &bit): (&f64, &f64)| {
            let set = if largest == 0.0 { bit == f64::INFINITY } else { bit <= largest };
            largest >= 0.0 && bit > 0.0 && (set || !self.summable) && (largest.is_finite() || self.bad.is_some())
        };
        let rows = self.bad.is_none_or(|(row, column)| (row as u64) < self.rows && column < columns);
        if !rows || self.rows > MOST_ROWS || !self.largest.iter().zip(&self.bit).all(fits) {
            return Err("no rows have such columns");
        }
        Ok(self)
    }

    /// Whether other rows have as many columns.
    pub fn fits(&self, other: &ColumnStats) -> bool {
        self.largest.len() == other.largest.len()
    }

    /// No rows yet.
    pub(crate) fn new(columns: usize) -> ColumnStats {
        ColumnStats {
            rows: 0,
            largest: zeros(columns),
            bit: filled(f64::INFINITY, columns),
            low: filled(f64::INFINITY, columns),
            high: filled(f64::NEG_INFINITY, columns),
            sum: zeros(columns),
            bad: None,
            summable: true,
        }
    }

    /// Takes in other rows, which come after these.
    pub fn merge(&mut self, other: &ColumnStats) {
        if self.bad.is_none() {
            self.bad = other.bad.map(|(row, column)| (row + self.rows as usize, column));
        }
        self.absorb(other);
    }

    /// Takes in other rows whose numbers count from the same first row.
    fn join(&mut self, other: &ColumnStats) {
        self.bad = [self.bad, other.bad].into_iter().flatten().min();
        self.absorb(other);
    }

    /// Counts and ranges of both.
    fn absorb(&mut self, other: &ColumnStats) {
        self.rows += other.rows;
        self.summable &= other.summable;
        for q in 0..self.largest.len() {
            self.largest[q] = self.largest[q].max(other.largest[q]);
            self.bit[q] = self.bit[q].min(other.bit[q]);
            self.low[q] = self.low[q].min(other.low[q]);
            self.high[q] = self.high[q].max(other.high[q]);
            self.sum[q] += other.sum[q];
        }
    }

    /// The ranges of the columns.
    pub(crate) fn ranges(&self) -> Vec<Range> {
        collected(self.largest.iter().zip(&self.bit).map(|(&largest, &bit)| Range::of(largest, bit)))
    }

    /// An origin for the tile, near the middle of the rows: means, or, of columns in which three quarters of some rows
    /// (by rows) lie to one side of the mean, the median of these.
    pub(crate) fn origin(&self, some: &[f64]) -> Vec<f64> {
        let columns = self.largest.len();
        let mut column = zeros(some.len() / columns);
        let middle = |q: usize| {
            let middle = if column.is_empty() { self.mean(q) } else { self.middle_of(q, &mut column, &some[q..]) };
            // Single precision hides the order in which the sums were rounded, so that no counter depends on threads,
            // and lets float32 rows be placed by one float32 subtraction. Sums of huge numbers may have overflowed.
            let short = middle as f32 as f64;
            if short.is_finite() {
                short
            } else if middle.is_finite() {
                middle
            } else {
                self.low[q] / 2.0 + self.high[q] / 2.0
            }
        };
        collected((0..columns).map(middle))
    }

    /// The mean of a column, or the median of some of its numbers if three quarters of them lie to one side of the
    /// mean.
    fn middle_of(&self, q: usize, column: &mut [f64], some: &[f64]) -> f64 {
        column.iter_mut().zip(some.iter().step_by(self.largest.len())).for_each(|(to, from)| *to = *from);
        column.sort_unstable_by(f64::total_cmp);
        let (mean, last) = (self.mean(q), column.len() - 1);
        let [low, median, high] = [last / 4, column.len() / 2, last - last / 4].map(|at| column[at]);
        // (Rows that change meanwhile may hold anything.)
        let among = self.low[q] <= median && median <= self.high[q];
        if among && !(low <= mean && mean <= high) { median } else { mean }
    }

    fn mean(&self, q: usize) -> f64 {
        self.sum[q] / self.rows.max(1) as f64
    }

    /// Whether outliers may have pulled the mean of a column: where it lies beside one end of the column's range, most
    /// rows lie there, and the others far off. Columns that are narrow beside the widest do not matter.
    pub fn is_pulled(&self) -> bool {
        let width = |q: usize| self.high[q] - self.low[q];
        let widest = (0..self.largest.len()).map(width).fold(0.0, f64::max);
        (0..self.largest.len()).any(|q| {
            // (Single precision, as above.)
            let mean = self.mean(q) as f32 as f64;
            width(q) > widest * NARROW && (mean - self.low[q]).min(self.high[q] - mean) < width(q) * BESIDE
        })
    }

    /// Whether all centers (k x d) lie between the smallest and the largest values of the columns.
    pub fn holds(&self, workers: &Workers, centers: &[f64]) -> Result<bool, Interrupted> {
        let within = |all: bool, (x, (low, high)): (&f64, (&f64, &f64))| all & (low <= x) & (x <= high);
        let inside = |center: &[f64]| center.iter().zip(self.low.iter().zip(&self.high)).fold(true, within);
        workers.all(centers, self.low.len(), inside)
    }

    /// Passes over the rows. Without `sums` what only exact sums need is left out.
    pub fn pass<R: Rows>(workers: &Workers, isa: Isa, rows: &R, sums: bool) -> Result<ColumnStats, Interrupted> {
        let (n, columns) = (rows.len(), rows.columns());
        let starts = (0..n.div_ceil(PIECE)).map(|piece| piece * PIECE);
        let workers = workers.sized(n as f64 * columns as f64 * 4.0);
        let parts = workers.each(
            starts,
            || ColumnStats { summable: sums, ..ColumnStats::new(columns) },
            |stats, start| isa.run(Piece { workers: &workers, rows, from: start, to: (start + PIECE).min(n), stats }),
        )?;
        let mut stats = ColumnStats::new(columns);
        parts.iter().for_each(|part| stats.join(part));
        Ok(stats)
    }
}

struct Piece<'a, R> {
    workers: &'a Workers<'a>,
    rows: &'a R,
    from: usize,
    to: usize,
    stats: &'a mut ColumnStats,
}

impl<R: Rows> Task for Piece<'_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let (rows, columns, stats) = (self.rows, self.rows.columns(), self.stats);
        let done = Cell::new(0);
        stats.rows += (self.to - self.from) as u64;
        let mut poison = 0.0;
        if rows.is_dense() {
            // Several short rows side by side make one long one, of whole vectors; long ones are looked at in strips.
            let repeat = if columns < SPREAD { SPREAD.div_ceil(columns).next_multiple_of(LANES) } else { 1 };
            let wide = (columns * repeat).next_multiple_of(LANES);
            let strip = if repeat == 1 { wide.min(STRIP) } else { wide };
            let groups = DEPTH.div_ceil(strip);
            let mut lanes = ColumnStats::new(wide);
            let mut buffer = zeros(strip * groups);
            for first in (self.from..self.to).step_by(repeat * groups) {
                let count = (repeat * groups).min(self.to - first);
                self.workers.heed(&done, count * columns);
                if repeat > 1 {
                    let filled = count.div_ceil(repeat) * wide;
                    rows.write_block(first, first + count, &mut buffer[..count * columns]);
                    // A last, partial group repeats its first row: nothing but the sum could notice.
                    let (row, rest) = buffer[..filled].split_at_mut(columns);
                    rest[(count - 1) * columns..].chunks_exact_mut(columns).for_each(|copy| copy.copy_from_slice(row));
                    lanes.look_at(&buffer[..filled], 0, wide, stats.summable);
                    continue;
                }
                for at in (0..columns).step_by(strip) {
                    let some = strip.min(columns - at);
                    // The last lanes are filled up with zeros, in columns that there are not.
                    let width = some.next_multiple_of(LANES);
                    for (line, row) in buffer.chunks_exact_mut(width).zip(first..first + count) {
                        rows.write_part(row, at, &mut line[..some]);
                        line[some..].fill(0.0);
                    }
                    lanes.look_at(&buffer[..count * width], at, width, stats.summable);
                }
            }
            for at in 0..repeat {
                let part = |values: &[f64]| copied(&values[at * columns..][..columns]);
                let (low, high, sum) = (part(&lanes.low), part(&lanes.high), part(&lanes.sum));
                // A sum has met all numbers: where one is not finite, neither is the sum. (One that overflowed costs a
                // search that finds nothing.)
                poison += sum.iter().map(|sum| sum * 0.0).sum::<f64>();
                let largest = collected(low.iter().zip(&high).map(|(low, high)| low.abs().max(high.abs())));
                let bit = part(&lanes.bit);
                stats.join(&ColumnStats { rows: 0, largest, bit, low, high, sum, bad: None, ..*stats });
            }
        } else {
            for row in self.from..self.to {
                rows.entries(row, |q, x| {
                    stats.largest[q] = stats.largest[q].max(x.abs());
                    stats.bit[q] = stats.bit[q].min(lowest_bit(x));
                    poison += x * 0.0;
                });
            }
            for q in 0..columns {
                (stats.low[q], stats.high[q]) = (-stats.largest[q], stats.largest[q]);
            }
        }
        if poison != 0.0 || poison.is_nan() {
            let found = find_bad(rows, self.from, self.to);
            stats.bad = [stats.bad, found].into_iter().flatten().min();
        }
    }
}

impl ColumnStats {
    /// Takes in groups of numbers of `wide` columns, a multiple of `LANES`, the first of which is `start`.
    #[inline(always)]
    fn look_at(&mut self, groups: &[f64], start: usize, wide: usize, bits: bool) {
        if bits {
            self.look::<true>(groups, start, wide);
        } else {
            self.look::<false>(groups, start, wide);
        }
    }

    #[inline(always)]
    fn look<const BITS: bool>(&mut self, groups: &[f64], start: usize, wide: usize) {
        for at in (0..wide).step_by(LANES) {
            let place = start + at..start + at + LANES;
            // Arrays, taken out and put back: the compiler keeps them in registers.
            let mut bit = array_at::<f64, LANES>(&self.bit, start + at);
            let [mut low, mut high, mut sum] =
                [&self.low, &self.high, &self.sum].map(|of| array_at::<f64, LANES>(of, start + at));
            for group in groups.chunks_exact(wide) {
                let numbers: [f64; LANES] = array_at(group, at);
                for lane in 0..LANES {
                    let x = numbers[lane];
                    let pick = |first: bool, a: f64, b: f64| if first { a } else { b };
                    if BITS {
                        let lowest = lowest_bit(x);
                        bit[lane] = pick(lowest < bit[lane], lowest, bit[lane]);
                    }
                    low[lane] = pick(x < low[lane], x, low[lane]);
                    high[lane] = pick(x > high[lane], x, high[lane]);
                    sum[lane] += x;
                }
            }
            self.bit[place.clone()].copy_from_slice(&bit);
            self.low[place.clone()].copy_from_slice(&low);
            self.high[place.clone()].copy_from_slice(&high);
            self.sum[place].copy_from_slice(&sum);
        }
    }
}

/// The value of the lowest set bit of a finite number; infinite for zero.
///
/// Clearing the lowest set bit of the significand and subtracting leaves exactly that bit. A significand of zero stands
/// for a power of two, its own lowest bit.
#[inline(always)]
fn lowest_bit(x: f64) -> f64 {
    let size = x.abs();
    let bits = size.to_bits();
    let cleared = f64::from_bits(bits & bits.wrapping_sub(1));
    let power = bits << 12 == 0;
    let bit = if power { size } else { size - cleared };
    if size == 0.0 { f64::INFINITY } else { bit }
}

fn find_bad(rows: &impl Rows, from: usize, to: usize) -> Option<(usize, usize)> {
    let mut bad = None;
    for row in from..to {
        rows.entries(row, |q, x| {
            if bad.is_none() && !x.is_finite() {
                bad = Some((row, q));
            }
        });
        if bad.is_some() {
            break;
        }
    }
    bad
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lowest_bits() {
        for (x, bit) in [(1.0, 1.0), (3.0, 1.0), (-6.0, 2.0), (0.75, 0.25), (5e-324, 5e-324), (1e-320, 8.0 * 5e-324)] {
            assert_eq!(lowest_bit(x), bit, "{x}");
        }
        assert_eq!(lowest_bit(0.0), f64::INFINITY);
        assert_eq!(lowest_bit(0.1), 2f64.powi(-55));
    }
}
