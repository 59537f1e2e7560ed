//! Rows in an order in which neighbours lie together.

use centra_core::memory::copied;
use centra_core::prune::blocks;
use centra_core::simd::Isa;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyReadwriteArray1, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::check::expect;
use crate::rows::{Matrix, with_rows};
use crate::screen::frame::Frame;
use crate::sums::column_stats::ColumnStats;
use crate::threads::{Team, caught};

/// Rows of few columns, in an order in which neighbours lie together.
#[pyclass(frozen, name = "SpatialBlocks", module = "centra._core")]
pub struct SpatialBlocks {
    pub blocks: blocks::SpatialBlocks,
    isa: Isa,
}

#[pymethods]
impl SpatialBlocks {
    /// Sorts rows; None where that is of no use (sparse rows, more than four columns).
    #[staticmethod]
    fn sort(
        py: Python<'_>,
        workers: &Team,
        matrix: &Matrix,
        frame: &Frame,
        stats: &ColumnStats,
    ) -> PyResult<Option<SpatialBlocks>> {
        let isa = workers.isa;
        let (_, columns) = matrix.shape();
        expect("the frame", &[frame.0.shift.len()], &[columns])?;
        expect("the column statistics", &[stats.0.low.len()], &[columns])?;
        let corners = (&stats.0.low[..], &stats.0.high[..]);
        let blocks = with_rows!(py, matrix, |rows| {
            workers.run(py, |workers| blocks::SpatialBlocks::new(workers, isa, &rows, &frame.0, corners))
        })?;
        Ok(blocks.map(|blocks| SpatialBlocks { blocks, isa }))
    }

    /// Which row is where.
    #[getter]
    fn order<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<u32>>> {
        Ok(caught(|| copied(&self.blocks.order))?.into_pyarray(py))
    }

    /// Labels in the order of the blocks.
    fn take<'py>(
        &self,
        py: Python<'py>,
        workers: &Team,
        labels: PyReadonlyArray1<i32>,
    ) -> PyResult<Bound<'py, PyArray1<i32>>> {
        let blocks = &self.blocks;
        expect("labels", labels.shape(), &[blocks.order.len()])?;
        let labels = labels.as_slice()?;
        Ok(workers.run(py, |workers| blocks.take(workers, labels))?.into_pyarray(py))
    }

    /// Writes labels in the order of the blocks back to the order of the rows.
    fn put(&self, ordered: PyReadonlyArray1<i32>, mut labels: PyReadwriteArray1<i32>) -> PyResult<()> {
        let order = &self.blocks.order;
        expect("ordered", ordered.shape(), &[order.len()])?;
        expect("labels", labels.shape(), &[order.len()])?;
        let (ordered, labels) = (ordered.as_slice()?, labels.as_slice_mut()?);
        self.blocks.put(ordered, labels);
        Ok(())
    }

    /// Bytes in use.
    #[getter]
    fn nbytes(&self) -> usize {
        self.blocks.bytes()
    }
}

impl SpatialBlocks {
    /// Whether these are of rows like those, packed for this instruction set.
    pub fn check(&self, workers: &Team, matrix: &Matrix) -> PyResult<()> {
        let (n, d) = matrix.shape();
        expect("the blocks", &[self.blocks.order.len(), self.blocks.columns()], &[n, d])?;
        if self.isa != workers.isa {
            return Err(PyValueError::new_err("the blocks were packed for another instruction set"));
        }
        Ok(())
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<SpatialBlocks>()
}
