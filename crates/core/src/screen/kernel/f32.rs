//! The float32 kernel: scores h~_j - x~.b~_j, one multiply-add for every row, center and column.
//!
//! screen/certificate.rs has the bound of their error.

// Register arrays are indexed by constants, so that loops over them unroll; iterators would hide which register.
#![allow(clippy::needless_range_loop)]

use crate::screen::certificate::CHAIN;
use crate::screen::kernel::micro::{self, Block, Centers, Kernel, Number, Sums};
use crate::screen::kernel::tile;
use crate::screen::verdicts::Verdicts;
use crate::simd::Simd;

/// In the place of a number of columns that is known when this is compiled: up to CHAIN columns, or more.
const SHORT: usize = 0;
/// See `SHORT`.
const LONG: usize = usize::MAX;

/// The kernel for D columns.
struct Columns<const D: usize>;

impl<const D: usize> Kernel<f32> for Columns<D> {
    const STRIP: usize = if D == LONG { 2 * CHAIN } else { usize::MAX };

    #[inline(always)]
    fn add<S: Simd, const R: usize, const C: usize>(
        simd: S,
        rows: &[f32],
        centers: &[f32],
        sums: Sums<S, f32, R, C>,
    ) -> Sums<S, f32, R, C> {
        if D == LONG {
            add_chains(simd, rows, centers, sums)
        } else {
            micro::add_cells::<S, f32, R, C, D>(simd, rows, centers, sums)
        }
    }

    #[inline(always)]
    fn finish<S: Simd, const R: usize, const C: usize>(_: S, sums: Sums<S, f32, R, C>) -> [[S::Floats; R]; C] {
        sums
    }
}

impl Number for f32 {
    type Lanes<S: Simd> = S::Floats;

    #[inline(always)]
    fn splat<S: Simd>(simd: S, x: f32) -> S::Floats {
        simd.splat(x)
    }

    #[inline(always)]
    fn load<S: Simd>(simd: S, from: &[f32]) -> S::Floats {
        simd.load(from)
    }

    #[inline(always)]
    fn add_cell<S: Simd>(simd: S, sum: S::Floats, x: S::Floats, b: S::Floats) -> S::Floats {
        simd.subtract_product(sum, x, b)
    }

    /// Narrow rows have loops of their own, without a loop over the columns: what is around it would cost as much.
    #[inline(always)]
    fn screen<S: Simd, const R: usize, const C: usize>(
        simd: S,
        centers: &Centers<f32>,
        rows: Block<f32>,
        from: usize,
        verdicts: &mut Verdicts,
    ) {
        match centers.cells {
            1 => tile::screen_by::<S, f32, Columns<1>, R, C>(simd, centers, rows, from, verdicts),
            2 => tile::screen_by::<S, f32, Columns<2>, R, C>(simd, centers, rows, from, verdicts),
            3 => tile::screen_by::<S, f32, Columns<3>, R, C>(simd, centers, rows, from, verdicts),
            4 => tile::screen_by::<S, f32, Columns<4>, R, C>(simd, centers, rows, from, verdicts),
            5 => tile::screen_by::<S, f32, Columns<5>, R, C>(simd, centers, rows, from, verdicts),
            6 => tile::screen_by::<S, f32, Columns<6>, R, C>(simd, centers, rows, from, verdicts),
            7 => tile::screen_by::<S, f32, Columns<7>, R, C>(simd, centers, rows, from, verdicts),
            8 => tile::screen_by::<S, f32, Columns<8>, R, C>(simd, centers, rows, from, verdicts),
            d if d <= CHAIN => tile::screen_by::<S, f32, Columns<SHORT>, R, C>(simd, centers, rows, from, verdicts),
            _ => tile::screen_by::<S, f32, Columns<LONG>, R, C>(simd, centers, rows, from, verdicts),
        }
    }
}

/// Scores of R vectors of rows against C centers, in any number of columns.
#[inline(always)]
pub(crate) fn scores<S: Simd, const R: usize, const C: usize>(
    simd: S,
    rows: &[f32],
    centers: &[f32],
    halves: &[f32],
) -> [[S::Floats; R]; C] {
    if centers.len() <= CHAIN * C {
        Columns::<SHORT>::scores(simd, rows, centers, halves)
    } else {
        Columns::<LONG>::scores(simd, rows, centers, halves)
    }
}

/// Longer rows: a chain for every CHAIN columns, so that rounding grows with CHAIN + d / CHAIN and not with d.
#[inline(always)]
fn add_chains<S: Simd, const R: usize, const C: usize>(
    simd: S,
    rows: &[f32],
    centers: &[f32],
    mut sums: Sums<S, f32, R, C>,
) -> Sums<S, f32, R, C> {
    for (rows, centers) in rows.chunks(CHAIN * R * S::LANES).zip(centers.chunks(CHAIN * C)) {
        let none = [[simd.splat(0.0); R]; C];
        let part = micro::add_cells::<S, f32, R, C, SHORT>(simd, rows, centers, none);
        for c in 0..C {
            for r in 0..R {
                sums[c][r] = simd.add(sums[c][r], part[c][r]);
            }
        }
    }
    sums
}
