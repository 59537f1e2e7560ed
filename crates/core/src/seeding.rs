//! Distances to draw from, and exact potentials.
//!
//! k-means++ draws a row with probability proportional to w D (Arthur and Vassilvitskii, "k-means++: the advantages of careful
//! seeding", SODA 2007, section 2.2). D is the reported distance (distance.rs), the addend is the float64 product w D, and
//! a potential is the exact sum of the addends: so a draw falls on the same row whatever the blocks or threads.
//!
//! Sums are first taken in double-double, lane by lane, and their parts added up as integers. For non-negative addends the
//! rounding of the low parts is at most (n_l v)^2 of a sum of n_l addends: under 2^-88 for the pieces of 2048 used here. Where
//! a rounding or a comparison lies within that, the sum is taken again in integers alone.

use std::cmp::Ordering;

use crate::distance;
use crate::rows::Rows;
use crate::simd::{Isa, Simd, Task};
use crate::team::{Crew, Interrupted};
use crate::wide::Wide;

const PIECE: usize = 2048;
/// Relative error of a sum of pieces: 256 addends a lane, (256 * 2^-53)^2 = 2^-90, doubled twice.
const DOUBT: f64 = 1.0 / (1u128 << 88) as f64;

/// A sum of non-negative numbers, exact or within a relative 2^-88.
#[derive(Clone, Default)]
pub struct Potential {
    wide: Wide,
    /// An addend overflowed: the sum is beyond float64.
    overflow: bool,
}

impl Potential {
    /// The sum of w D over a range of rows, quickly.
    #[inline(always)]
    fn add_piece(&mut self, addends: &[f64]) {
        let (mut high, mut low) = ([0.0; 8], [0.0; 8]);
        for part in addends.chunks(8) {
            let mut eight = [0.0; 8];
            eight[..part.len()].copy_from_slice(part);
            for lane in 0..8 {
                // Knuth's two-sum: exact for any order of magnitudes.
                let (a, b) = (high[lane], eight[lane]);
                let s = a + b;
                let t = s - a;
                low[lane] += (a - (s - t)) + (b - t);
                high[lane] = s;
            }
        }
        for x in high.into_iter().chain(low) {
            if x.is_finite() {
                self.wide.add(x);
            } else {
                self.overflow = true;
            }
        }
    }

    fn add_exactly(&mut self, addends: impl Iterator<Item = f64>) {
        for x in addends {
            if x.is_finite() {
                self.wide.add(x);
            } else {
                self.overflow = true;
            }
        }
    }

    fn merge(&mut self, other: &Potential) {
        self.wide.merge(&other.wide);
        self.overflow |= other.overflow;
    }

    /// The order of two sums, where their errors (none, if exact) do not blur it.
    fn compare(&self, other: &Potential, exact: bool) -> Option<Ordering> {
        if self.overflow || other.overflow {
            return Some(self.overflow.cmp(&other.overflow));
        }
        let mut difference = self.wide.clone();
        let mut negative = other.wide.clone();
        negative.negate();
        difference.merge(&negative);
        let size = self.wide.clone().to_f64() + other.wide.clone().to_f64();
        let order = difference.sign();
        (exact || difference.to_f64().abs() > size * 2.0 * DOUBT).then_some(order)
    }

    /// The sum rounded once, where its error does not blur that.
    fn rounded(&self) -> Option<f64> {
        if self.overflow {
            return Some(f64::INFINITY);
        }
        let value = self.wide.clone().to_f64();
        if value == 0.0 || value.is_infinite() {
            return Some(value);
        }
        let shifted = |sign: f64| {
            let mut wide = self.wide.clone();
            wide.add_product(value, sign * DOUBT);
            wide.to_f64()
        };
        (shifted(1.0) == shifted(-1.0)).then_some(value)
    }
}

fn addend(weights: Option<&[f64]>, row: usize, distance: f64) -> f64 {
    weights.map_or(distance, |weights| weights[row] * distance)
}

fn fill(buffer: &mut Vec<f64>, weights: Option<&[f64]>, from: usize, distances: &[f64]) {
    buffer.clear();
    buffer.extend(distances.iter().enumerate().map(|(at, &d)| addend(weights, from + at, d)));
}

/// The running sum of w D over all rows, to draw from.
pub struct Running<'a> {
    weights: Option<&'a [f64]>,
    distances: &'a [f64],
    /// The sum before each piece: its rounding and the rounding of the rest, within the doubt of quick sums.
    before: Vec<(f64, f64)>,
    total: f64,
}

impl<'a> Running<'a> {
    /// Sums up.
    pub fn new(weights: Option<&'a [f64]>, distances: &'a [f64]) -> Self {
        let mut sum = Potential::default();
        let mut before = Vec::with_capacity(distances.len().div_ceil(PIECE));
        let mut buffer = Vec::with_capacity(PIECE);
        for (piece, part) in distances.chunks(PIECE).enumerate() {
            let high = sum.wide.to_f64();
            let mut rest = sum.wide.clone();
            if high.is_finite() {
                rest.add(-high);
            }
            before.push((high, rest.to_f64()));
            fill(&mut buffer, weights, piece * PIECE, part);
            sum.add_piece(&buffer);
        }
        let total = sum.rounded().unwrap_or_else(|| {
            let mut exact = Potential::default();
            exact.add_exactly(distances.iter().enumerate().map(|(row, &d)| addend(weights, row, d)));
            exact.wide.to_f64()
        });
        Running { weights, distances, before, total }
    }

    /// The exact sum of w D, rounded once; infinite where float64 cannot hold it.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// The first row at which the exact running sum reaches a value; the number of rows where none does.
    pub fn draw(&self, value: f64) -> usize {
        if self.total.is_infinite() {
            return self.distances.len();
        }
        // The last piece whose sum before it is certainly below the value. (Sums before pieces never fall.)
        let margin = 4.0 * DOUBT * value.abs();
        let below = |(high, low): &(f64, f64)| (high - value) + (low + margin) < 0.0;
        let piece = self.before.partition_point(below).saturating_sub(1);
        let mut sum = Wide::new();
        let (high, low) = self.before[piece];
        sum.add(high);
        sum.add(low);
        self.search(value, piece * PIECE, sum, margin).unwrap_or_else(|| {
            // Too close to tell: once more, from the first row, in integers alone.
            self.search(value, 0, Wide::new(), -1.0).unwrap_or(self.distances.len())
        })
    }

    /// Walks on from a row with the sum before it; `None` where the sum comes within `margin` of the value.
    fn search(&self, value: f64, from: usize, mut sum: Wide, margin: f64) -> Option<usize> {
        // A plain running sum of at most n addends is off by a relative n 2^-53: it tells when to look closely.
        let slack = self.distances.len() as f64 * f64::EPSILON;
        let mut rough = sum.to_f64();
        for (row, &d) in self.distances.iter().enumerate().skip(from) {
            let x = addend(self.weights, row, d);
            sum.add(x);
            rough += x;
            if rough * (1.0 + slack) < value {
                continue;
            }
            let mut difference = sum.clone();
            difference.add(-value);
            let order = difference.sign();
            if difference.to_f64().abs() <= margin {
                return None;
            }
            if order != Ordering::Less {
                return Some(row);
            }
        }
        Some(self.distances.len())
    }
}

/// The potentials that several candidates would leave.
#[derive(Clone)]
pub struct Potentials {
    sums: Vec<Potential>,
    exact: bool,
}

impl Potentials {
    /// Adds those of other rows.
    pub fn merge(&mut self, other: &Potentials) {
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, part)| sum.merge(part));
        self.exact &= other.exact;
    }

    /// The candidate with the smallest potential, the first of equals; `None` where quick sums cannot tell.
    pub fn best(&self) -> Option<usize> {
        let mut best = 0;
        for at in 1..self.sums.len() {
            if self.sums[at].compare(&self.sums[best], self.exact)? == Ordering::Less {
                best = at;
            }
        }
        Some(best)
    }
}

/// The potential that each candidate (t x d, by rows) would leave; in integers alone where `exactly`.
pub fn trials<R: Rows>(
    crew: &Crew,
    isa: Isa,
    rows: &R,
    weights: Option<&[f64]>,
    candidates: &[f64],
    distances: &[f64],
    exactly: bool,
) -> Result<Potentials, Interrupted> {
    let count = candidates.len() / rows.columns();
    let pieces = distances.chunks(PIECE).enumerate();
    let states = crew.sized(rows.len() as f64 * candidates.len() as f64 * 3.0).each(
        pieces,
        || (vec![Potential::default(); count], Vec::new(), Vec::new()),
        |(sums, row, buffer), (piece, distances)| {
            let from = piece * PIECE;
            isa.run(Trial { rows, weights, candidates, distances, from, exactly, sums, row, buffer });
        },
    )?;
    let mut sums = vec![Potential::default(); count];
    for (part, ..) in &states {
        sums.iter_mut().zip(part).for_each(|(sum, part)| sum.merge(part));
    }
    Ok(Potentials { sums, exact: exactly })
}

struct Trial<'a, R> {
    rows: &'a R,
    weights: Option<&'a [f64]>,
    candidates: &'a [f64],
    distances: &'a [f64],
    from: usize,
    exactly: bool,
    sums: &'a mut [Potential],
    row: &'a mut Vec<f64>,
    buffer: &'a mut Vec<f64>,
}

impl<R: Rows> Task for Trial<'_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let columns = self.rows.columns();
        let count = self.distances.len();
        self.buffer.resize(self.sums.len() * count, 0.0);
        for (at, &nearest) in self.distances.iter().enumerate() {
            let row = self.from + at;
            let x = self.rows.read(row, self.row);
            for (t, candidate) in self.candidates.chunks_exact(columns).enumerate() {
                let d = distance::squared(x, candidate).min(nearest);
                self.buffer[t * count + at] = addend(self.weights, row, d);
            }
        }
        for (sum, addends) in self.sums.iter_mut().zip(self.buffer.chunks_exact(count)) {
            if self.exactly {
                sum.add_exactly(addends.iter().copied());
            } else {
                sum.add_piece(addends);
            }
        }
    }
}

/// Lowers every row's distance to that to a new centre, where it is nearer; infinite distances are none yet.
pub fn lower<R: Rows>(
    crew: &Crew,
    isa: Isa,
    rows: &R,
    centre: &[f64],
    distances: &mut [f64],
) -> Result<(), Interrupted> {
    let pieces = distances.chunks_mut(PIECE).enumerate();
    crew.sized(rows.len() as f64 * centre.len() as f64 * 3.0).each(
        pieces,
        Vec::new,
        |buffer, (piece, distances)| {
            isa.run(Lower { rows, centre, from: piece * PIECE, distances, buffer });
        },
    )?;
    Ok(())
}

struct Lower<'a, R> {
    rows: &'a R,
    centre: &'a [f64],
    from: usize,
    distances: &'a mut [f64],
    buffer: &'a mut Vec<f64>,
}

impl<R: Rows> Task for Lower<'_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for (at, nearest) in self.distances.iter_mut().enumerate() {
            let x = self.rows.read(self.from + at, self.buffer);
            *nearest = nearest.min(distance::squared(x, self.centre));
        }
    }
}

/// D of every row to the centre of its label, or (n x k, by rows) to all centres.
pub fn distances<R: Rows>(
    crew: &Crew,
    isa: Isa,
    rows: &R,
    centres: &[f64],
    labels: Option<&[i32]>,
    out: &mut [f64],
) -> Result<(), Interrupted> {
    let columns = rows.columns();
    let wide = if labels.is_some() { 1 } else { centres.len() / columns };
    let pieces = out.chunks_mut(PIECE * wide).enumerate();
    let work = rows.len() as f64 * columns as f64 * wide as f64 * 3.0;
    crew.sized(work).each(pieces, Vec::new, |buffer, (piece, out)| {
        isa.run(Distances { rows, centres, labels, from: piece * PIECE, wide, out, buffer });
    })?;
    Ok(())
}

struct Distances<'a, R> {
    rows: &'a R,
    centres: &'a [f64],
    labels: Option<&'a [i32]>,
    from: usize,
    wide: usize,
    out: &'a mut [f64],
    buffer: &'a mut Vec<f64>,
}

impl<R: Rows> Task for Distances<'_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let columns = self.rows.columns();
        for (at, out) in self.out.chunks_exact_mut(self.wide).enumerate() {
            let row = self.from + at;
            let x = self.rows.read(row, self.buffer);
            match self.labels {
                Some(labels) => {
                    out[0] = distance::squared(x, &self.centres[labels[row] as usize * columns..][..columns]);
                }
                None => {
                    let centres = self.centres.chunks_exact(columns);
                    out.iter_mut().zip(centres).for_each(|(out, centre)| *out = distance::squared(x, centre));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Dense;

    #[test]
    fn draws_follow_the_exact_running_sum() {
        let draw = |weights, distances: &[f64], values: &[f64]| {
            let running = Running::new(weights, distances);
            values.iter().map(|&value| running.draw(value)).collect::<Vec<_>>()
        };
        let potential = |distances: &[f64]| Running::new(None, distances).total();
        let distances = [0.1, 0.2, 0.3, 0.0, 0.4];
        assert_eq!(
            draw(None, &distances, &[0.0, 0.1, 0.11, 0.30000000000000004, 0.6, 0.7, 2.0]),
            [0, 0, 1, 2, 2, 4, 5]
        );
        assert_eq!(draw(Some(&[0.0, 1.0, 1.0, 1.0, 1.0]), &distances, &[0.1]), [1]);
        assert_eq!(potential(&[1e16, 1.0, 1.0]), 1e16 + 2.0);
        assert_eq!(potential(&[f64::MAX, f64::MAX]), f64::INFINITY);
        let ones = vec![1.0; 10_000];
        let values = [0.0, 1.0, 2047.5, 2048.0, 2048.5, 9999.5, 1e4, 10_000.5];
        assert_eq!(draw(None, &ones, &values), [0, 0, 2047, 2047, 2048, 9999, 9999, 10_000]);
    }

    #[test]
    fn equal_candidates_go_to_the_first() {
        let data = [0.0, 1.0, 2.0, 10.0];
        let rows = Dense::contiguous(&data, 4, 1).unwrap();
        let mut distances = [f64::INFINITY; 4];
        let crew = Crew::new(2, &|| true);
        lower(&crew, Isa::best(), &rows, &[0.0], &mut distances).unwrap();
        assert_eq!(distances, [0.0, 1.0, 4.0, 100.0]);
        let best = |c: &[f64], exactly| trials(&crew, Isa::best(), &rows, None, c, &distances, exactly).unwrap().best();
        assert_eq!(best(&[1.0, 10.0, 10.0], true), Some(1));
        assert_eq!(best(&[1.0, 10.0], false), Some(1));
        assert_eq!(best(&[1.0, 1.0], false), None);
    }
}
