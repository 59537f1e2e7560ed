//! Exact sums of clusters.

use centra_core::memory::collected;
use centra_core::rows::Dense;
use centra_core::sums::cluster_sums;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::check::{check_labels, expect};
use crate::pickle::{self, Reduced};
use crate::sums::formats::SumFormats;
use crate::threads::{Team, caught};

/// Exact sums of the clusters.
#[pyclass(name = "ClusterSums", module = "centra._core")]
pub struct ClusterSums(pub cluster_sums::ClusterSums);

impl ClusterSums {
    fn check(&self, cluster: usize) -> PyResult<()> {
        if cluster < self.0.clusters() {
            return Ok(());
        }
        Err(PyValueError::new_err(format!("no cluster {cluster}: there are {}", self.0.clusters())))
    }
}

#[pymethods]
impl ClusterSums {
    #[new]
    fn new(clusters: usize, formats: &SumFormats) -> PyResult<ClusterSums> {
        let (rows, weights) = (formats.0.rows.clone(), formats.0.weights.clone());
        caught(|| cluster_sums::ClusterSums::new(clusters, rows, weights)).map(ClusterSums)
    }

    fn copy(&self) -> PyResult<ClusterSums> {
        caught(|| self.0.clone()).map(ClusterSums)
    }

    /// The sums of both, exactly.
    fn __add__(&self, other: &ClusterSums) -> PyResult<ClusterSums> {
        let mut sum = self.copy()?;
        sum.__iadd__(other)?;
        Ok(sum)
    }

    /// Adds other sums, exactly.
    fn __iadd__(&mut self, other: &ClusterSums) -> PyResult<()> {
        if !self.0.fits(&other.0) {
            return Err(PyValueError::new_err("sums of other clusters, or of columns that are split in another way"));
        }
        self.0.merge(&other.0);
        Ok(())
    }

    /// The sums over all clusters, as those of one.
    fn total(&self) -> PyResult<ClusterSums> {
        caught(|| self.0.total()).map(ClusterSums)
    }

    /// Whether the exact sums are the same.
    fn equals(&self, other: &ClusterSums) -> bool {
        self.0.equals(&other.0)
    }

    /// Weights of the clusters, rounded to float64.
    fn weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let weights = caught(|| collected((0..self.0.clusters()).map(|j| self.0.weight(j))))?;
        Ok(weights.into_pyarray(py))
    }

    /// Whether the rows of some cluster weigh nothing.
    fn has_empty(&self) -> bool {
        self.0.has_empty()
    }

    /// The cluster of the largest exact weight, the lowest index of equals.
    fn heaviest(&self) -> usize {
        self.0.heaviest()
    }

    /// Moves a row, given by its values and weight, from one cluster's sums to another's.
    fn relocate(&mut self, row: PyReadonlyArray1<f64>, weight: f64, donor: usize, founded: usize) -> PyResult<()> {
        self.check(donor)?;
        self.check(founded)?;
        let values = row.as_slice()?;
        if values.len() != self.0.columns() {
            return Err(PyValueError::new_err("the row has another number of columns than the sums"));
        }
        let rows = Dense::contiguous(values, 1, values.len()).ok_or_else(|| PyValueError::new_err("no row"))?;
        caught(|| {
            let mut buffer = Vec::new();
            self.0.count(&rows, 0, donor, weight, true, &mut buffer);
            self.0.count(&rows, 0, founded, weight, false, &mut buffer);
        })
    }

    /// The object of the bytes of a pickle.
    #[classmethod]
    fn from_bytes(_class: &Bound<'_, PyType>, bytes: &[u8]) -> PyResult<ClusterSums> {
        pickle::read::<ClusterSums, _>(bytes).map(ClusterSums)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduce::<ClusterSums>(py, &self.0)
    }
}

/// Sums must be of these clusters and columns, and the labels of the rows that it counts among its clusters.
pub fn check_sums(
    (py, workers): (Python<'_>, &Team),
    sums: &Option<PyRefMut<ClusterSums>>,
    shape: &[usize; 2],
    labels: &[i32],
) -> PyResult<()> {
    let Some(sums) = sums else { return Ok(()) };
    expect("the sums", &[sums.0.clusters(), sums.0.columns()], shape)?;
    check_labels((py, workers), labels, shape[0])
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<ClusterSums>()
}
