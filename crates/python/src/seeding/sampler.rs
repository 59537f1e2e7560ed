//! Drawing rows.

use centra_core::seeding::sampler;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::check::{check_weights, expect, slice};
use crate::pickle::{self, Reduced};
use crate::threads::{Team, caught};

/// Exact sums of w D, to draw rows from.
#[pyclass(name = "WeightedSampler", module = "centra._core")]
pub struct WeightedSampler(pub sampler::WeightedSampler);

#[pymethods]
impl WeightedSampler {
    #[new]
    fn new() -> WeightedSampler {
        WeightedSampler(sampler::WeightedSampler::default())
    }

    /// Sums anew.
    #[pyo3(signature = (workers, distances, weights=None))]
    fn fill(
        &mut self,
        py: Python<'_>,
        workers: &Team,
        distances: PyReadonlyArray1<f64>,
        weights: Option<PyReadonlyArray1<f64>>,
    ) -> PyResult<()> {
        check_weights(&weights, distances.shape()[0])?;
        let (distances, weights) = (distances.as_slice()?, slice(&weights)?);
        workers.run(py, |workers| self.0.fill(workers, weights, distances))
    }

    /// The exact sum of w D over the rows.
    fn total(&mut self) -> ExactSum {
        ExactSum(self.0.total())
    }

    /// For each value the first row at which the exact running sum, begun at `before`, reaches it; the largest number
    /// where none does. Rows are counted from `first` on; `distances` and `weights` are those of `fill`.
    #[pyo3(signature = (values, before, first, distances, weights=None))]
    fn draw<'py>(
        &mut self,
        py: Python<'py>,
        values: PyReadonlyArray1<f64>,
        before: &ExactSum,
        first: usize,
        distances: PyReadonlyArray1<f64>,
        weights: Option<PyReadonlyArray1<f64>>,
    ) -> PyResult<Bound<'py, PyArray1<isize>>> {
        expect("distances", distances.shape(), &[self.0.rows()])?;
        check_weights(&weights, self.0.rows())?;
        let (weights, distances, values) = (slice(&weights)?, distances.as_slice()?, values.as_slice()?);
        let rows = caught(|| self.0.draw(&before.0, weights, distances, values))?;
        let number = |row: Option<usize>| row.map_or(isize::MAX, |row| (first + row) as isize);
        Ok(rows.into_iter().map(number).collect::<Vec<_>>().into_pyarray(py))
    }
}

/// An exact sum of w D; that of other rows can be added.
#[pyclass(frozen, module = "centra._core")]
pub struct ExactSum(sampler::Total);

#[pymethods]
impl ExactSum {
    #[new]
    fn new() -> ExactSum {
        ExactSum(sampler::Total::default())
    }

    fn __add__(&self, other: &ExactSum) -> ExactSum {
        let mut sum = self.0.clone();
        sum.merge(&other.0);
        ExactSum(sum)
    }

    /// Rounded once; infinite where float64 cannot hold it.
    fn __float__(&self) -> f64 {
        self.0.rounded()
    }

    /// The object of the bytes of a pickle.
    #[classmethod]
    fn from_bytes(_class: &Bound<'_, PyType>, bytes: &[u8]) -> PyResult<ExactSum> {
        pickle::read::<ExactSum, _>(bytes).map(ExactSum)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduce::<ExactSum>(py, &self.0)
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<ExactSum>()?;
    module.add_class::<WeightedSampler>()
}
