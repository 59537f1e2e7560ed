//! Rows that are added to exact sums, dense ones by whole rows, sparse ones entry by entry.

use crate::exact::fixed_point::FixedPointFormat;
use crate::rows::{Csr, Dense, Index, Real, Rows};
use crate::simd::Simd;
use crate::sums::move_narrow::{self, Moves, PlainSums};

/// Rows that can be added to the limbs of a cluster.
pub trait AddRow: Rows {
    /// Adds (or subtracts) the row, times its weight, to the limbs of a cluster.
    fn add_row(
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
    fn move_row(
        &self,
        row: usize,
        format: &FixedPointFormat,
        (from, to): (&mut [i64], &mut [i64]),
        weight: f64,
        out: &mut Vec<f64>,
    ) {
        self.add_row(row, format, from, weight, true, out);
        self.add_row(row, format, to, weight, false, out);
    }

    /// Whether `move_narrow` takes such rows.
    fn is_narrow(&self) -> bool {
        false
    }

    /// Moves many rows at once.
    fn move_narrow<S: Simd>(&self, _: S, _: PlainSums, _: Moves) {
        unreachable!("rows of many columns");
    }
}

impl<T: Real> AddRow for Dense<'_, T> {
    #[inline(always)]
    fn add_row(
        &self,
        row: usize,
        format: &FixedPointFormat,
        limbs: &mut [i64],
        weight: f64,
        subtract: bool,
        out: &mut Vec<f64>,
    ) {
        format.add_row(limbs, self.read(row, out), weight, subtract);
    }

    #[inline(always)]
    fn move_row(
        &self,
        row: usize,
        format: &FixedPointFormat,
        (from, to): (&mut [i64], &mut [i64]),
        weight: f64,
        out: &mut Vec<f64>,
    ) {
        format.move_row(from, to, self.read(row, out), weight);
    }

    #[inline(always)]
    fn is_narrow(&self) -> bool {
        move_narrow::takes(self)
    }

    #[inline(always)]
    fn move_narrow<S: Simd>(&self, simd: S, sums: PlainSums, moves: Moves) {
        move_narrow::move_rows(simd, self, sums, moves);
    }
}

impl<T: Real, I: Index> AddRow for Csr<'_, T, I> {
    #[inline(always)]
    fn add_row(
        &self,
        row: usize,
        format: &FixedPointFormat,
        limbs: &mut [i64],
        weight: f64,
        subtract: bool,
        _: &mut Vec<f64>,
    ) {
        let (indices, values) = self.stored(row);
        let entries = indices.iter().zip(values).map(|(index, value)| (index.position(), value.widen()));
        format.add_entries(limbs, entries, weight, subtract);
    }
}
