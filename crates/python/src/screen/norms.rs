//! The longest row.

use centra_core::screen::norms::max_norm;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::check::expect;
use crate::rows::{Matrix, with_rows};
use crate::screen::frame::Frame;
use crate::threads::Team;

/// An upper bound of the norms of dense rows in a frame.
#[pyfunction(name = "max_norm")]
fn largest_norm(py: Python<'_>, workers: &Team, matrix: &Matrix, frame: &Frame) -> PyResult<f64> {
    let isa = workers.isa;
    expect("the frame", &[frame.0.shift.len()], &[matrix.shape().1])?;
    if matrix.is_sparse() {
        return Err(PyValueError::new_err("sparse rows are not screened in int16"));
    }
    with_rows!(py, matrix, |rows| workers.run(py, |workers| max_norm(workers, isa, &rows, &frame.0)))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(largest_norm, module)?)
}
