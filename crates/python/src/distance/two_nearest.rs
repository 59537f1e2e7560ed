//! Rivals of rows, and how wide clusters are towards each other.

use centra_core::distance::two_nearest::{self, Found, Search};
use centra_core::memory::zeros;
use numpy::{
    IntoPyArray, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray1, PyUntypedArrayMethods,
};
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::check::{check_weights, expect, own_labels, slice};
use crate::pickle::{self, Reduced};
use crate::rows::{Matrix, with_rows};
use crate::threads::{Team, caught};

/// Reported squared distances of every row to the center of its label and to the nearest other one, and which that is;
/// if wanted, sums of the rows' shares of the way from their own center to every other.
#[pyfunction(name = "two_nearest")]
#[pyo3(signature = (workers, matrix, centers, labels, own, other, rival, weights=None, shares=false))]
#[allow(clippy::too_many_arguments)]
fn find_two_nearest(
    py: Python<'_>,
    workers: &Team,
    matrix: &Matrix,
    centers: PyReadonlyArray2<f64>,
    labels: PyReadonlyArray1<i32>,
    mut own: PyReadwriteArray1<f64>,
    mut other: PyReadwriteArray1<f64>,
    mut rival: PyReadwriteArray1<i32>,
    weights: Option<PyReadonlyArray1<u32>>,
    shares: bool,
) -> PyResult<Option<Shares>> {
    let isa = workers.isa;
    let (n, d) = matrix.shape();
    expect("centers", &centers.shape()[1..], &[d])?;
    expect("labels", labels.shape(), &[n])?;
    expect("own", own.shape(), &[n])?;
    expect("other", other.shape(), &[n])?;
    expect("rival", rival.shape(), &[n])?;
    check_weights(&weights, n)?;
    let labels = labels.as_slice()?;
    own_labels(labels, centers.shape()[0])?;
    let weights = slice(&weights)?;
    let centers = centers.as_slice()?;
    let (own, other, rival) = (own.as_slice_mut()?, other.as_slice_mut()?, rival.as_slice_mut()?);
    let found = with_rows!(py, matrix, |rows| {
        let search = Search { rows: &rows, centers, labels, weights };
        workers.run(py, |workers| search.run(workers, isa, Found { own, other, rival }, shares))
    })?;
    Ok(found.map(Shares))
}

/// Sums of shares; see `two_nearest`.
#[pyclass(frozen, module = "centra._core")]
struct Shares(two_nearest::Shares);

#[pymethods]
impl Shares {
    /// With those of other rows.
    fn __add__(&self, other: &Shares) -> PyResult<Shares> {
        expect("clusters", &[other.0.weights.len()], &[self.0.weights.len()])?;
        let mut all = caught(|| self.0.clone())?;
        all.merge(&other.0);
        Ok(Shares(all))
    }

    /// Mean and variance of the shares, k x k each: rows of cluster i on the way to center j.
    #[allow(clippy::type_complexity)]
    fn moments<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<f64>>)> {
        let clusters = self.0.weights.len();
        let (mut means, mut variances) = caught(|| (zeros(clusters * clusters), zeros(clusters * clusters)))?;
        for (at, (mean, variance)) in means.iter_mut().zip(&mut variances).enumerate() {
            (*mean, *variance) = self.0.moments(at / clusters, at % clusters);
        }
        let square = |values: Vec<f64>| values.into_pyarray(py).reshape([clusters, clusters]);
        Ok((square(means)?, square(variances)?))
    }

    /// The object of the bytes of a pickle.
    #[classmethod]
    fn from_bytes(_class: &Bound<'_, PyType>, bytes: &[u8]) -> PyResult<Shares> {
        pickle::read::<Shares, _>(bytes).map(Shares)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduce::<Shares>(py, &self.0)
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(find_two_nearest, module)?)?;
    module.add_class::<Shares>()
}
