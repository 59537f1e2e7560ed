//! Distances of all rows to all centers.

use centra_core::distance::pairwise::{self, Number};
use numpy::{Element, PyArray2, PyArrayMethods, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::check::expect;
use crate::rows::{Matrix, with_rows};
use crate::threads::Team;

/// Euclidean distances of every row to every center, n x k, roots of the reported squared ones; False where the type of
/// `out` does not hold all of them.
#[pyfunction]
fn all_distances(
    workers: &Team,
    matrix: &Matrix,
    centers: PyReadonlyArray2<f64>,
    out: &Bound<'_, PyAny>,
) -> PyResult<bool> {
    // (An enum that derives `FromPyObject` would put the mismatch with its first type into words, which runs Python: a
    // Ctrl-C that comes then is lost.)
    if let Ok(out) = out.cast::<PyArray2<f32>>() {
        write(workers, matrix, &centers, out)
    } else if let Ok(out) = out.cast::<PyArray2<f64>>() {
        write(workers, matrix, &centers, out)
    } else {
        Err(PyTypeError::new_err("expected a two-dimensional array of float32 or float64 for the distances"))
    }
}

fn write<T: Number + Element>(
    workers: &Team,
    matrix: &Matrix,
    centers: &PyReadonlyArray2<f64>,
    out: &Bound<'_, PyArray2<T>>,
) -> PyResult<bool> {
    let (py, isa, mut out) = (out.py(), workers.isa, out.try_readwrite()?);
    let (n, d) = matrix.shape();
    expect("centers", &centers.shape()[1..], &[d])?;
    expect("out", out.shape(), &[n, centers.shape()[0]])?;
    let (centers, out) = (centers.as_slice()?, out.as_slice_mut()?);
    with_rows!(py, matrix, |rows| workers.run(py, |workers| pairwise::all(workers, isa, &rows, centers, out)))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(all_distances, module)?)
}
