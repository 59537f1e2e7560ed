//! The first pass over rows.

use centra_core::memory::copied;
use centra_core::sums::column_stats;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::check::expect;
use crate::pickle::{self, Reduced};
use crate::rows::{Matrix, with_rows};
use crate::threads::{Team, caught};

/// What the first pass over rows found; those of two blocks add up.
#[pyclass(frozen, name = "ColumnStats", module = "centra._core")]
pub struct ColumnStats(pub column_stats::ColumnStats);

#[pymethods]
impl ColumnStats {
    #[getter]
    fn rows(&self) -> u64 {
        self.0.rows
    }

    /// (row, column) of the first entry that is not finite.
    #[getter]
    fn bad(&self) -> Option<(usize, usize)> {
        self.0.bad
    }

    #[getter]
    fn low<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(caught(|| copied(&self.0.low))?.into_pyarray(py))
    }

    #[getter]
    fn high<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(caught(|| copied(&self.0.high))?.into_pyarray(py))
    }

    /// Whether outliers may have pulled the mean of a column away from most rows.
    #[getter]
    fn pulled(&self) -> bool {
        self.0.is_pulled()
    }

    /// Whether all centers lie in the box of the rows.
    fn holds(&self, py: Python<'_>, workers: &Team, centers: PyReadonlyArray2<f64>) -> PyResult<bool> {
        expect("centers", &centers.shape()[1..], &[self.0.low.len()])?;
        let centers = centers.as_slice()?;
        workers.run(py, |workers| self.0.holds(workers, centers))
    }

    fn __add__(&self, other: &ColumnStats) -> PyResult<ColumnStats> {
        if !self.0.fits(&other.0) {
            return Err(PyValueError::new_err("the statistics of rows with another number of columns"));
        }
        let mut sum = caught(|| self.0.clone())?;
        sum.merge(&other.0);
        Ok(ColumnStats(sum))
    }

    /// The object of the bytes of a pickle.
    #[classmethod]
    fn from_bytes(_class: &Bound<'_, PyType>, bytes: &[u8]) -> PyResult<ColumnStats> {
        pickle::read::<ColumnStats, _>(bytes).map(ColumnStats)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduce::<ColumnStats>(py, &self.0)
    }
}

/// The first pass over rows. Without `sums` there are no formats for exact ones.
#[pyfunction(name = "column_stats")]
#[pyo3(signature = (workers, matrix, sums=true))]
fn pass(py: Python<'_>, workers: &Team, matrix: &Matrix, sums: bool) -> PyResult<ColumnStats> {
    let isa = workers.isa;
    with_rows!(py, matrix, |rows| workers
        .run(py, |workers| column_stats::ColumnStats::pass(workers, isa, &rows, sums))
        .map(ColumnStats))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<ColumnStats>()?;
    module.add_function(wrap_pyfunction!(pass, module)?)
}
