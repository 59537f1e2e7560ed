//! How far centers may move before a label can change.

use centra_core::prune::hamerly;
use numpy::{PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::check::{check_finite, expect};
use crate::pickle::{self, Reduced};
use crate::screen::frame::Frame;
use crate::threads::caught;

/// How far centers have moved since rows were first labelled with them.
#[pyclass(name = "CenterDrift", module = "centra._core")]
pub struct CenterDrift(pub hamerly::CenterDrift);

#[pymethods]
impl CenterDrift {
    /// For centers from which rows will be labelled.
    #[new]
    fn new(centers: PyReadonlyArray2<f64>) -> PyResult<CenterDrift> {
        let columns = centers.shape()[1];
        if columns == 0 || centers.shape()[0] == 0 {
            return Err(PyValueError::new_err("there are no centers"));
        }
        let centers = centers.as_slice()?;
        check_finite(centers)?;
        caught(|| hamerly::CenterDrift::new(centers, columns)).map(CenterDrift)
    }

    /// Takes note of where the centers are now; the frame must be the same each time.
    fn advance(&mut self, frame: &Frame, centers: PyReadonlyArray2<f64>) -> PyResult<()> {
        expect("centers", centers.shape(), &[self.0.clusters(), self.0.columns()])?;
        expect("the frame", &[frame.0.shift.len()], &[self.0.columns()])?;
        let centers = centers.as_slice()?;
        check_finite(centers)?;
        caught(|| self.0.advance(&frame.0, centers))
    }

    /// The object of the bytes of a pickle.
    #[classmethod]
    fn from_bytes(_class: &Bound<'_, PyType>, bytes: &[u8]) -> PyResult<CenterDrift> {
        pickle::read::<CenterDrift, _>(bytes).map(CenterDrift)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduce::<CenterDrift>(py, &self.0)
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<CenterDrift>()
}
