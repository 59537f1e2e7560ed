//! Where low precision puts its origin, and its unit.

use centra_core::screen::frame;
use numpy::{PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::pickle::{self, Reduced};
use crate::sums::column_stats::ColumnStats;
use crate::threads::caught;

/// Origin and unit of the float32 filter: no result depends on them.
#[pyclass(frozen, module = "centra._core")]
pub struct Frame(pub frame::Frame);

#[pymethods]
impl Frame {
    /// For rows with these column statistics, and for centers like these; sparse rows keep their origin at zero. Where
    /// outliers pull means away, some of the rows tell where most of them lie.
    #[new]
    #[pyo3(signature = (stats, centers, sparse, some = None))]
    fn new(
        stats: &ColumnStats,
        centers: PyReadonlyArray2<f64>,
        sparse: bool,
        some: Option<PyReadonlyArray2<f64>>,
    ) -> PyResult<Frame> {
        let columns = stats.0.low.len();
        if centers.shape()[1] != columns || some.as_ref().is_some_and(|some| some.shape()[1] != columns) {
            return Err(PyValueError::new_err("the centres have another number of columns than the rows"));
        }
        let (centers, some) = (centers.as_slice()?, some.as_ref().map_or(Ok(&[][..]), |some| some.as_slice())?);
        caught(|| frame::Frame::of(&stats.0, centers, sparse, some)).map(Frame)
    }

    /// The object of the bytes of a pickle.
    #[classmethod]
    fn from_bytes(_class: &Bound<'_, PyType>, bytes: &[u8]) -> PyResult<Frame> {
        pickle::read::<Frame, _>(bytes).map(Frame)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduce::<Frame>(py, &self.0)
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Frame>()
}
