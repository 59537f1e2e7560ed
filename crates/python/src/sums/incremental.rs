//! Means and inertia of the sums of clusters.

use centra_core::memory::{filled, zeros};
use centra_core::sums::incremental::{self, Update, total};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray2, PyReadwriteArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;

use crate::check::{check_finite, expect};
use crate::sums::cluster_sums::ClusterSums;
use crate::sums::moments::Moments;
use crate::threads::{Team, caught};

/// Means and inertia of sums of clusters: what did not change since they were taken last is not computed again.
#[pyclass(name = "MeanCache", module = "centra._core")]
pub struct MeanCache(pub incremental::MeanCache);

#[pymethods]
impl MeanCache {
    #[new]
    fn new() -> MeanCache {
        MeanCache(incremental::MeanCache::default())
    }

    /// Writes exact means rounded once, k x d; returns which centers moved, and the sum of their squared distances,
    /// rounded once. Clusters of weight zero keep their centers. The centers are those that the last call wrote, and
    /// the sums are the same; or this cache is new.
    fn advance<'py>(
        &mut self,
        py: Python<'py>,
        workers: &Team,
        sums: &ClusterSums,
        centers: PyReadonlyArray2<f64>,
        mut means: PyReadwriteArray2<f64>,
    ) -> PyResult<(Bound<'py, PyArray1<bool>>, f64)> {
        let clusters = sums.0.clusters();
        expect("centers", centers.shape(), &[clusters, sums.0.columns()])?;
        expect("means", means.shape(), centers.shape())?;
        let (isa, centers, means) = (workers.isa, centers.as_slice()?, means.as_slice_mut()?);
        let (mut moved, mut shifts) = caught(|| (filled(false, clusters), zeros(clusters)))?;
        let update = Update { means, moved: &mut moved, shifts: &mut shifts };
        workers.run(py, |workers| self.0.advance((workers, isa), &sums.0, centers, update))?;
        Ok((moved.into_pyarray(py), total(&shifts)))
    }

    /// sum w |x - c|^2, exact, rounded once, for centers as `advance` returned them last, or any if the cache is new.
    fn inertia(
        &mut self,
        py: Python<'_>,
        workers: &Team,
        sums: &ClusterSums,
        moments: &Moments,
        centers: PyReadonlyArray2<f64>,
    ) -> PyResult<f64> {
        expect("centers", centers.shape(), &[sums.0.clusters(), sums.0.columns()])?;
        let (isa, centers) = (workers.isa, centers.as_slice()?);
        let inertia =
            workers.run(py, |workers| self.0.inertia((workers, isa), &sums.0, &moments.0.squares, centers))?;
        checked(inertia, centers)
    }
}

/// An inertia that float64 holds, of centers that are numbers.
pub fn checked(inertia: f64, centers: &[f64]) -> PyResult<f64> {
    if inertia.is_nan() {
        check_finite(centers)?;
    }
    if inertia.is_infinite() {
        return Err(PyOverflowError::new_err("the inertia exceeds the largest float64; divide X by a power of two"));
    }
    Ok(inertia)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<MeanCache>()
}
