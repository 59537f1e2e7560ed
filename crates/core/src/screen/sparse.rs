//! Scores of sparse rows: one accumulator for every center, one pass over the stored entries.
//!
//! The origin stays at zero, so entries that are not stored add exactly nothing: a score has no more roundings than the
//! row has entries, and one. Accumulators lie side by side, so each entry is one multiply-add of a row of the
//! transposed centers. As many vectors of them as there are, up to eight, are in registers while the entries of a row
//! pass by; few of them are two chains, of every other entry each, so that they wait less for one another.
//!
//! A block of rows passes one strip of eight vectors after the other, and is decided when all of them have passed.

// Register arrays are indexed by constants, so that loops over them unroll.
#![allow(clippy::needless_range_loop)]

use crate::memory::{Grow, copied};
use crate::rows::{Csr, Index, Real, Selection};
use crate::screen::activity::{KnownScores, UNKNOWN};
use crate::screen::centers::PreparedCenters;
use crate::screen::certificate::INFLATE;
use crate::screen::frame::Frame;
use crate::screen::kernel::tile::Leaders;
use crate::screen::room::Room;
use crate::screen::screen_rows::ScreenRows;
use crate::screen::verdicts::Verdicts;
use crate::simd::{Simd, Task};

/// Vectors of a strip at most.
const STRIP: usize = 8;
/// So many vectors are two chains of multiply-adds each: with more, there are enough to hide their latency.
const FEW: usize = 4;

/// Screens some rows.
#[inline(always)]
fn screen<S: Simd, T: Real, I: Index>(
    simd: S,
    prepared: &PreparedCenters,
    matrix: &Csr<'_, T, I>,
    selection: Selection,
    mut known: Option<KnownScores>,
    verdicts: &mut Verdicts,
) {
    let (count, padded) = (selection.len(), prepared.padded);
    verdicts.start(count);
    let active = known.as_ref().map_or(padded, |known| known.activity.active());
    let rows = Picked { prepared, matrix, selection };
    let scores = |places, from, to, verdicts: &mut Verdicts| {
        for from in (from..to).step_by(STRIP * S::LANES) {
            simd.vectorize(Strip { rows, places, from, to: to.min(from + STRIP * S::LANES), verdicts });
        }
    };
    scores(None, 0, active, verdicts);
    let mut rest = std::mem::take(&mut verdicts.rest);
    rest.clear();
    for at in 0..count {
        let all = verdicts.foremost(at);
        let found = match &known {
            Some(known) if active < padded => known.add(at, all),
            _ => all,
        };
        let gap = rows.gap(at, found, verdicts);
        if gap.is_none() && active < padded {
            rest.add(at as u32);
        } else {
            verdicts.decide(at, (found, gap), &mut known);
        }
    }
    verdicts.spared += (count - rest.len()) as u64 * (active < padded) as u64;
    verdicts.unscored += ((count - rest.len()) * (padded - active)) as u64;
    scores(Some(&rest), active, padded, verdicts);
    for &at in &rest {
        let (at, found) = (at as usize, verdicts.foremost(at as usize));
        verdicts.decide(at, (found, rows.gap(at, found, verdicts)), &mut known);
    }
    verdicts.rest = rest;
}

/// Rows of a block, and centers.
#[derive(Clone, Copy)]
struct Picked<'a, T, I> {
    prepared: &'a PreparedCenters,
    matrix: &'a Csr<'a, T, I>,
    selection: Selection<'a>,
}

impl<T: Real, I: Index> Picked<'_, T, I> {
    /// How much farther than the nearest center all others are at least, if the nearest one is certain.
    ///
    /// d1^2 = |y|^2 + 2 s_1 and d2^2 = |y|^2 + 2 s_2, and scores are off by eps(B) at most. The factors of the roots,
    /// and what is given away of |y|^2, are more than the few roundings in float64 that they pass through.
    #[inline(always)]
    fn gap(&self, at: usize, (_, first, second): (i32, f32, f32), verdicts: &Verdicts) -> Option<f32> {
        let (prepared, square) = (self.prepared, verdicts.squares[at]);
        let stored = self.matrix.stored(self.selection.row(at)).0.len();
        let (certificate, norm) = (prepared.certificate_sparse(stored), longest(square, stored));
        let (first, second) = (first as f64, second as f64);
        if !prepared.decided(&certificate, norm, first, second) {
            return None;
        }
        let error = certificate.error(norm, prepared.largest()) * INFLATE;
        let shortest = square * (1.0 - 2.0 * lost(stored)) - f64::MIN_POSITIVE;
        let near = (norm * norm + 2.0 * (first + error)).max(0.0).sqrt();
        let far = (shortest + 2.0 * (second - error)).max(0.0).sqrt();
        Some(((far * (1.0 - 1e-12) - near * (1.0 + 1e-12)) as f32).next_down())
    }
}

impl Verdicts {
    /// Says what was found of a row, and, if that is certain, the gap.
    #[inline(always)]
    fn decide(
        &mut self,
        at: usize,
        ((best, first, second), gap): ((i32, f32, f32), Option<f32>),
        known: &mut Option<KnownScores>,
    ) {
        self.best[at] = best;
        if gap.is_none() {
            self.unsure.add(at as u32);
        }
        if let Some(known) = known {
            // Where the comparator decides, scores do not tell for whom.
            *known.of(at) = gap.map_or(UNKNOWN, |gap| [first, second, gap]);
        }
    }
}

/// How much of |y|^2 its roundings may take away or add, relative to it: n products and sums, and more for norms.
#[inline(always)]
fn lost(stored: usize) -> f64 {
    (stored + 4) as f64 * f64::EPSILON + 1e-9
}

/// A number that |y| does not exceed, from its square as computed.
#[inline(always)]
fn longest(square: f64, stored: usize) -> f64 {
    square.sqrt() * (1.0 + lost(stored)) + f64::MIN_POSITIVE
}

/// Positions of the centers that may be nearest to a row: those whose score is within 2 eps of the least
/// (screen/certificate.rs).
fn near<T: Real, I: Index>(prepared: &PreparedCenters, matrix: &Csr<'_, T, I>, row: usize, out: &mut Vec<i32>) {
    let (indices, values) = matrix.stored(row);
    let mut scores = copied(&prepared.halves[..prepared.distinct]);
    let mut square = 0.0;
    for (index, value) in indices.iter().zip(values) {
        let y = value.widen() * prepared.scale;
        square += y * y;
        let centers = &prepared.centers[index.position() * prepared.padded..];
        scores.iter_mut().zip(centers).for_each(|(score, b)| *score -= y as f32 * b);
    }
    let norm = longest(square, values.len());
    let first = scores.iter().copied().fold(f32::INFINITY, f32::min);
    out.clear();
    out.make_room(prepared.distinct);
    out.extend(
        (0..prepared.distinct as i32)
            .filter(|&at| !prepared.certain_sparse(values.len(), norm, first, scores[at as usize])),
    );
}

/// Scores of rows against up to eight vectors of centers.
struct Strip<'a, T, I> {
    rows: Picked<'a, T, I>,
    /// Which rows, as positions in the selection; `None` for all, which are scored for the first time.
    places: Option<&'a [u32]>,
    from: usize,
    to: usize,
    verdicts: &'a mut Verdicts,
}

impl<T: Real, I: Index> Task for Strip<'_, T, I> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        match (self.to - self.from) / S::LANES {
            1 => self.meet::<S, 1>(simd),
            2 => self.meet::<S, 2>(simd),
            3 => self.meet::<S, 3>(simd),
            4 => self.meet::<S, 4>(simd),
            5 => self.meet::<S, 5>(simd),
            6 => self.meet::<S, 6>(simd),
            7 => self.meet::<S, 7>(simd),
            _ => self.meet::<S, STRIP>(simd),
        }
    }
}

impl<T: Real, I: Index> Strip<'_, T, I> {
    /// Scores the rows against N vectors of centers.
    #[inline(always)]
    fn meet<S: Simd, const N: usize>(self, simd: S) {
        let Strip { rows: Picked { prepared, matrix, selection }, places, from, verdicts, .. } = self;
        let halves = &prepared.halves[from..from + N * S::LANES];
        let vectors: [S::Floats; N] = std::array::from_fn(|v| simd.load(&halves[v * S::LANES..]));
        let (centers, scale, padded) = (&prepared.centers[from..], prepared.scale, prepared.padded);
        for place in 0..places.map_or(selection.len(), |places| places.len()) {
            let at = places.map_or(place, |places| places[place] as usize);
            let (indices, values) = matrix.stored(selection.row(at));
            let (mut even, mut odd, mut squares) = (vectors, [simd.splat(0.0); N], [0.0; 2]);
            let term = |index: &I, value: &T, square: f64| {
                let y = value.widen() * scale;
                (simd.splat(y as f32), &centers[index.position() * padded..][..N * S::LANES], square + y * y)
            };
            let (index_pairs, value_pairs) = (indices.chunks_exact(2), values.chunks_exact(2));
            let last = index_pairs.remainder().iter().zip(value_pairs.remainder()).next();
            for (index, value) in index_pairs.zip(value_pairs) {
                let (x, columns, square) = term(&index[0], &value[0], squares[0]);
                (even, squares[0]) = (less(simd, even, x, columns), square);
                let (x, columns, square) = term(&index[1], &value[1], squares[1]);
                squares[1] = square;
                if N <= FEW {
                    odd = less(simd, odd, x, columns);
                } else {
                    even = less(simd, even, x, columns);
                }
            }
            if let Some((index, value)) = last {
                let (x, columns, square) = term(index, value, squares[0]);
                (even, squares[0]) = (less(simd, even, x, columns), square);
            }
            let mut leaders = Leaders::<S, 1>::new(simd);
            for v in 0..N {
                let score = if N <= FEW { simd.add(even[v], odd[v]) } else { even[v] };
                leaders.meet(simd, 0, simd.splat_int((v * S::LANES) as i32), score);
            }
            let (best, first, second) = leaders.foremost(simd);
            verdicts.meet(at, (from as i32 + best, first, second), squares[0] + squares[1]);
        }
    }
}

/// Scores without the products of an entry.
#[inline(always)]
fn less<S: Simd, const N: usize>(simd: S, mut scores: [S::Floats; N], x: S::Floats, centers: &[f32]) -> [S::Floats; N] {
    for v in 0..N {
        scores[v] = simd.subtract_product(scores[v], x, simd.load(&centers[v * S::LANES..]));
    }
    scores
}

impl<T: Real, I: Index> ScreenRows for Csr<'_, T, I> {
    fn near(&self, prepared: &PreparedCenters, row: usize, out: &mut Vec<i32>) -> bool {
        near(prepared, self, row, out);
        true
    }

    #[inline(always)]
    fn screen<S: Simd>(
        &self,
        simd: S,
        (_, prepared): (&Frame, &PreparedCenters),
        selection: Selection,
        known: Option<KnownScores>,
        _: &mut Room,
        verdicts: &mut Verdicts,
    ) {
        screen(simd, prepared, self, selection, known, verdicts);
    }
}
