//! How exact sums are split into limbs.

use centra_core::sums::formats;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::pickle::{self, Reduced};
use crate::sums::column_stats::ColumnStats;
use crate::threads::caught;

/// How columns are split into limbs, for rows (and weights) that passed over these columns.
#[pyclass(frozen, name = "SumFormats", module = "centra._core")]
pub struct SumFormats(pub formats::SumFormats);

#[pymethods]
impl SumFormats {
    #[new]
    #[pyo3(signature = (stats, weights=None))]
    fn new(stats: &ColumnStats, weights: Option<&ColumnStats>) -> PyResult<SumFormats> {
        let formats = caught(|| formats::SumFormats::new(&stats.0, weights.map(|weights| &weights.0)))?;
        formats.map(SumFormats).ok_or_else(|| PyValueError::new_err("the rows were passed over without sums"))
    }

    /// Largest number of limbs of a column.
    #[getter]
    fn limbs(&self) -> usize {
        self.0.rows.depth()
    }

    /// The object of the bytes of a pickle.
    #[classmethod]
    fn from_bytes(_class: &Bound<'_, PyType>, bytes: &[u8]) -> PyResult<SumFormats> {
        pickle::read::<SumFormats, _>(bytes).map(SumFormats)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduce::<SumFormats>(py, &self.0)
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<SumFormats>()
}
