//! The nearest center of every row.

use centra_core::assign::{self as core, Assignment, Bounds, By, Counters};
use numpy::{PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray1, PyReadwriteArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::check::{check_labels, check_many_finite, check_weights, expect, slice};
use crate::prune::blocks::SpatialBlocks;
use crate::prune::hamerly::CenterDrift;
use crate::rows::{Matrix, with_rows};
use crate::screen::activity::CenterActivity;
use crate::screen::frame::Frame;
use crate::screen::packed_rows::PackedRows;
use crate::sums::cluster_sums::{ClusterSums, check_tally};
use crate::threads::Team;

/// Labels every row with its nearest center; the tally follows. Returns what was done, as counts.
///
/// Rows pass through the filter whose arguments are given: `boxes`, then labels come in their order; `reach` and
/// `expiry`, for dense rows; `standing` and `scores`, for sparse rows; or all of them are scored against all centers.
#[pyfunction]
#[pyo3(signature = (
    team, matrix, centers, frame, labels, tally=None, weights=None, *,
    cache=None, longest=None, boxes=None, reach=None, expiry=None, standing=None, scores=None
))]
#[allow(clippy::too_many_arguments)]
fn assign<'py>(
    py: Python<'py>,
    team: &Team,
    matrix: &Matrix,
    centers: PyReadonlyArray2<f64>,
    frame: &Frame,
    mut labels: PyReadwriteArray1<i32>,
    mut tally: Option<PyRefMut<ClusterSums>>,
    weights: Option<PyReadonlyArray1<f64>>,
    mut cache: Option<PyRefMut<PackedRows>>,
    longest: Option<f64>,
    boxes: Option<&SpatialBlocks>,
    reach: Option<&CenterDrift>,
    mut expiry: Option<PyReadwriteArray1<f32>>,
    standing: Option<&CenterActivity>,
    mut scores: Option<PyReadwriteArray2<f32>>,
) -> PyResult<Bound<'py, PyDict>> {
    let isa = team.isa;
    let (n, d) = matrix.shape();
    expect("centers", &centers.shape()[1..], &[d])?;
    expect("labels", labels.shape(), &[n])?;
    expect("the frame", &[frame.0.shift.len()], &[d])?;
    check_weights(&weights, n)?;
    let (clusters, centers) = (centers.shape()[0], centers.as_slice()?);
    if clusters == 0 {
        return Err(PyValueError::new_err("there are no centers"));
    }
    check_tally((py, team), &tally, &[clusters, d], labels.as_slice()?)?;
    if standing.is_none() {
        check_many_finite(py, team, centers)?;
    }
    let packed_rows = cache.as_mut().map(|cache| &mut cache.0);
    let by = match (boxes, (reach, &mut expiry), (standing, &mut scores)) {
        (None, (None, None), (None, None)) => By::Exhaustive(packed_rows, longest),
        (Some(boxes), (None, None), (None, None)) => {
            boxes.check(team, matrix)?;
            By::Blocks(&boxes.blocks)
        }
        (None, (Some(reach), Some(expiry)), (None, None)) => {
            expect("the reach", &[reach.0.clusters(), reach.0.columns()], &[clusters, d])?;
            expect("expiry", expiry.shape(), &[n])?;
            if matrix.is_sparse() {
                return Err(PyValueError::new_err("sparse rows have no bounds"));
            }
            // Their gaps are looked up by label, tally or not.
            check_labels((py, team), labels.as_slice()?, clusters)?;
            By::Hamerly(Bounds { bounds: expiry.as_slice_mut()?, drift: &reach.0 }, packed_rows, longest)
        }
        (None, (None, None), (Some(standing), Some(scores))) => {
            standing.check(team, matrix, clusters)?;
            expect("scores", scores.shape(), &[n, 2])?;
            By::Activity(&standing.0, scores.as_slice_mut()?.as_chunks_mut().0)
        }
        _ => {
            return Err(PyValueError::new_err(
                "one filter at most: boxes, or reach with expiry, or standing with scores",
            ));
        }
    };
    let (weights, labels, sums) = (slice(&weights)?, labels.as_slice_mut()?, tally.as_mut().map(|tally| &mut tally.0));
    let counters = with_rows!(py, matrix, |rows| {
        let assignment = Assignment { rows: &rows, weights, labels, frame: &frame.0, centers, sums };
        team.run(py, |workers| core::assign(workers, isa, assignment, by))
    })?;
    as_dict(py, &counters)
}

/// Counts as Python has them.
fn as_dict<'py>(py: Python<'py>, counters: &Counters) -> PyResult<Bound<'py, PyDict>> {
    let counts = PyDict::new(py);
    counts.set_item("rows", counters.rows)?;
    counts.set_item("changed", counters.changed)?;
    counts.set_item("examined", counters.examined)?;
    counts.set_item("scored", counters.scored)?;
    counts.set_item("compared", counters.compared)?;
    counts.set_item("repeated", counters.repeated)?;
    counts.set_item("exact", counters.exact)?;
    Ok(counts)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(assign, module)?)
}
