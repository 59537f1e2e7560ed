//! Scores of sparse rows: one accumulator for every centre, a pass over the stored entries.
//!
//! The origin stays at zero, so entries that are not stored add exactly nothing: a score has as many roundings as the row
//! has entries. Accumulators lie side by side, so each entry is one multiply-add of a row of the transposed centres.

use crate::rows::{Csr, Index, Real};
use crate::screen::{Screen, Verdicts};
use crate::simd::Simd;

/// Screens rows from..to.
#[inline(always)]
pub fn screen<S: Simd, T: Real, I: Index>(
    simd: S,
    screen: &Screen,
    matrix: &Csr<'_, T, I>,
    from: usize,
    to: usize,
    verdicts: &mut Verdicts,
) {
    let Verdicts { best: nearest, unsure, scores, .. } = verdicts;
    nearest.resize(to - from, 0);
    unsure.clear();
    for row in from..to {
        scores.clear();
        scores.extend_from_slice(&screen.halves);
        let (indices, values) = matrix.stored(row);
        let mut square = 0.0;
        for (index, value) in indices.iter().zip(values) {
            let y = value.widen() * screen.scale;
            square += y * y;
            let x = simd.splat(y as f32);
            let centres = &screen.centres[index.position() * screen.padded..][..screen.padded];
            for (sum, b) in scores.chunks_exact_mut(S::LANES).zip(centres.chunks_exact(S::LANES)) {
                let left = simd.subtract_product(simd.load(sum), x, simd.load(b));
                simd.store(left, sum);
            }
        }
        let (mut best, mut first, mut second) = (0, f32::INFINITY, f32::INFINITY);
        for (j, &score) in scores.iter().enumerate() {
            if score < first {
                (best, second, first) = (j, first, score);
            } else if score < second {
                second = score;
            }
        }
        let at = row - from;
        nearest[at] = best as i32;
        let norm = square.sqrt() * (1.0 + 1e-9) + f64::MIN_POSITIVE;
        if !screen.certain_sparse(values.len(), norm, first, second) {
            unsure.push(at as u32);
        }
    }
}
