//! Products of float32 columns: scores h~_j - x~.b~_j (screen.rs has the bound of their error).

// Register arrays are indexed by constants, so that loops over them unroll; iterators would hide which register.
#![allow(clippy::needless_range_loop)]

use crate::screen::{CHAIN, Verdicts};
use crate::simd::Simd;
use crate::tile::{self, Block, Centres, Kernel, Number};

/// In the place of a number of columns that is known when this is compiled: up to CHAIN columns, or any number.
const SHORT: usize = 0;
/// See `SHORT`.
pub const LONG: usize = usize::MAX;

/// The kernel for D columns.
struct Columns<const D: usize>;

impl<const D: usize> Kernel<f32> for Columns<D> {
    #[inline(always)]
    fn scores<S: Simd, const R: usize, const C: usize>(
        simd: S,
        rows: &[f32],
        centres: &[f32],
        halves: &[f32],
    ) -> [[S::Floats; R]; C] {
        scores::<S, R, C, D>(simd, rows, centres, halves)
    }
}

impl Number for f32 {
    /// Narrow rows have loops of their own, without a loop over the columns: what is around it would cost as much.
    #[inline(always)]
    fn screen<S: Simd, const R: usize, const C: usize>(
        simd: S,
        centres: &Centres<f32>,
        rows: Block<f32>,
        verdicts: &mut Verdicts,
    ) {
        match centres.cells {
            1 => tile::screen_by::<S, f32, Columns<1>, R, C>(simd, centres, rows, verdicts),
            2 => tile::screen_by::<S, f32, Columns<2>, R, C>(simd, centres, rows, verdicts),
            3 => tile::screen_by::<S, f32, Columns<3>, R, C>(simd, centres, rows, verdicts),
            4 => tile::screen_by::<S, f32, Columns<4>, R, C>(simd, centres, rows, verdicts),
            5 => tile::screen_by::<S, f32, Columns<5>, R, C>(simd, centres, rows, verdicts),
            6 => tile::screen_by::<S, f32, Columns<6>, R, C>(simd, centres, rows, verdicts),
            7 => tile::screen_by::<S, f32, Columns<7>, R, C>(simd, centres, rows, verdicts),
            8 => tile::screen_by::<S, f32, Columns<8>, R, C>(simd, centres, rows, verdicts),
            d if d <= CHAIN => tile::screen_by::<S, f32, Columns<SHORT>, R, C>(simd, centres, rows, verdicts),
            _ => tile::screen_by::<S, f32, Columns<LONG>, R, C>(simd, centres, rows, verdicts),
        }
    }
}

/// Scores of R vectors of rows against C centres, in D columns.
#[inline(always)]
pub fn scores<S: Simd, const R: usize, const C: usize, const D: usize>(
    simd: S,
    rows: &[f32],
    centres: &[f32],
    halves: &[f32],
) -> [[S::Floats; R]; C] {
    let mut sums = [[simd.splat(0.0); R]; C];
    for c in 0..C {
        sums[c] = [simd.splat(halves[c]); R];
    }
    let width = R * S::LANES;
    if D != SHORT && D != LONG {
        let (rows, centres) = (&rows[..D * width], &centres[..D * C]);
        for q in 0..D {
            subtract_column::<S, R, C>(simd, &rows[q * width..][..width], &centres[q * C..][..C], &mut sums);
        }
        return sums;
    }
    if D == SHORT || centres.len() <= CHAIN * C {
        return subtract_products(simd, rows, centres, sums);
    }
    // Longer rows: a chain for every CHAIN columns, so that rounding grows with CHAIN + d / CHAIN and not with d.
    for (rows, centres) in rows.chunks(CHAIN * width).zip(centres.chunks(CHAIN * C)) {
        let part = subtract_products(simd, rows, centres, [[simd.splat(0.0); R]; C]);
        for c in 0..C {
            for r in 0..R {
                sums[c][r] = simd.add(sums[c][r], part[c][r]);
            }
        }
    }
    sums
}

#[inline(always)]
fn subtract_products<S: Simd, const R: usize, const C: usize>(
    simd: S,
    rows: &[f32],
    centres: &[f32],
    mut sums: [[S::Floats; R]; C],
) -> [[S::Floats; R]; C] {
    let width = R * S::LANES;
    let (row_fours, centre_fours) = (rows.chunks_exact(4 * width), centres.chunks_exact(4 * C));
    let (row_rest, centre_rest) = (row_fours.remainder(), centre_fours.remainder());
    for (rows, centres) in row_fours.zip(centre_fours) {
        // Unrolled: a loop of so few steps would cost a wrong guess of its end.
        for q in 0..4 {
            subtract_column::<S, R, C>(
                simd,
                &rows[q * width..(q + 1) * width],
                &centres[q * C..(q + 1) * C],
                &mut sums,
            );
        }
    }
    for (row, centre) in row_rest.chunks_exact(width).zip(centre_rest.chunks_exact(C)) {
        subtract_column::<S, R, C>(simd, row, centre, &mut sums);
    }
    sums
}

#[inline(always)]
fn subtract_column<S: Simd, const R: usize, const C: usize>(
    simd: S,
    row: &[f32],
    centre: &[f32],
    sums: &mut [[S::Floats; R]; C],
) {
    let mut x = [simd.splat(0.0); R];
    for (r, x) in x.iter_mut().enumerate() {
        *x = simd.load(&row[r * S::LANES..]);
    }
    for c in 0..C {
        let b = simd.splat(centre[c]);
        for r in 0..R {
            sums[c][r] = simd.subtract_product(sums[c][r], x[r], b);
        }
    }
}
