//! What candidates would gain.

use centra_core::seeding::gains;
use numpy::{PyReadonlyArray1, PyReadwriteArray1, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::check::{check_weights, expect, slice};
use crate::pickle::{self, Reduced};
use crate::seeding::sampler::WeightedSampler;
use crate::threads::caught;

/// What the candidates of a step would gain. Those of two blocks of rows add up.
#[pyclass(frozen, module = "centra._core")]
pub struct Gains(pub gains::Gains);

#[pymethods]
impl Gains {
    fn __add__(&self, other: &Gains) -> PyResult<Gains> {
        expect("gains", &[other.0.count()], &[self.0.count()])?;
        caught(|| Gains(self.0.plus(&other.0)))
    }

    /// Rows that passed.
    #[getter]
    fn rows(&self) -> u64 {
        self.0.counts.rows
    }

    /// Distances that turned out no less.
    #[getter]
    fn missed(&self) -> u64 {
        self.0.counts.missed
    }

    /// Rows that their nearest center ruled out.
    #[getter]
    fn skipped(&self) -> u64 {
        self.0.counts.skipped
    }

    /// Whether the rows that candidates take are listed, by their blocks.
    #[getter]
    fn listed(&self) -> bool {
        self.0.listed()
    }

    /// The candidate that gains most, the first of equals; None where only exact gains can tell.
    fn best(&self) -> Option<usize> {
        self.0.best()
    }

    /// The gains of a block in integers, from its lists.
    #[pyo3(signature = (distances, weights=None))]
    fn exactly(&self, distances: PyReadonlyArray1<f64>, weights: Option<PyReadonlyArray1<f64>>) -> PyResult<Gains> {
        expect("distances", distances.shape(), &[self.0.counts.rows as usize])?;
        check_weights(&weights, distances.shape()[0])?;
        let gains = self.0.exactly(slice(&weights)?, distances.as_slice()?);
        gains.map(Gains).ok_or_else(|| PyValueError::new_err("the rows that candidates take are not listed"))
    }

    /// Gives a candidate the rows of the block that it takes, under a label; False where they are not listed.
    #[pyo3(signature = (candidate, label, distances, nearest, sampler, weights=None))]
    fn take(
        &self,
        candidate: usize,
        label: i32,
        mut distances: PyReadwriteArray1<f64>,
        mut nearest: PyReadwriteArray1<i32>,
        sampler: &mut WeightedSampler,
        weights: Option<PyReadonlyArray1<f64>>,
    ) -> PyResult<bool> {
        let rows = [self.0.counts.rows as usize];
        expect("distances", distances.shape(), &rows)?;
        expect("nearest", nearest.shape(), &rows)?;
        expect("the sampler", &[sampler.0.rows()], &rows)?;
        check_weights(&weights, rows[0])?;
        if candidate >= self.0.count() {
            return Err(PyValueError::new_err(format!("no candidate {candidate}: there are {}", self.0.count())));
        }
        let (distances, nearest) = (distances.as_slice_mut()?, nearest.as_slice_mut()?);
        Ok(self.0.take(candidate, label, slice(&weights)?, distances, nearest, &mut sampler.0))
    }

    /// The object of the bytes of a pickle.
    #[classmethod]
    fn from_bytes(_class: &Bound<'_, PyType>, bytes: &[u8]) -> PyResult<Gains> {
        pickle::read::<Gains, _>(bytes).map(Gains)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduce::<Gains>(py, &self.0)
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Gains>()
}
