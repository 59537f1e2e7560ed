//! Drawing rows.

use centra_core::seeding::sampler;
use numpy::{PyReadonlyArray1, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::check::{check_weights, expect, slice};
use crate::threads::{Team, caught};

/// Exact sums of w D, to draw rows from.
#[pyclass(name = "Urn", module = "centra._core")]
pub struct WeightedSampler(pub sampler::WeightedSampler);

#[pymethods]
impl WeightedSampler {
    #[new]
    fn new() -> WeightedSampler {
        WeightedSampler(sampler::WeightedSampler::default())
    }

    /// Sums anew.
    #[pyo3(signature = (team, distances, weights=None))]
    fn fill(
        &mut self,
        py: Python<'_>,
        team: &Team,
        distances: PyReadonlyArray1<f64>,
        weights: Option<PyReadonlyArray1<f64>>,
    ) -> PyResult<()> {
        check_weights(&weights, distances.shape()[0])?;
        let (distances, weights) = (distances.as_slice()?, slice(&weights)?);
        team.run(py, |workers| self.0.fill(workers, weights, distances))
    }

    /// The exact sum of w D, rounded once (infinite where float64 cannot hold it), and for each share the first row at
    /// which the exact running sum reaches `share * sum` (n where none does). `distances` and `weights` are those of
    /// `fill`.
    #[pyo3(signature = (shares, distances, weights=None))]
    fn draw(
        &mut self,
        shares: PyReadonlyArray1<f64>,
        distances: PyReadonlyArray1<f64>,
        weights: Option<PyReadonlyArray1<f64>>,
    ) -> PyResult<(f64, Vec<usize>)> {
        expect("distances", distances.shape(), &[self.0.rows()])?;
        check_weights(&weights, self.0.rows())?;
        let (weights, distances, shares) = (slice(&weights)?, distances.as_slice()?, shares.as_slice()?);
        caught(|| self.0.draw(weights, distances, shares))
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<WeightedSampler>()
}
