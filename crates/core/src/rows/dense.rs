//! Dense rows: a borrowed matrix of float32 or float64 with any strides.

use super::Rows;
use crate::memory::Grow;
use crate::simd::Simd;

/// float32 or float64. All arithmetic on rows is float64: a float32 is converted exactly.
pub trait Real: Copy + Send + Sync + PartialEq + 'static {
    /// The same number as float64.
    fn widen(self) -> f64;
    /// The slice itself, where it is float64 already.
    fn as_f64(slice: &[Self]) -> Option<&[f64]>;
}

impl Real for f32 {
    #[inline(always)]
    fn widen(self) -> f64 {
        self as f64
    }
    fn as_f64(_: &[f32]) -> Option<&[f64]> {
        None
    }
}

impl Real for f64 {
    #[inline(always)]
    fn widen(self) -> f64 {
        self
    }
    #[inline(always)]
    fn as_f64(slice: &[f64]) -> Option<&[f64]> {
        Some(slice)
    }
}

/// A dense matrix: element (i, q) is `data[origin + i * row_stride + q * column_stride]`.
pub struct Dense<'a, T> {
    pub(crate) data: &'a [T],
    pub(crate) origin: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) row_stride: isize,
    pub(crate) column_stride: isize,
}

impl<'a, T: Real> Dense<'a, T> {
    /// Checks that every element lies in `data`; `None` where one does not.
    pub fn new(
        data: &'a [T],
        origin: usize,
        (rows, columns): (usize, usize),
        (row_stride, column_stride): (isize, isize),
    ) -> Option<Self> {
        if rows > 0 && columns > 0 {
            // The four corners bound all elements, the position being linear in i and q.
            for (i, q) in [(0, 0), (rows - 1, 0), (0, columns - 1), (rows - 1, columns - 1)] {
                let at = origin as i128 + i as i128 * row_stride as i128 + q as i128 * column_stride as i128;
                if at < 0 || at >= data.len() as i128 {
                    return None;
                }
            }
        }
        Some(Dense { data, origin, rows, columns, row_stride, column_stride })
    }

    /// A C-contiguous matrix.
    pub fn contiguous(data: &'a [T], rows: usize, columns: usize) -> Option<Self> {
        Self::new(data, 0, (rows, columns), (columns as isize, 1))
    }

    #[inline(always)]
    pub(crate) fn at(&self, row: usize, q: usize) -> T {
        debug_assert!(row < self.rows && q < self.columns);
        let at = self.origin as isize + row as isize * self.row_stride + q as isize * self.column_stride;
        // SAFETY: `new` checked the four corners, hence every (row, q) within the shape; `entries`, `write`, `place`
        // and `pack` assert that their rows are, and their q count columns.
        unsafe { *self.data.get_unchecked(at as usize) }
    }

    /// The row where its columns lie side by side.
    #[inline(always)]
    pub(crate) fn slice(&self, row: usize) -> Option<&[T]> {
        if self.column_stride != 1 && self.columns > 1 {
            return None;
        }
        let start = (self.origin as isize + row as isize * self.row_stride) as usize;
        Some(&self.data[start..start + self.columns])
    }
}

impl<T: Real> Rows for Dense<'_, T> {
    fn len(&self) -> usize {
        self.rows
    }

    fn columns(&self) -> usize {
        self.columns
    }

    fn is_dense(&self) -> bool {
        true
    }

    #[inline(always)]
    fn entries(&self, row: usize, mut each: impl FnMut(usize, f64)) {
        assert!(row < self.rows, "no row {row}");
        for q in 0..self.columns {
            each(q, self.at(row, q).widen());
        }
    }

    #[inline(always)]
    fn write(&self, row: usize, out: &mut [f64]) {
        assert!(row < self.rows && out.len() == self.columns, "no row {row}, or another width");
        match self.slice(row) {
            Some(slice) => out.iter_mut().zip(slice).for_each(|(out, x)| *out = x.widen()),
            None => out.iter_mut().enumerate().for_each(|(q, out)| *out = self.at(row, q).widen()),
        }
    }

    #[inline(always)]
    fn write_part(&self, row: usize, from: usize, out: &mut [f64]) {
        assert!(row < self.rows && from + out.len() <= self.columns, "no row {row}, or another width");
        match self.slice(row) {
            Some(slice) => out.iter_mut().zip(&slice[from..]).for_each(|(out, x)| *out = x.widen()),
            None => out.iter_mut().enumerate().for_each(|(i, out)| *out = self.at(row, from + i).widen()),
        }
    }

    #[inline(always)]
    fn write_block(&self, from: usize, to: usize, out: &mut [f64]) {
        if self.column_stride == 1 && self.row_stride == self.columns as isize {
            let start = self.origin + from * self.columns;
            let block = &self.data[start..start + (to - from) * self.columns];
            out.iter_mut().zip(block).for_each(|(out, x)| *out = x.widen());
        } else {
            let rows = (from..to).zip(out.chunks_exact_mut(self.columns));
            rows.for_each(|(row, out)| self.write(row, out));
        }
    }

    #[inline(always)]
    fn read<'a>(&'a self, row: usize, out: &'a mut Vec<f64>) -> &'a [f64] {
        if let Some(slice) = self.slice(row).and_then(T::as_f64) {
            return slice;
        }
        out.set_length(self.columns, 0.0);
        self.write(row, out);
        out
    }

    #[inline(always)]
    fn prefetch<S: Simd>(&self, simd: S, row: usize) {
        if let Some(slice) = self.slice(row) {
            simd.prefetch(&slice[0]);
            simd.prefetch(&slice[slice.len() - 1]);
        }
    }
}

/// N numbers of a slice from a place on, by value.
#[inline(always)]
pub(crate) fn array_at<T: Copy, const N: usize>(numbers: &[T], at: usize) -> [T; N] {
    let (first, _) = numbers[at..].split_first_chunk().expect("so many numbers");
    *first
}
