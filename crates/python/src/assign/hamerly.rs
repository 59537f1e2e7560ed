//! Assignment of the rows whose label may have changed.

use centra_core::assign::hamerly::HamerlySweep;
use numpy::{PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray1, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::assign::counters::as_dict;
use crate::check::{check_finite, check_labels, check_weights, expect, slice};
use crate::prune::hamerly::CenterDrift;
use crate::rows::{Matrix, with_rows};
use crate::screen::frame::Frame;
use crate::screen::packed_rows::PackedRows;
use crate::sums::cluster_sums::{ClusterSums, check_tally};
use crate::threads::Team;

/// Labels every dense row with its nearest center, looking only at rows whose label may have fallen.
#[pyfunction]
#[pyo3(signature = (
    team, matrix, centers, frame, reach, labels, expiry,
    tally=None, weights=None, longest=None, cache=None
))]
#[allow(clippy::too_many_arguments)]
fn assign_bounded<'py>(
    py: Python<'py>,
    team: &Team,
    matrix: &Matrix,
    centers: PyReadonlyArray2<f64>,
    frame: &Frame,
    reach: &CenterDrift,
    mut labels: PyReadwriteArray1<i32>,
    mut expiry: PyReadwriteArray1<f32>,
    mut tally: Option<PyRefMut<ClusterSums>>,
    weights: Option<PyReadonlyArray1<f64>>,
    longest: Option<f64>,
    mut cache: Option<PyRefMut<PackedRows>>,
) -> PyResult<Bound<'py, PyDict>> {
    let isa = team.isa;
    let (n, d) = matrix.shape();
    let clusters = reach.0.clusters();
    expect("centers", centers.shape(), &[clusters, d])?;
    expect("the reach", &[reach.0.columns()], &[d])?;
    expect("labels", labels.shape(), &[n])?;
    expect("expiry", expiry.shape(), &[n])?;
    check_weights(&weights, n)?;
    if matrix.is_sparse() {
        return Err(PyValueError::new_err("sparse rows have no bounds"));
    }
    match tally {
        // Their gaps are looked up by label too.
        None => check_labels((py, team), labels.as_slice()?, clusters)?,
        Some(_) => check_tally((py, team), &tally, &[clusters, d], labels.as_slice()?)?,
    }
    let (weights, centers) = (slice(&weights)?, centers.as_slice()?);
    let (labels, expiry) = (labels.as_slice_mut()?, expiry.as_slice_mut()?);
    check_finite(centers)?;
    let (tally, reach) = (tally.as_mut().map(|tally| &mut tally.0), &reach.0);
    let mut cache = cache.as_mut().map(|cache| &mut cache.0);
    let counters = with_rows!(py, matrix, |rows| {
        let sweep = HamerlySweep {
            rows: &rows,
            weights,
            labels,
            bounds: expiry,
            drift: reach,
            frame: &frame.0,
            sums: tally,
            max_norm: longest,
            packed_rows: cache.take(),
        };
        team.run(py, |workers| sweep.run(workers, isa, centers))
    })?;
    as_dict(py, &counters)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(assign_bounded, module)?)
}
