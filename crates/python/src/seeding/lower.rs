//! Distances to the nearest of the centers chosen so far.

use centra_core::seeding::lower::lower as lower_distances;
use numpy::{PyReadonlyArray1, PyReadwriteArray1, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::check::expect;
use crate::rows::{Matrix, with_rows};
use crate::threads::Team;

/// Lowers the distances to those to a new center where it is nearer, and notes its label there.
#[pyfunction]
fn lower(
    py: Python<'_>,
    workers: &Team,
    matrix: &Matrix,
    center: PyReadonlyArray1<f64>,
    label: i32,
    mut distances: PyReadwriteArray1<f64>,
    mut nearest: PyReadwriteArray1<i32>,
) -> PyResult<()> {
    let isa = workers.isa;
    let (n, d) = matrix.shape();
    expect("center", center.shape(), &[d])?;
    expect("distances", distances.shape(), &[n])?;
    expect("nearest", nearest.shape(), &[n])?;
    let (center, distances, nearest) = (center.as_slice()?, distances.as_slice_mut()?, nearest.as_slice_mut()?);
    with_rows!(py, matrix, |rows| {
        workers.run(py, |workers| lower_distances(workers, isa, &rows, center, label, distances, nearest))
    })
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(lower, module)?)
}
