//! Sweeps over boxes of rows.

use centra_core::assign::blocks::BlocksSweep;
use centra_core::prune::blocks::SpatialBlocks;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray1, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::matrix::{Matrix, with_rows};
use crate::work::{Team, as_dict, check_finite, check_tally, check_weights, expect, slice};
use crate::{Frame, Gate, Tally};

/// Rows of few columns, in an order in which neighbours lie together.
#[pyclass(frozen, module = "centra._core")]
pub struct Boxes {
    boxes: SpatialBlocks,
    isa: centra_core::simd::Isa,
}

#[pymethods]
impl Boxes {
    /// Sorts rows; None where that is of no use (sparse rows, more than four columns).
    #[staticmethod]
    fn sort(py: Python<'_>, team: &Team, matrix: &Matrix, frame: &Frame, gate: &Gate) -> PyResult<Option<Boxes>> {
        let isa = team.isa;
        let (_, columns) = matrix.shape();
        expect("the frame", &[frame.0.shift.len()], &[columns])?;
        expect("the gate", &[gate.0.low.len()], &[columns])?;
        let corners = (&gate.0.low[..], &gate.0.high[..]);
        let boxes = with_rows!(py, matrix, |rows| {
            team.run(py, |workers| SpatialBlocks::new(workers, isa, &rows, &frame.0, corners))
        })?;
        Ok(boxes.map(|boxes| Boxes { boxes, isa }))
    }

    /// Which row is where.
    #[getter]
    fn order<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<u32>> {
        PyArray1::from_slice(py, &self.boxes.order)
    }

    /// Labels in the order of the boxes.
    fn take<'py>(
        &self,
        py: Python<'py>,
        team: &Team,
        labels: PyReadonlyArray1<i32>,
    ) -> PyResult<Bound<'py, PyArray1<i32>>> {
        let boxes = &self.boxes;
        expect("labels", labels.shape(), &[boxes.order.len()])?;
        let labels = labels.as_slice()?;
        Ok(team.run(py, |workers| boxes.take(workers, labels))?.into_pyarray(py))
    }

    /// Writes labels in the order of the boxes back to the order of the rows.
    fn put(&self, boxed: PyReadonlyArray1<i32>, mut labels: PyReadwriteArray1<i32>) -> PyResult<()> {
        let order = &self.boxes.order;
        expect("boxed", boxed.shape(), &[order.len()])?;
        expect("labels", labels.shape(), &[order.len()])?;
        let (boxed, labels) = (boxed.as_slice()?, labels.as_slice_mut()?);
        order.iter().zip(boxed).for_each(|(&row, &label)| labels[row as usize] = label);
        Ok(())
    }

    /// Bytes in use.
    #[getter]
    fn nbytes(&self) -> usize {
        self.boxes.bytes()
    }
}

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
    boxes: &Boxes,
    mut labels: PyReadwriteArray1<i32>,
    mut tally: Option<PyRefMut<Tally>>,
    weights: Option<PyReadonlyArray1<f64>>,
) -> PyResult<Bound<'py, PyDict>> {
    let isa = team.isa;
    let (n, d) = matrix.shape();
    expect("the boxes", &[boxes.boxes.order.len(), boxes.boxes.columns()], &[n, d])?;
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
    let (tally, boxes) = (tally.as_mut().map(|tally| &mut tally.0), &boxes.boxes);
    let counters = with_rows!(py, matrix, |rows| {
        let sweep = BlocksSweep { rows: &rows, weights, labels, frame: &frame.0, blocks: boxes, sums: tally };
        team.run(py, |workers| sweep.run(workers, isa, centers))
    })?;
    as_dict(py, &counters)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Boxes>()?;
    module.add_function(wrap_pyfunction!(assign_boxes, module)?)?;
    Ok(())
}
