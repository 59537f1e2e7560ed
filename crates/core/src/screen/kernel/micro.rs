//! The microkernel: what a kernel is, and the products of one microtile, the same for float32 and int16.
//!
//! What is multiplied are cells: a column in float32, two columns in int16.

// Register arrays are indexed by constants, so that loops over them unroll; iterators would hide which register.
#![allow(clippy::needless_range_loop)]

use crate::screen::certificate::Terms;
use crate::screen::verdicts::Verdicts;
use crate::simd::Simd;

/// Centers as a tile has them.
pub(crate) struct Centers<'a, N> {
    /// [group][cell][center of the group]
    pub(crate) numbers: &'a [N],
    /// Where sums begin, for every center.
    pub(crate) halves: &'a [N],
    /// Cells of a row.
    pub(crate) cells: usize,
    /// Centers of a microtile.
    pub(crate) group: usize,
    /// Whether cells are of high and of low bytes (kernel/i8.rs) and not of pairs.
    pub(crate) bytes: bool,
    /// What one is worth, in the frame's unit squared.
    pub(crate) unit: f32,
    /// B, no less than any |b_j|.
    pub(crate) radius: f32,
    /// The certificate.
    pub(crate) terms: Terms,
}

/// Where a coordinate of the center at a position lies: [group][column][center of the group].
#[inline(always)]
pub(crate) fn slot(group: usize, columns: usize, at: usize, column: usize) -> usize {
    at / group * group * columns + column * group + at % group
}

/// Packed rows.
#[derive(Clone, Copy)]
pub(crate) struct Block<'a, N> {
    /// [microtile][cell][lane]
    pub(crate) numbers: &'a [N],
    /// Upper bounds of their norms.
    pub(crate) norms: &'a [f32],
    /// Upper bounds of how far off they are, where the terms ask for them.
    pub(crate) errors: &'a [f32],
    /// How many there are; microtiles are filled up with anything.
    pub(crate) count: usize,
}

/// Numbers that a tile multiplies.
pub(crate) trait Number: Copy + Sync + 'static {
    /// A vector of rows' cells, of a center's cell, or of sums of their products.
    type Lanes<S: Simd>: Copy;

    /// The same cell in all lanes.
    fn splat<S: Simd>(simd: S, x: Self) -> Self::Lanes<S>;

    /// A cell of neighbouring rows.
    fn load<S: Simd>(simd: S, from: &[Self]) -> Self::Lanes<S>;

    /// A score with one more cell in it.
    fn add_cell<S: Simd>(simd: S, sum: Self::Lanes<S>, x: Self::Lanes<S>, b: Self::Lanes<S>) -> Self::Lanes<S>;

    /// Screens with the kernel for so many cells.
    fn screen<S: Simd, const R: usize, const C: usize>(
        simd: S,
        centers: &Centers<Self>,
        rows: Block<Self>,
        from: usize,
        verdicts: &mut Verdicts,
    );
}

/// Scores of R vectors of rows against C centers.
pub(crate) type Sums<S, N, const R: usize, const C: usize> = [[<N as Number>::Lanes<S>; R]; C];

/// What makes scores of numbers.
pub(crate) trait Kernel<N: Number> {
    /// Cells of long rows that pass at a time; whole chains (kernel/f32.rs), or steps (kernel/i8.rs).
    const STRIP: usize;
    /// Bytes of centers that stay in the first-level cache while the rows of a block pass by.
    const PANEL: usize = 16 << 10;

    /// Called before rows of so many cells are scored,
    #[inline(always)]
    fn open<S: Simd>(_: S, _cells: usize) {}

    /// and afterwards.
    #[inline(always)]
    fn close<S: Simd>(_: S) {}

    /// Sums with some more cells in them.
    fn add<S: Simd, const R: usize, const C: usize>(
        simd: S,
        rows: &[N],
        centers: &[N],
        sums: Sums<S, N, R, C>,
    ) -> Sums<S, N, R, C>;

    /// Scores from sums.
    fn finish<S: Simd, const R: usize, const C: usize>(simd: S, sums: Sums<S, N, R, C>) -> [[S::Floats; R]; C];

    /// Scores of R vectors of rows against C centers.
    #[inline(always)]
    fn scores<S: Simd, const R: usize, const C: usize>(
        simd: S,
        rows: &[N],
        centers: &[N],
        halves: &[N],
    ) -> [[S::Floats; R]; C] {
        Self::finish(simd, Self::add(simd, rows, centers, begin(simd, halves)))
    }
}

/// Sums of integers as scores, rounded.
#[inline(always)]
pub(crate) fn to_floats<S: Simd, const R: usize, const C: usize>(
    simd: S,
    sums: Sums<S, i32, R, C>,
) -> [[S::Floats; R]; C] {
    let mut out = [[simd.splat(0.0); R]; C];
    for c in 0..C {
        for r in 0..R {
            out[c][r] = simd.to_floats(sums[c][r]);
        }
    }
    out
}

/// Where sums begin.
#[inline(always)]
pub(crate) fn begin<S: Simd, N: Number, const R: usize, const C: usize>(simd: S, halves: &[N]) -> Sums<S, N, R, C> {
    let mut sums = [[N::splat(simd, halves[0]); R]; C];
    for c in 1..C {
        sums[c] = [N::splat(simd, halves[c]); R];
    }
    sums
}

/// Adds the cells of R vectors of rows and C centers: D of them, or as many as there are (0).
#[inline(always)]
pub(crate) fn add_cells<S: Simd, N: Number, const R: usize, const C: usize, const D: usize>(
    simd: S,
    rows: &[N],
    centers: &[N],
    mut sums: Sums<S, N, R, C>,
) -> Sums<S, N, R, C> {
    let width = R * S::LANES;
    if D > 0 {
        let (rows, centers) = (&rows[..D * width], &centers[..D * C]);
        for q in 0..D {
            add_cell::<S, N, R, C>(simd, &rows[q * width..][..width], &centers[q * C..][..C], &mut sums);
        }
        return sums;
    }
    let (row_fours, center_fours) = (rows.chunks_exact(4 * width), centers.chunks_exact(4 * C));
    let (row_rest, center_rest) = (row_fours.remainder(), center_fours.remainder());
    for (rows, centers) in row_fours.zip(center_fours) {
        // Unrolled: a loop of so few steps would cost a wrong guess of its end.
        for q in 0..4 {
            add_cell::<S, N, R, C>(simd, &rows[q * width..][..width], &centers[q * C..][..C], &mut sums);
        }
    }
    for (row, center) in row_rest.chunks_exact(width).zip(center_rest.chunks_exact(C)) {
        add_cell::<S, N, R, C>(simd, row, center, &mut sums);
    }
    sums
}

#[inline(always)]
fn add_cell<S: Simd, N: Number, const R: usize, const C: usize>(
    simd: S,
    row: &[N],
    center: &[N],
    sums: &mut Sums<S, N, R, C>,
) {
    let mut x = [N::load(simd, row); R];
    for (r, x) in x.iter_mut().enumerate() {
        *x = N::load(simd, &row[r * S::LANES..]);
    }
    for c in 0..C {
        let b = N::splat(simd, center[c]);
        for r in 0..R {
            sums[c][r] = N::add_cell(simd, sums[c][r], x[r], b);
        }
    }
}
