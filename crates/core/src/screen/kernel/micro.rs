//! Cells: what a tile multiplies, and what it knows of rows and centres; the same for float32 and int16.

// Register arrays are indexed by constants, so that loops over them unroll; iterators would hide which register.
#![allow(clippy::needless_range_loop)]

use crate::screen::centers::Verdicts;
use crate::simd::Simd;

/// 2 eps(R) = constant + by_norm |y| + by_error e + (norm |y| + error e + square R) R for a row of norm |y| that is off by at
/// most e, inflated for being evaluated in float32.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms {
    /// The part that does not depend on the row.
    pub constant: f32,
    /// Times |y|.
    pub by_norm: f32,
    /// Times e.
    pub by_error: f32,
    /// Times |y| R.
    pub norm: f32,
    /// Times e R.
    pub error: f32,
    /// Times R^2.
    pub square: f32,
}

/// Centres as a tile has them.
pub struct Centres<'a, N> {
    /// [group][cell][centre of the group]
    pub numbers: &'a [N],
    /// Where sums begin, for every centre.
    pub halves: &'a [N],
    /// Cells of a row.
    pub cells: usize,
    /// Centres of a microtile.
    pub group: usize,
    /// Whether cells are of high and of low bytes (quads.rs) and not of pairs.
    pub bytes: bool,
    /// What one is worth, in the frame's unit squared.
    pub unit: f32,
    /// B, no less than any |b_j|.
    pub radius: f32,
    /// The certificate.
    pub terms: Terms,
}

/// Packed rows.
#[derive(Clone, Copy)]
pub struct Block<'a, N> {
    /// [microtile][cell][lane]
    pub numbers: &'a [N],
    /// Upper bounds of their norms.
    pub norms: &'a [f32],
    /// Upper bounds of how far off they are, where the terms ask for them.
    pub errors: &'a [f32],
    /// How many there are; microtiles are filled up with anything.
    pub count: usize,
}

/// Numbers that a tile multiplies.
pub trait Number: Copy + Sync + 'static {
    /// A vector of rows' cells, of a centre's cell, or of sums of their products.
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
        centres: &Centres<Self>,
        rows: Block<Self>,
        from: usize,
        verdicts: &mut Verdicts,
    );
}

/// Scores of R vectors of rows against C centres.
pub type Sums<S, N, const R: usize, const C: usize> = [[<N as Number>::Lanes<S>; R]; C];

/// What makes scores of numbers.
pub trait Kernel<N: Number> {
    /// Cells of long rows that pass at a time; whole chains (products.rs), or steps (quads.rs).
    const STRIP: usize;
    /// Bytes of centres that stay in the first-level cache while the rows of a block pass by.
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
        centres: &[N],
        sums: Sums<S, N, R, C>,
    ) -> Sums<S, N, R, C>;

    /// Scores from sums.
    fn finish<S: Simd, const R: usize, const C: usize>(simd: S, sums: Sums<S, N, R, C>) -> [[S::Floats; R]; C];

    /// Scores of R vectors of rows against C centres.
    #[inline(always)]
    fn scores<S: Simd, const R: usize, const C: usize>(
        simd: S,
        rows: &[N],
        centres: &[N],
        halves: &[N],
    ) -> [[S::Floats; R]; C] {
        Self::finish(simd, Self::add(simd, rows, centres, begin(simd, halves)))
    }
}

/// Sums of integers as scores, rounded.
#[inline(always)]
pub fn to_floats<S: Simd, const R: usize, const C: usize>(simd: S, sums: Sums<S, i32, R, C>) -> [[S::Floats; R]; C] {
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
pub fn begin<S: Simd, N: Number, const R: usize, const C: usize>(simd: S, halves: &[N]) -> Sums<S, N, R, C> {
    let mut sums = [[N::splat(simd, halves[0]); R]; C];
    for c in 1..C {
        sums[c] = [N::splat(simd, halves[c]); R];
    }
    sums
}

/// Adds the cells of R vectors of rows and C centres: D of them, or as many as there are (0).
#[inline(always)]
pub fn add_cells<S: Simd, N: Number, const R: usize, const C: usize, const D: usize>(
    simd: S,
    rows: &[N],
    centres: &[N],
    mut sums: Sums<S, N, R, C>,
) -> Sums<S, N, R, C> {
    let width = R * S::LANES;
    if D > 0 {
        let (rows, centres) = (&rows[..D * width], &centres[..D * C]);
        for q in 0..D {
            add_cell::<S, N, R, C>(simd, &rows[q * width..][..width], &centres[q * C..][..C], &mut sums);
        }
        return sums;
    }
    let (row_fours, centre_fours) = (rows.chunks_exact(4 * width), centres.chunks_exact(4 * C));
    let (row_rest, centre_rest) = (row_fours.remainder(), centre_fours.remainder());
    for (rows, centres) in row_fours.zip(centre_fours) {
        // Unrolled: a loop of so few steps would cost a wrong guess of its end.
        for q in 0..4 {
            add_cell::<S, N, R, C>(simd, &rows[q * width..][..width], &centres[q * C..][..C], &mut sums);
        }
    }
    for (row, centre) in row_rest.chunks_exact(width).zip(centre_rest.chunks_exact(C)) {
        add_cell::<S, N, R, C>(simd, row, centre, &mut sums);
    }
    sums
}

#[inline(always)]
fn add_cell<S: Simd, N: Number, const R: usize, const C: usize>(
    simd: S,
    row: &[N],
    centre: &[N],
    sums: &mut Sums<S, N, R, C>,
) {
    let mut x = [N::load(simd, row); R];
    for (r, x) in x.iter_mut().enumerate() {
        *x = N::load(simd, &row[r * S::LANES..]);
    }
    for c in 0..C {
        let b = N::splat(simd, centre[c]);
        for r in 0..R {
            sums[c][r] = N::add_cell(simd, sums[c][r], x[r], b);
        }
    }
}
