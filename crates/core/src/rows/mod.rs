//! Rows: reading a matrix row by row, whatever its layout and type.
//!
//! Layers that do more with rows than read them say so in traits of their own, which dense and sparse rows have there:
//! `AddRow` (sums), `Pack` and `ScreenRows` (screen).

mod csr;
mod dense;
mod selection;

pub use csr::{Csr, Index};
pub(crate) use dense::array_at;
pub use dense::{Dense, Real};
pub(crate) use selection::Selection;

use crate::memory::Grow;
use crate::simd::Simd;

/// A matrix of n rows and d columns of finite numbers, read by rows.
///
/// All algorithms read rows by these methods, so that none exists twice.
pub trait Rows: Sync {
    /// Number of rows.
    fn len(&self) -> usize;

    /// Whether there are no rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of columns.
    fn columns(&self) -> usize;

    /// How many numbers a row has, about: those that are stored.
    fn numbers(&self) -> usize {
        self.columns()
    }

    /// Whether a row stores all its columns (else only those that are not zero).
    fn is_dense(&self) -> bool;

    /// Calls `each(column, value)` for the stored entries of a row, columns ascending.
    fn entries(&self, row: usize, each: impl FnMut(usize, f64));

    /// Writes the row, zeros included.
    fn write(&self, row: usize, out: &mut [f64]) {
        out.fill(0.0);
        self.entries(row, |q, x| out[q] = x);
    }

    /// Writes the columns of a row from `from` on, as many as there is room for.
    fn write_part(&self, row: usize, from: usize, out: &mut [f64]) {
        out.fill(0.0);
        self.entries(row, |q, x| {
            if let Some(out) = q.checked_sub(from).and_then(|at| out.get_mut(at)) {
                *out = x;
            }
        });
    }

    /// Writes rows from..to one after the other.
    fn write_block(&self, from: usize, to: usize, out: &mut [f64]) {
        for (row, out) in (from..to).zip(out.chunks_exact_mut(self.columns())) {
            self.write(row, out);
        }
    }

    /// The row as a slice of all its columns, unpacked into `out` unless it is one already.
    fn read<'a>(&'a self, row: usize, out: &'a mut Vec<f64>) -> &'a [f64] {
        out.set_length(self.columns(), 0.0);
        self.write(row, out);
        out
    }

    /// Says that a row will be read soon.
    fn prefetch<S: Simd>(&self, _: S, _: usize) {}
}
