//! Rows in bytes, each with a step of its own.

use crate::memory::Grow;
use crate::screen::certificate::INFLATE;
use crate::simd::Simd;

/// The largest |q|.
const LARGEST: f32 = 127.0;
/// What makes a byte of a center unsigned: instructions multiply unsigned bytes with signed ones.
pub(super) const RAISE: i32 = 128;
/// Q at most. Then 1/Q and 1/(P Q), which is 2^-110 at least, lose nothing to underflow, and neither does a byte where
/// subnormal coordinates are flushed. Shorter rows and centers are coarser for it, and bounds as wide as they must be.
const FINEST: f32 = (1u64 << 55) as f32;
/// More columns have no bytes: 127^2 a column must fit int32.
pub(super) const MOST_COLUMNS: usize = 1 << 16;
/// Columns are filled up to a multiple of this with zeros, which add nothing: as many as any vector has lanes.
const FILL: usize = 16;

/// Numbers of a row after filling up.
pub(super) fn filled(columns: usize) -> usize {
    columns.next_multiple_of(FILL)
}

/// Four columns of so many.
pub(super) fn cells(columns: usize) -> usize {
    columns.div_ceil(4)
}

/// An upper bound of |y| from a float32 sum of the squares of y~ (as pack.rs has it).
pub(super) fn norm_of(square: f32, columns: usize) -> f32 {
    square.sqrt() * (1.0 + (columns + 32) as f32 * f32::EPSILON) + columns as f32 * 2f32.powi(-62)
}

/// The largest |y_q| of numbers that were filled up.
#[inline(always)]
pub(super) fn largest<S: Simd>(simd: S, numbers: &[f32]) -> f32 {
    let zero = simd.splat(0.0);
    let mut most = zero;
    for x in numbers.chunks_exact(S::LANES) {
        let x = simd.load(x);
        most = simd.max(most, simd.max(x, simd.subtract(zero, x)));
    }
    -simd.least(simd.subtract(zero, most))
}

/// Q for numbers up to a size.
pub(super) fn fineness(largest: f32) -> f32 {
    if largest > 0.0 { (LARGEST / largest).min(FINEST) } else { 1.0 }
}

/// What rounding found.
pub(super) struct Rounded {
    /// The sum of the integers.
    pub(super) sum: i32,
    /// The sum of squares of y~.
    pub(super) square: f32,
    /// An upper bound of |Q y - q| / Q.
    pub(super) off: f32,
    /// An upper bound of |q| / Q.
    pub(super) length: f32,
}

/// Writes the integers nearest to Q y~.
#[inline(always)]
pub(super) fn round<S: Simd>(simd: S, numbers: &[f32], fine: f32, columns: usize, out: &mut [i32]) -> Rounded {
    let (scale, zero) = (simd.splat(fine), simd.splat(0.0));
    let (mut square, mut rest, mut length, mut sum) = (zero, zero, zero, simd.splat_int(0));
    for (numbers, out) in numbers.chunks_exact(S::LANES).zip(out.chunks_exact_mut(S::LANES)) {
        let y = simd.load(numbers);
        square = simd.add_product(square, y, y);
        let x = simd.multiply(y, scale);
        let i = simd.round(x);
        let q = simd.to_floats(i);
        // Exact: both are of one size, or the integer is 0.
        let x = simd.subtract(x, q);
        rest = simd.add_product(rest, x, x);
        length = simd.add_product(length, q, q);
        sum = simd.add_int(sum, i);
        simd.store_int(i, out);
    }
    let (square, rest, length) = (added(simd, square), added(simd, rest), added(simd, length));
    let mut lanes = [0; FILL];
    simd.store_int(sum, &mut lanes);
    // Sums of d squares are low by a relative (d + 2) u at most; |Q y - x| <= 2^-22 Q |y|, x being Q y~ rounded.
    let inflate = 1.0 + (columns + 32) as f32 * f32::EPSILON;
    // Squares of what is below 2^-63 may be lost.
    let rest = rest.sqrt() * inflate + columns as f32 * 2f32.powi(-62);
    let off = rest / fine + norm_of(square, columns) * 2f32.powi(-22);
    Rounded {
        sum: lanes[..S::LANES].iter().fold(0, |sum, &lane| i32::wrapping_add(sum, lane)),
        square,
        off: off * INFLATE as f32,
        length: length.sqrt() * inflate / fine * INFLATE as f32,
    }
}

/// The sum of all lanes.
#[inline(always)]
pub(super) fn added<S: Simd>(simd: S, x: S::Floats) -> f32 {
    let mut lanes = [0.0; FILL];
    simd.store(x, &mut lanes);
    lanes[..S::LANES].iter().sum()
}

/// Rows that are brought into a frame's coordinates one by one.
pub(crate) trait PlaceRows {
    /// How many.
    fn count(&self) -> usize;
    /// Writes y~ of one. Must be `#[inline(always)]`.
    fn place(&self, at: usize, out: &mut [f32]);
}

/// Some rows in bytes.
#[derive(Default)]
pub(super) struct ByteRows {
    /// y~, filled up, row by row.
    pub(super) floats: Vec<f32>,
    /// q, four columns to a cell, row by row.
    pub(super) cells: Vec<[u8; 4]>,
    /// Upper bounds of |y|.
    pub(super) norms: Vec<f32>,
    /// E.
    pub(super) errors: Vec<f32>,
    /// 1 / Q.
    pub(super) units: Vec<f32>,
    /// Where sums begin: what RAISE adds to products is taken away.
    pub(super) starts: Vec<i32>,
    integers: Vec<i32>,
    bytes: Vec<u8>,
}

impl ByteRows {
    /// Makes bytes of rows. Those that fill up the last tile are zeros.
    #[inline(always)]
    pub(super) fn fill<S: Simd>(&mut self, simd: S, given: &impl PlaceRows, columns: usize, tile: usize) {
        let (count, padded) = (given.count(), given.count().next_multiple_of(tile));
        let (wide, cells) = (filled(columns), cells(columns));
        self.floats.set_length(padded * wide, 0.0);
        self.cells.set_length(padded * cells, [0; 4]);
        self.integers.set_length(wide, 0);
        self.bytes.set_length(wide, 0);
        for list in [&mut self.norms, &mut self.errors, &mut self.units] {
            list.set_length(padded, 0.0);
        }
        self.starts.set_length(padded, 0);
        for row in 0..padded {
            let floats = &mut self.floats[row * wide..][..wide];
            floats[columns..].fill(0.0);
            if row < count {
                given.place(row, &mut floats[..columns]);
            } else {
                floats.fill(0.0);
            }
            let fine = fineness(largest(simd, floats));
            let rounded = round(simd, floats, fine, columns, &mut self.integers);
            self.bytes.iter_mut().zip(&self.integers).for_each(|(byte, &q)| *byte = q as u8);
            self.cells[row * cells..][..cells].copy_from_slice(&self.bytes.as_chunks().0[..cells]);
            self.norms[row] = norm_of(rounded.square, columns);
            self.errors[row] = rounded.off;
            self.units[row] = 1.0 / fine;
            self.starts[row] = rounded.sum.wrapping_mul(-RAISE);
        }
    }
}
