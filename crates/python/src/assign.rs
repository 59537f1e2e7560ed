//! The nearest center of every row.

use centra_core::assign::{self as core, Assignment, Bounds, By, Counters};
use centra_core::screen::centers::Precision;
use numpy::{PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray1, PyReadwriteArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::check::{check_labels, check_many_finite, check_weights, expect, slice};
use crate::prune::blocks::SpatialBlocks;
use crate::prune::hamerly::CenterDrift;
use crate::rows::{Matrix, with_rows};
use crate::screen::activity::CenterActivity;
use crate::screen::frame::Frame;
use crate::screen::packed_rows::PackedRows;
use crate::sums::cluster_sums::{ClusterSums, check_sums};
use crate::threads::Team;

/// Labels every row with its nearest center; the sums follow. Returns what was done, as counts.
///
/// Rows pass through the filter whose arguments are given: `blocks`, then labels come in their order; `drift` and
/// `bounds`, for dense rows; `activity` and `scores`, for sparse rows; or all of them are scored against all centers.
#[pyfunction]
#[pyo3(signature = (
    workers, matrix, centers, frame, labels, sums=None, weights=None, packed_rows=None, max_norm=None, *,
    int8=false, blocks=None, drift=None, bounds=None, activity=None, scores=None
))]
#[allow(clippy::too_many_arguments)]
fn assign<'py>(
    py: Python<'py>,
    workers: &Team,
    matrix: &Matrix,
    centers: PyReadonlyArray2<f64>,
    frame: &Frame,
    mut labels: PyReadwriteArray1<i32>,
    mut sums: Option<PyRefMut<ClusterSums>>,
    weights: Option<PyReadonlyArray1<f64>>,
    mut packed_rows: Option<PyRefMut<PackedRows>>,
    max_norm: Option<f64>,
    int8: bool,
    blocks: Option<&SpatialBlocks>,
    drift: Option<&CenterDrift>,
    mut bounds: Option<PyReadwriteArray1<f32>>,
    activity: Option<&CenterActivity>,
    mut scores: Option<PyReadwriteArray2<f32>>,
) -> PyResult<Bound<'py, PyDict>> {
    let isa = workers.isa;
    let (n, d) = matrix.shape();
    expect("centers", &centers.shape()[1..], &[d])?;
    expect("labels", labels.shape(), &[n])?;
    expect("the frame", &[frame.0.shift.len()], &[d])?;
    check_weights(&weights, n)?;
    let (clusters, centers) = (centers.shape()[0], centers.as_slice()?);
    if clusters == 0 {
        return Err(PyValueError::new_err("there are no centers"));
    }
    check_sums((py, workers), &sums, &[clusters, d], labels.as_slice()?)?;
    if activity.is_none() {
        check_many_finite(py, workers, centers)?;
    }
    let packed_rows = packed_rows.as_mut().map(|packed_rows| &mut packed_rows.0);
    let precision = match max_norm {
        _ if int8 => Precision::Int8,
        Some(max_norm) => Precision::Int16(max_norm),
        None => Precision::Float32,
    };
    let by = match (blocks, (drift, &mut bounds), (activity, &mut scores)) {
        (None, (None, None), (None, None)) => By::Exhaustive(packed_rows, precision),
        (Some(blocks), (None, None), (None, None)) => {
            blocks.check(workers, matrix)?;
            By::Blocks(&blocks.blocks)
        }
        (None, (Some(drift), Some(bounds)), (None, None)) => {
            expect("the drift", &[drift.0.clusters(), drift.0.columns()], &[clusters, d])?;
            expect("bounds", bounds.shape(), &[n])?;
            if matrix.is_sparse() {
                return Err(PyValueError::new_err("sparse rows have no bounds"));
            }
            // Their gaps are looked up by label; with sums, these have been checked.
            if sums.is_none() {
                check_labels((py, workers), labels.as_slice()?, clusters)?;
            }
            By::Hamerly(Bounds { bounds: bounds.as_slice_mut()?, drift: &drift.0 }, packed_rows, precision)
        }
        (None, (None, None), (Some(activity), Some(scores))) => {
            activity.check(workers, matrix, clusters)?;
            expect("scores", scores.shape(), &[n, 3])?;
            // Their bounds are looked up by label; with sums, these have been checked.
            if sums.is_none() {
                check_labels((py, workers), labels.as_slice()?, clusters)?;
            }
            By::Activity(&activity.activity, &activity.drift, scores.as_slice_mut()?.as_chunks_mut().0)
        }
        _ => {
            return Err(PyValueError::new_err(
                "one filter at most: blocks, or drift with bounds, or activity with scores",
            ));
        }
    };
    let (weights, labels, sums) = (slice(&weights)?, labels.as_slice_mut()?, sums.as_mut().map(|sums| &mut sums.0));
    let counters = with_rows!(py, matrix, |rows| {
        let assignment = Assignment { rows: &rows, weights, labels, frame: &frame.0, centers, sums };
        workers.run(py, |workers| core::assign(workers, isa, assignment, by))
    })?;
    as_dict(py, &counters)
}

/// Counts as Python has them.
pub fn as_dict<'py>(py: Python<'py>, counters: &Counters) -> PyResult<Bound<'py, PyDict>> {
    let counts = PyDict::new(py);
    counts.set_item(intern!(py, "rows"), counters.rows)?;
    counts.set_item(intern!(py, "changed"), counters.changed)?;
    counts.set_item(intern!(py, "examined"), counters.examined)?;
    counts.set_item(intern!(py, "scored"), counters.scored)?;
    counts.set_item(intern!(py, "compared"), counters.compared)?;
    counts.set_item(intern!(py, "repeated"), counters.repeated)?;
    counts.set_item(intern!(py, "listed"), counters.listed)?;
    counts.set_item(intern!(py, "exact"), counters.exact)?;
    Ok(counts)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(assign, module)?)
}
