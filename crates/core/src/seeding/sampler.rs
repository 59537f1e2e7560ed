//! The weighted sampler: rows are drawn from it with probability proportional to w D.
//!
//! Three bytes a row; a draw walks over the sums of pieces of 512 rows, and over one piece.
//!
//! The addend of a row is the float64 product w D. Sums of addends are exact integers ([`Superaccumulator`]), kept for
//! every piece of consecutive rows: so a draw falls on the same row whatever the blocks or threads, and where a
//! distance falls the old addend is taken out and the new one put in, instead of summing all rows again.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::exact::superaccumulator::Superaccumulator;
use crate::memory::Grow;
use crate::threads::{Interrupted, Workers};

/// Rows of a piece: few enough to walk over them for every draw, and 3 bytes of sums a row.
const PIECE: usize = 512;

/// What a row adds to the potential.
#[inline(always)]
pub(crate) fn addend(weights: Option<&[f64]>, row: usize, distance: f64) -> f64 {
    weights.map_or(distance, |weights| weights[row] * distance)
}

/// Exact sums of w D, piece by piece.
#[derive(Default)]
pub struct WeightedSampler {
    pieces: Vec<Piece>,
    rows: usize,
}

#[derive(Default)]
struct Piece {
    sum: Superaccumulator,
    /// The sum rounded once; infinite where an addend is.
    rounded: f64,
    /// Whether `rounded` is that of an earlier sum.
    stale: bool,
}

impl Piece {
    fn fill(&mut self, addends: impl Iterator<Item = f64>) {
        self.sum.clear();
        let mut overflow = false;
        for x in addends {
            if x.is_finite() {
                self.sum.add(x);
            } else {
                overflow = true;
            }
        }
        self.rounded = if overflow { f64::INFINITY } else { self.sum.rounded() };
        self.stale = false;
    }

    /// The sum rounded once, of today.
    fn rounded(&mut self) -> f64 {
        if self.stale {
            (self.rounded, self.stale) = (self.sum.rounded(), false);
        }
        self.rounded
    }
}

impl WeightedSampler {
    /// How many rows it was filled with.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Sums anew, for all rows.
    pub fn fill(&mut self, workers: &Workers, weights: Option<&[f64]>, distances: &[f64]) -> Result<(), Interrupted> {
        self.rows = distances.len();
        let count = self.rows.div_ceil(PIECE);
        self.pieces.make_room(count.saturating_sub(self.pieces.len()));
        self.pieces.resize_with(count, Piece::default);
        let pieces = self.pieces.iter_mut().zip(distances.chunks(PIECE)).enumerate();
        workers.sized(distances.len() as f64 * 16.0).each(
            pieces,
            || (),
            |(), (at, (piece, distances))| {
                piece.fill(distances.iter().enumerate().map(|(row, &d)| addend(weights, at * PIECE + row, d)));
            },
        )?;
        Ok(())
    }

    /// Puts one finite addend in the place of another.
    #[inline]
    pub(crate) fn change(&mut self, row: usize, old: f64, new: f64) {
        let piece = &mut self.pieces[row / PIECE];
        piece.sum.add(-old);
        piece.sum.add(new);
        piece.stale = true;
    }

    /// The exact sum of w D over the rows.
    pub fn total(&mut self) -> Total {
        let mut total = Total::default();
        for piece in &mut self.pieces {
            total.overflow |= piece.rounded().is_infinite();
            total.sum.merge(&piece.sum);
        }
        total
    }

    /// For each value the first row at which the exact running sum, begun at `before`, reaches it; `None` where none
    /// does. Sums must not overflow.
    pub fn draw(
        &mut self,
        before: &Total,
        weights: Option<&[f64]>,
        distances: &[f64],
        values: &[f64],
    ) -> Vec<Option<usize>> {
        let mut rough = before.rounded();
        let mut starts = Vec::new();
        starts.make_room(self.pieces.len());
        for piece in &mut self.pieces {
            starts.push(rough);
            rough += piece.rounded();
        }
        let widest = slack(starts.len());
        let row_at = |&value: &f64| {
            // The last piece before which the sum is certainly below the value. (Sums never fall, so neither does
            // this.)
            let certain = starts.partition_point(|&rough| rough * widest < value);
            let piece = certain.saturating_sub(1);
            let start = starts.get(piece).copied().unwrap_or(0.0);
            let row = walk_roughly(weights, distances, piece, start, value).unwrap_or_else(|| {
                // Too close to tell: once more, in integers.
                let mut sum = before.sum.clone();
                self.pieces[..piece].iter().for_each(|piece| sum.merge(&piece.sum));
                walk(weights, distances, piece * PIECE, sum, value)
            });
            (row < distances.len()).then_some(row)
        };
        values.iter().map(row_at).collect()
    }
}

/// An exact sum of w D.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Total {
    sum: Superaccumulator,
    overflow: bool,
}

impl Total {
    /// Adds the sum of other rows.
    pub fn merge(&mut self, other: &Total) {
        self.sum.merge(&other.sum);
        self.overflow |= other.overflow;
    }

    /// The sum, rounded once; infinite where float64 cannot hold it, or an addend.
    pub fn rounded(&self) -> f64 {
        if self.overflow { f64::INFINITY } else { self.sum.clone().rounded() }
    }
}

/// A plain sum of m numbers that are not negative, each rounded once, is off by a relative (m + 1) 2^-53 at most (the
/// sum that it begins with is one more such number): this factor is more than certain.
fn slack(count: usize) -> f64 {
    1.0 + (count + 8) as f64 * f64::EPSILON
}

/// The first row from that of a piece on at which the running sum reaches a value, given the plain sum of the pieces
/// before, which is certainly below it (or there are none); `None` where plain sums cannot tell.
fn walk_roughly(weights: Option<&[f64]>, distances: &[f64], piece: usize, before: f64, value: f64) -> Option<usize> {
    let mut rough = before;
    for (at, &d) in distances[piece * PIECE..].iter().enumerate() {
        let row = piece * PIECE + at;
        rough += addend(weights, row, d);
        let slack = slack(piece + at + 1);
        if rough * slack >= value {
            // Until the row before, certainly not; now, certainly, or it is too close.
            return (rough >= value * slack).then_some(row);
        }
    }
    Some(distances.len())
}

/// The same, exactly, given the exact sum before the row `from`.
fn walk(weights: Option<&[f64]>, distances: &[f64], from: usize, mut sum: Superaccumulator, value: f64) -> usize {
    sum.add(-value);
    for (row, &d) in distances.iter().enumerate().skip(from) {
        sum.add(addend(weights, row, d));
        if sum.sign() != Ordering::Less {
            return row;
        }
    }
    distances.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(weights: Option<&[f64]>, distances: &[f64], values: &[f64]) -> Vec<usize> {
        let mut sampler = WeightedSampler::default();
        sampler.fill(&Workers::new(2, &|| true), weights, distances).unwrap();
        let none = distances.len();
        let rows = sampler.draw(&Total::default(), weights, distances, values);
        let whole: Vec<usize> = rows.into_iter().map(|row| row.unwrap_or(none)).collect();
        // The same from two halves, the second of which begins at the sum of the first.
        let half = none / 2;
        let (first, second) = distances.split_at(half);
        let parts = weights.map(|weights| weights.split_at(half));
        let (mut a, mut b) = (WeightedSampler::default(), WeightedSampler::default());
        a.fill(&Workers::new(1, &|| true), parts.map(|parts| parts.0), first).unwrap();
        b.fill(&Workers::new(1, &|| true), parts.map(|parts| parts.1), second).unwrap();
        let before = a.total();
        let early = a.draw(&Total::default(), parts.map(|parts| parts.0), first, values);
        let late = b.draw(&before, parts.map(|parts| parts.1), second, values);
        let either = early.into_iter().zip(late);
        let halves: Vec<usize> =
            either.map(|(early, late)| early.or(late.map(|row| half + row)).unwrap_or(none)).collect();
        assert_eq!(halves, whole);
        whole
    }

    #[test]
    fn draws_follow_the_exact_running_sum() {
        let distances = [0.125, 0.25, 0.5, 0.0, 0.125];
        let values = [0.0, 0.125, 0.126, 0.375, 0.875, 0.876, 1.0, 2.0];
        assert_eq!(draw(None, &distances, &values), [0, 0, 1, 1, 2, 4, 4, 5]);
        assert_eq!(draw(Some(&[0.0, 1.0, 1.0, 1.0, 1.0]), &distances, &[0.0, 0.1, 0.25, 0.3]), [0, 1, 1, 2]);
        let ones = vec![1.0; 8192];
        let values = [8191.5, 0.0, 1.0, 511.5, 512.0, 512.5, 8192.0, 8192.5];
        assert_eq!(draw(None, &ones, &values), [8191, 0, 0, 511, 511, 512, 8191, 8192]);
    }

    #[test]
    fn totals_are_exact_or_infinite() {
        let total = |distances: &[f64]| {
            let mut sampler = WeightedSampler::default();
            sampler.fill(&Workers::new(1, &|| true), None, distances).unwrap();
            sampler.total().rounded()
        };
        assert_eq!(total(&[1e16, 1.0, 1.0]), 1e16 + 2.0);
        assert_eq!(total(&[f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(total(&[f64::INFINITY, 1.0, 1.0]), f64::INFINITY);
        assert_eq!(total(&[0.0, 0.0]), 0.0);
    }

    #[test]
    fn what_was_changed_is_what_was_filled() {
        let mut distances: Vec<f64> = (0..3000).map(|i| 0.1 * ((i * 7919) % 3001) as f64).collect();
        let workers = Workers::new(1, &|| true);
        let (mut sampler, mut anew) = (WeightedSampler::default(), WeightedSampler::default());
        sampler.fill(&workers, None, &distances).unwrap();
        for row in (0..3000).step_by(7) {
            let new = distances[row] * 0.3;
            sampler.change(row, distances[row], new);
            distances[row] = new;
        }
        anew.fill(&workers, None, &distances).unwrap();
        let total = sampler.total().rounded();
        assert_eq!(total, anew.total().rounded());
        let values: Vec<f64> = (0..100).map(|i| i as f64 / 100.0 * total).collect();
        let none = Total::default();
        assert_eq!(sampler.draw(&none, None, &distances, &values), anew.draw(&none, None, &distances, &values));
    }
}
