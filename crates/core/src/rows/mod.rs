//! Rows: what the algorithms need to know of a matrix, whatever its layout and type.

mod csr;
mod dense;
mod selection;

pub use csr::{Csr, Index};
pub use dense::{Dense, Real, some};
pub use selection::Selection;

use crate::exact::fixed_point::FixedPointFormat;
use crate::exact::superaccumulator::Superaccumulator;
use crate::screen::centers::PreparedCenters;
use crate::screen::dense::Room;
use crate::screen::frame::Frame;
use crate::screen::pack::Sink;
use crate::screen::sparse::KnownScores;
use crate::screen::verdicts::Verdicts;
use crate::simd::Simd;

/// A matrix of n rows and d columns of finite numbers, read by rows.
///
/// Everything that the k-means algorithms do with rows goes through these methods, so that no algorithm exists twice.
pub trait Rows: Sync {
    /// Number of rows.
    fn len(&self) -> usize;

    /// Whether there are no rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of columns.
    fn columns(&self) -> usize;

    /// Whether a row stores all its columns (else only those that are not zero).
    fn is_dense(&self) -> bool;

    /// Calls `each(column, value)` for the stored entries of a row, columns ascending.
    fn entries(&self, row: usize, each: impl FnMut(usize, f64));

    /// Writes the row, zeros included.
    fn write(&self, row: usize, out: &mut [f64]) {
        out.fill(0.0);
        self.entries(row, |q, x| out[q] = x);
    }

    /// Writes rows from..to one after the other.
    fn write_block(&self, from: usize, to: usize, out: &mut [f64]) {
        for (row, out) in (from..to).zip(out.chunks_exact_mut(self.columns())) {
            self.write(row, out);
        }
    }

    /// The row as a slice of all its columns, unpacked into `out` unless it is one already.
    fn read<'a>(&'a self, row: usize, out: &'a mut Vec<f64>) -> &'a [f64] {
        out.resize(self.columns(), 0.0);
        self.write(row, out);
        out
    }

    /// Adds (or subtracts) the row, times its weight, to the limbs of a cluster.
    fn tally(
        &self,
        row: usize,
        format: &FixedPointFormat,
        limbs: &mut [i64],
        weight: f64,
        subtract: bool,
        out: &mut Vec<f64>,
    );

    /// Moves the row, times its weight, from the limbs of one cluster to those of another.
    #[inline(always)]
    fn transfer(
        &self,
        row: usize,
        format: &FixedPointFormat,
        (from, to): (&mut [i64], &mut [i64]),
        weight: f64,
        out: &mut Vec<f64>,
    ) {
        self.tally(row, format, from, weight, true, out);
        self.tally(row, format, to, weight, false, out);
    }

    /// Says that a row will be read soon.
    fn prefetch<S: Simd>(&self, _: S, _: usize) {}

    /// Adds 2 x.(b - a) exactly: the part of |x - a|^2 - |x - b|^2 that depends on x.
    fn add_difference(&self, row: usize, a: &[f64], b: &[f64], wide: &mut Superaccumulator) {
        self.entries(row, |q, x| {
            if a[q] != b[q] {
                wide.add_twice_product(b[q], x);
                wide.add_twice_product(-a[q], x);
            }
        });
    }

    /// The row in a frame's coordinates, every column rounded to float32 (screen/certificate.rs has the error).
    fn place(&self, row: usize, frame: &Frame, out: &mut [f32]) {
        for (out, shift) in out.iter_mut().zip(&frame.shift) {
            *out = -shift as f32;
        }
        self.entries(row, |q, x| out[q] = (x * frame.scale - frame.shift[q]) as f32);
    }

    /// How wide a microtile of packed rows is for this instruction set.
    fn microtile<S: Simd>(&self) -> usize;

    /// Lists the positions of the prepared centers that may be nearest to a row; false where that is not known.
    fn near(&self, _: &PreparedCenters, _: usize, _: &mut Vec<i32>) -> bool {
        false
    }

    /// Packs some rows (dense ones only).
    fn pack<S: Simd>(&self, simd: S, frame: &Frame, selection: Selection, sink: &mut impl Sink<S>);

    /// Screens some rows: nearest, second nearest, and whether that is certain. Of sparse rows something may be known already.
    fn screen<S: Simd>(
        &self,
        simd: S,
        centers: (&Frame, &PreparedCenters),
        selection: Selection,
        known: Option<KnownScores>,
        room: &mut Room,
        verdicts: &mut Verdicts,
    );
}
