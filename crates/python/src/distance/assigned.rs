//! Distances of rows to the center of their label.

use centra_core::distance::assigned;
use numpy::{PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray1, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::check::{expect, own_labels};
use crate::rows::{Matrix, with_rows};
use crate::threads::Team;

/// Reported squared distance of every row to the center of its label.
#[pyfunction]
fn own_distances(
    py: Python<'_>,
    workers: &Team,
    matrix: &Matrix,
    centers: PyReadonlyArray2<f64>,
    labels: PyReadonlyArray1<i32>,
    mut out: PyReadwriteArray1<f64>,
) -> PyResult<()> {
    let isa = workers.isa;
    let (n, d) = matrix.shape();
    expect("centers", &centers.shape()[1..], &[d])?;
    expect("labels", labels.shape(), &[n])?;
    expect("out", out.shape(), &[n])?;
    let labels = labels.as_slice()?;
    own_labels(labels, centers.shape()[0])?;
    let (centers, out) = (centers.as_slice()?, out.as_slice_mut()?);
    with_rows!(py, matrix, |rows| workers
        .run(py, |workers| assigned::distances(workers, isa, &rows, centers, labels, out)))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(own_distances, module)?)
}
