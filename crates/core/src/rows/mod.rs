//! Rows: what the algorithms need to know of a matrix, whatever its layout and type.

mod csr;
mod dense;

pub use csr::{Csr, Index};
pub use dense::{Dense, Real};

use crate::limbs::Plan;
use crate::screen::{Frame, Screen, Verdicts};
use crate::simd::Simd;
use crate::wide::Wide;

/// One row's place to be unpacked into; each worker owns one.
#[derive(Default)]
pub struct Scratch {
    /// A row as float64, or a row's dense image.
    pub row: Vec<f64>,
    /// A block of rows packed for the tile, and their norms.
    pub packed: Packed,
}

/// Rows in a frame's coordinates as float32: microtile by microtile, column by column, a row to a lane.
#[derive(Default)]
pub struct Packed {
    /// [microtile][column][lane]
    pub rows: Vec<f32>,
    /// An upper bound of every row's norm, [microtile][lane].
    pub norms: Vec<f32>,
}

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
    fn tally(&self, row: usize, plan: &Plan, limbs: &mut [i64], weight: f64, subtract: bool, out: &mut Vec<f64>);

    /// Adds 2 x.(b - a) exactly: the part of |x - a|^2 - |x - b|^2 that depends on x.
    fn add_difference(&self, row: usize, a: &[f64], b: &[f64], wide: &mut Wide) {
        self.entries(row, |q, x| {
            if a[q] != b[q] {
                wide.add_twice_product(b[q], x);
                wide.add_twice_product(-a[q], x);
            }
        });
    }

    /// How wide a microtile of packed rows is for this instruction set.
    fn microtile<S: Simd>(&self) -> usize;

    /// Packs rows from..to for `screen`; nothing where rows are screened from where they lie.
    fn pack<S: Simd>(&self, simd: S, frame: &Frame, from: usize, to: usize, packed: &mut Packed);

    /// Screens rows from..to, packed before: nearest, second nearest, and whether that is certain.
    fn screen<S: Simd>(
        &self,
        simd: S,
        screen: &Screen,
        from: usize,
        to: usize,
        packed: (&[f32], &[f32]),
        verdicts: &mut Verdicts,
    );
}
