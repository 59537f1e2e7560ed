//! Assignment by blocks of neighbouring rows.

use centra_core::assign::blocks::BlocksSweep;
use numpy::{PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray1, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::assign::counters::as_dict;
use crate::check::{check_finite, check_weights, expect, slice};
use crate::prune::blocks::SpatialBlocks;
use crate::rows::{Matrix, with_rows};
use crate::screen::frame::Frame;
use crate::sums::cluster_sums::{ClusterSums, check_tally};
use crate::threads::Team;

/// Labels every row with its nearest center; labels come in the order of the boxes.
#[pyfunction]
#[pyo3(signature = (team, matrix, centers, frame, boxes, labels, tally=None, weights=None))]
#[allow(clippy::too_many_arguments)]
fn assign_boxes<'py>(
    py: Python<'py>,
    team: &Team,
    matrix: &Matrix,
    centers: PyReadonlyArray2<f64>,
    frame: &Frame,
    boxes: &SpatialBlocks,
    mut labels: PyReadwriteArray1<i32>,
    mut tally: Option<PyRefMut<ClusterSums>>,
    weights: Option<PyReadonlyArray1<f64>>,
) -> PyResult<Bound<'py, PyDict>> {
    let isa = team.isa;
    let (n, d) = matrix.shape();
    expect("the boxes", &[boxes.blocks.order.len(), boxes.blocks.columns()], &[n, d])?;
    expect("centers", &centers.shape()[1..], &[d])?;
    expect("labels", labels.shape(), &[n])?;
    check_weights(&weights, n)?;
    let clusters = centers.shape()[0];
    if clusters == 0 {
        return Err(PyValueError::new_err("there are no centers"));
    }
    if boxes.isa != isa {
        return Err(PyValueError::new_err("the boxes were packed for another instruction set"));
    }
    check_tally((py, team), &tally, &[clusters, d], labels.as_slice()?)?;
    let (weights, centers, labels) = (slice(&weights)?, centers.as_slice()?, labels.as_slice_mut()?);
    check_finite(centers)?;
    let (tally, boxes) = (tally.as_mut().map(|tally| &mut tally.0), &boxes.blocks);
    let counters = with_rows!(py, matrix, |rows| {
        let sweep = BlocksSweep { rows: &rows, weights, labels, frame: &frame.0, blocks: boxes, sums: tally };
        team.run(py, |workers| sweep.run(workers, isa, centers))
    })?;
    as_dict(py, &counters)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(assign_boxes, module)?)
}
