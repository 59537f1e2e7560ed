//! Scores of sparse rows: one accumulator for every center, a pass over the stored entries.
//!
//! The origin stays at zero, so entries that are not stored add exactly nothing: a score has as many roundings as the
//! row has entries. Accumulators lie side by side, so each entry is one multiply-add of a row of the transposed
//! centers; eight vectors of them are in registers while the entries of a row pass by.

// Register arrays are indexed by constants, so that loops over them unroll.
#![allow(clippy::needless_range_loop)]

use crate::memory::{Grow, copied};
use crate::rows::{Csr, Index, Real, Selection};
use crate::screen::activity::{KnownScores, UNKNOWN};
use crate::screen::centers::PreparedCenters;
use crate::screen::frame::Frame;
use crate::screen::kernel::tile::Leaders;
use crate::screen::room::Room;
use crate::screen::screen_rows::ScreenRows;
use crate::screen::verdicts::{Term, Verdicts};
use crate::simd::Simd;

/// Lanes of a vector at most.
const MOST: usize = 16;

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
    let Verdicts { best: nearest, unsure, terms, spared, unscored, .. } = verdicts;
    nearest.set_length(selection.len(), 0);
    unsure.clear();
    let active = known.as_ref().map_or(prepared.padded, |known| known.activity.active());
    for (at, nearest) in nearest.iter_mut().enumerate() {
        let (indices, values) = matrix.stored(selection.row(at));
        let mut square = 0.0;
        terms.clear();
        for (index, value) in indices.iter().zip(values) {
            let y = value.widen() * prepared.scale;
            square += y * y;
            terms.add((index.position() * prepared.padded, y as f32));
        }
        let norm = square.sqrt() * (1.0 + 1e-9) + f64::MIN_POSITIVE;
        let certain = |first, second| prepared.certain_sparse(values.len(), norm, first, second);
        let mut leaders = Leaders::<S, 1>::new(simd);
        let (mut from, mut to) = (0, active);
        let (found, sure) = loop {
            while from < to {
                from += match (to - from) / S::LANES {
                    0..2 => meet::<S, 1>(simd, prepared, terms, from, &mut leaders),
                    2..4 => meet::<S, 2>(simd, prepared, terms, from, &mut leaders),
                    4..8 => meet::<S, 4>(simd, prepared, terms, from, &mut leaders),
                    _ => meet::<S, 8>(simd, prepared, terms, from, &mut leaders),
                };
            }
            let all = foremost(simd, &leaders);
            let found = match &known {
                Some(known) if to < prepared.padded => known.add(at, all),
                _ => all,
            };
            let sure = certain(found.1, found.2);
            if sure || to == prepared.padded {
                break (found, sure);
            }
            to = prepared.padded;
        };
        let (best, first, second) = found;
        *nearest = best;
        *spared += (to < prepared.padded) as u64;
        *unscored += (prepared.padded - to) as u64;
        if !sure {
            unsure.push(at as u32);
        }
        if let Some(known) = &mut known {
            // Where the comparator decides, scores do not tell for whom.
            known.scores[at] = if sure { [first, second] } else { UNKNOWN };
        }
    }
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
    let norm = square.sqrt() * (1.0 + 1e-9) + f64::MIN_POSITIVE;
    let first = scores.iter().copied().fold(f32::INFINITY, f32::min);
    out.clear();
    out.make_room(prepared.distinct);
    out.extend(
        (0..prepared.distinct as i32)
            .filter(|&at| !prepared.certain_sparse(values.len(), norm, first, scores[at as usize])),
    );
}

/// Scores a row against N vectors of centers; returns how many centers that are.
#[inline(always)]
fn meet<S: Simd, const N: usize>(
    simd: S,
    prepared: &PreparedCenters,
    terms: &[Term],
    from: usize,
    leaders: &mut Leaders<S, 1>,
) -> usize {
    let width = N * S::LANES;
    let halves = &prepared.halves[from..from + width];
    let mut sums = [simd.splat(0.0); N];
    for v in 0..N {
        sums[v] = simd.load(&halves[v * S::LANES..]);
    }
    let centers = &prepared.centers[from..];
    for &(start, x) in terms {
        let (x, centers) = (simd.splat(x), &centers[start..start + width]);
        for v in 0..N {
            sums[v] = simd.subtract_product(sums[v], x, simd.load(&centers[v * S::LANES..]));
        }
    }
    let lanes: [i32; MOST] = std::array::from_fn(|lane| lane as i32);
    let lanes = simd.load_int(&lanes);
    for v in 0..N {
        let place = simd.add_int(lanes, simd.splat_int((from + v * S::LANES) as i32));
        leaders.meet(simd, 0, place, sums[v]);
    }
    width
}

/// The least score of all lanes, the first center that has it, and the least of the others.
#[inline(always)]
fn foremost<S: Simd>(simd: S, leaders: &Leaders<S, 1>) -> (i32, f32, f32) {
    let (mut firsts, mut places, mut seconds) = ([f32::INFINITY; MOST], [0; MOST], [f32::INFINITY; MOST]);
    leaders.store(simd, &mut firsts, &mut places, &mut seconds);
    let (mut best, mut first, mut second) = (0, f32::INFINITY, f32::INFINITY);
    for lane in 0..S::LANES {
        let leads = firsts[lane] < first;
        second = second.min(if leads { first } else { firsts[lane] }).min(seconds[lane]);
        best = if leads { places[lane] } else { best };
        first = first.min(firsts[lane]);
    }
    (best, first, second)
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
