//! Distances of all rows to all centers.

use centra_core::distance::pairwise;
use numpy::{PyReadonlyArray2, PyReadwriteArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::check::expect;
use crate::rows::{Matrix, with_rows};
use crate::threads::Team;

/// Where distances go.
#[derive(FromPyObject)]
enum Distances<'py> {
    Single(PyReadwriteArray2<'py, f32>),
    Double(PyReadwriteArray2<'py, f64>),
}

/// Euclidean distances of every row to every center, n x k, roots of the reported squared ones; False where the type of
/// `out` does not hold all of them.
#[pyfunction]
fn all_distances(
    py: Python<'_>,
    workers: &Team,
    matrix: &Matrix,
    centers: PyReadonlyArray2<f64>,
    out: Distances<'_>,
) -> PyResult<bool> {
    let isa = workers.isa;
    let (n, d) = matrix.shape();
    let shape = [n, centers.shape()[0]];
    expect("centers", &centers.shape()[1..], &[d])?;
    let centers = centers.as_slice()?;
    match out {
        Distances::Single(mut out) => {
            expect("out", out.shape(), &shape)?;
            let out = out.as_slice_mut()?;
            with_rows!(py, matrix, |rows| workers.run(py, |workers| pairwise::all(workers, isa, &rows, centers, out)))
        }
        Distances::Double(mut out) => {
            expect("out", out.shape(), &shape)?;
            let out = out.as_slice_mut()?;
            with_rows!(py, matrix, |rows| workers.run(py, |workers| pairwise::all(workers, isa, &rows, centers, out)))
        }
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(all_distances, module)?)
}
