//! How far centers may move before a label can change.

use centra_core::prune::hamerly;
use numpy::{PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::check::{check_finite, expect};
use crate::screen::frame::Frame;
use crate::threads::caught;

/// How far centers have moved since rows were first labelled with them.
#[pyclass(name = "Reach", module = "centra._core")]
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
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<CenterDrift>()
}
