//! Exact sums of squares, and of columns.

use centra_core::sums::{cluster_sums, moments as core};
use numpy::PyReadonlyArray1;
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::check::{check_weights, expect, slice};
use crate::pickle::{self, Reduced};
use crate::rows::{Matrix, with_rows};
use crate::sums::cluster_sums::ClusterSums;
use crate::sums::formats::SumFormats;
use crate::threads::{Team, caught};

/// Exact sums of w x^2 and, if asked for, of x.
#[pyclass(frozen, module = "centra._core")]
pub struct Moments(pub core::Moments);

#[pymethods]
impl Moments {
    fn __add__(&self, other: &Moments) -> PyResult<Moments> {
        if !self.0.fits(&other.0) {
            return Err(PyValueError::new_err("the moments of columns that are split in another way"));
        }
        let mut sum = caught(|| self.0.clone())?;
        sum.merge(&other.0);
        Ok(Moments(sum))
    }

    /// Mean over columns of the (unweighted) variances of the rows that weigh something, rounded once. Weights are 0 or
    /// 1. The sums of the columns may be given, as the total of sums of clusters without weights.
    #[pyo3(signature = (sums=None))]
    fn mean_variance(&self, sums: Option<&ClusterSums>) -> PyResult<f64> {
        let variance = self.0.mean_variance(sums.map(|sums| &sums.0));
        let variance = variance.ok_or_else(|| PyValueError::new_err("these moments have no sums of columns"))?;
        if variance.is_infinite() {
            return Err(PyOverflowError::new_err(
                "the variance of X exceeds the largest float64; divide X by a power of two",
            ));
        }
        Ok(variance)
    }

    /// The object of the bytes of a pickle.
    #[classmethod]
    fn from_bytes(_class: &Bound<'_, PyType>, bytes: &[u8]) -> PyResult<Moments> {
        pickle::read::<Moments, _>(bytes).map(Moments)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduce::<Moments>(py, &self.0)
    }
}

/// Exact sums of w x^2 and, where `sums`, of x, over the rows whose weight is not 0.
#[pyfunction]
#[pyo3(signature = (workers, matrix, formats, weights=None, sums=false))]
fn moments(
    py: Python<'_>,
    workers: &Team,
    matrix: &Matrix,
    formats: &SumFormats,
    weights: Option<PyReadonlyArray1<f64>>,
    sums: bool,
) -> PyResult<Moments> {
    let (isa, formats) = (workers.isa, &formats.0);
    expect("the formats", &[formats.ranges.len()], &[matrix.shape().1])?;
    check_weights(&weights, matrix.shape().0)?;
    let weights = slice(&weights)?;
    let none = || cluster_sums::ClusterSums::new(1, formats.unweighted.clone(), None);
    let sums = if sums { Some(caught(none)?) } else { None };
    let moments = with_rows!(py, matrix, |rows| {
        workers.run(py, |workers| core::moments(workers, isa, &rows, weights, &formats.ranges, sums.as_ref()))
    })?;
    Ok(Moments(moments))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Moments>()?;
    module.add_function(wrap_pyfunction!(moments, module)?)
}
