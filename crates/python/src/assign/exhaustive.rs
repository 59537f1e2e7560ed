//! Assignment of every row.

use centra_core::assign::exhaustive::Sweep;
use numpy::{PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray1, PyReadwriteArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::assign::counters::as_dict;
use crate::check::{check_many_finite, check_weights, expect, slice};
use crate::rows::{Matrix, with_rows};
use crate::screen::activity::CenterActivity;
use crate::screen::frame::Frame;
use crate::screen::packed_rows::PackedRows;
use crate::sums::cluster_sums::{ClusterSums, check_tally};
use crate::threads::Team;

/// Labels every row with its nearest center; the tally follows. Returns what was done, as counts.
#[pyfunction]
#[pyo3(signature = (
    team, matrix, centers, frame, labels, tally=None, weights=None,
    cache=None, longest=None, standing=None, scores=None
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
    standing: Option<&CenterActivity>,
    mut scores: Option<PyReadwriteArray2<f32>>,
) -> PyResult<Bound<'py, PyDict>> {
    let isa = team.isa;
    let (n, d) = matrix.shape();
    expect("centers", &centers.shape()[1..], &[d])?;
    expect("labels", labels.shape(), &[n])?;
    check_weights(&weights, n)?;
    let clusters = centers.shape()[0];
    if clusters == 0 {
        return Err(PyValueError::new_err("there are no centers"));
    }
    check_tally((py, team), &tally, &[clusters, d], labels.as_slice()?)?;
    let weights = slice(&weights)?;
    let (centers, labels) = (centers.as_slice()?, labels.as_slice_mut()?);
    let standing = match (standing, &mut scores) {
        (Some(standing), Some(scores)) => {
            standing.check(team, matrix, clusters)?;
            expect("scores", scores.shape(), &[n, 2])?;
            Some((&standing.0, scores.as_slice_mut()?.as_chunks_mut().0))
        }
        (None, None) => {
            check_many_finite(py, team, centers)?;
            None
        }
        _ => return Err(PyValueError::new_err("centers that stand and scores come together")),
    };
    let (tally, cache) = (tally.as_mut().map(|tally| &mut tally.0), cache.as_mut().map(|cache| &mut cache.0));
    let counters = with_rows!(py, matrix, |rows| {
        let (packed_rows, sums, max_norm, activity) = (cache, tally, longest, standing);
        let sweep = Sweep { rows: &rows, weights, labels, frame: &frame.0, packed_rows, sums, max_norm, activity };
        team.run(py, |workers| sweep.run(workers, isa, centers))
    })?;
    as_dict(py, &counters)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(assign, module)?)
}
