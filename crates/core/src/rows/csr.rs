//! Sparse rows: compressed sparse rows, never densified.

use super::{Real, Rows};

/// A column index, int32 or int64, checked to be a column when the matrix is made.
pub trait Index: Copy + PartialOrd + Send + Sync + 'static {
    /// As a position; a negative index becomes larger than any column.
    fn position(self) -> usize;
}

impl Index for i32 {
    #[inline(always)]
    fn position(self) -> usize {
        self as isize as usize
    }
}

impl Index for i64 {
    #[inline(always)]
    fn position(self) -> usize {
        self as usize
    }
}

/// Row i has the values `values[starts[i]..starts[i + 1]]` in the columns `indices[..]`, strictly ascending.
pub struct Csr<'a, T, I> {
    values: &'a [T],
    indices: &'a [I],
    starts: &'a [I],
    columns: usize,
}

impl<'a, T: Real, I: Index> Csr<'a, T, I> {
    /// Checks the structure; the error says what is wrong and where.
    pub fn new(values: &'a [T], indices: &'a [I], starts: &'a [I], columns: usize) -> Result<Self, String> {
        if starts.is_empty() {
            return Err("indptr is empty: it needs one entry more than there are rows".into());
        }
        if starts[0].position() != 0 {
            return Err("indptr does not begin with 0".into());
        }
        if values.len() != indices.len() {
            return Err(format!("there are {} values but {} column indices", values.len(), indices.len()));
        }
        let mut at = 0;
        let valid = starts[1..].iter().all(|start| {
            let from = std::mem::replace(&mut at, start.position());
            from <= at && at <= indices.len() && ascending(&indices[from..at], columns)
        });
        if !valid {
            return Err(wrong(indices, starts, columns));
        }
        Ok(Csr { values, indices, starts, columns })
    }

    /// The stored entries of a row: columns and values.
    #[inline(always)]
    pub(crate) fn stored(&self, row: usize) -> (&[I], &[T]) {
        let range = self.starts[row].position()..self.starts[row + 1].position();
        (&self.indices[range.clone()], &self.values[range])
    }
}

/// Whether these are columns, strictly ascending. Without an early exit, so that it vectorises.
#[inline(always)]
fn ascending<I: Index>(indices: &[I], columns: usize) -> bool {
    let (Some(first), Some(last)) = (indices.first(), indices.last()) else { return true };
    // (Between two columns, what ascends is a column.)
    let steps = indices.iter().zip(&indices[1..]).fold(0, |any, (low, high)| any | (low >= high) as i32);
    (steps == 0) & (first.position() < columns) & (last.position() < columns)
}

/// What is wrong with the structure, and where.
#[cold]
fn wrong<I: Index>(indices: &[I], starts: &[I], columns: usize) -> String {
    for (row, pair) in starts.windows(2).enumerate() {
        let (from, to) = (pair[0].position(), pair[1].position());
        if from > to || to > indices.len() {
            return format!("indptr of row {row} runs from {from} to {to}, with {} entries stored", indices.len());
        }
        let mut last = None;
        for index in &indices[from..to] {
            let column = index.position();
            if column >= columns {
                return format!("row {row} has column index {}, with {columns} columns", column as isize);
            }
            if last.is_some_and(|last| last >= column) {
                return format!("row {row} has unsorted or repeated column indices");
            }
            last = Some(column);
        }
    }
    "its indices change".into()
}

impl<T: Real, I: Index> Rows for Csr<'_, T, I> {
    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn columns(&self) -> usize {
        self.columns
    }

    fn numbers(&self) -> usize {
        self.values.len().div_ceil(self.len().max(1))
    }

    fn is_dense(&self) -> bool {
        false
    }

    #[inline(always)]
    fn entries(&self, row: usize, mut each: impl FnMut(usize, f64)) {
        let (indices, values) = self.stored(row);
        for (index, value) in indices.iter().zip(values) {
            each(index.position(), value.widen());
        }
    }
}
