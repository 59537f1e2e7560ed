//! Trials of candidates.

use centra_core::seeding::candidates::Near;
use centra_core::seeding::filters::kept;
use centra_core::seeding::trials::trials;
use numpy::{PyReadonlyArray1, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::check::{check_weights, expect, slice};
use crate::rows::{Matrix, with_rows};
use crate::screen::frame::Frame;
use crate::seeding::candidates::Candidates;
use crate::seeding::gains::Gains;
use crate::seeding::kept::Kept;
use crate::threads::Team;

/// What each candidate would gain from the rows of a block.
#[pyfunction(name = "trials")]
#[pyo3(signature = (
    workers, matrix, frame, candidates, distances, nearest,
    floors, kept=None, weights=None, exactly=false, list_one_in=2
))]
#[allow(clippy::too_many_arguments)]
fn try_candidates(
    py: Python<'_>,
    workers: &Team,
    matrix: &Matrix,
    frame: &Frame,
    candidates: &Candidates,
    distances: PyReadonlyArray1<f64>,
    nearest: PyReadonlyArray1<i32>,
    floors: PyReadonlyArray1<f64>,
    kept: Option<PyRef<'_, Kept>>,
    weights: Option<PyReadonlyArray1<f64>>,
    exactly: bool,
    list_one_in: usize,
) -> PyResult<Gains> {
    let isa = workers.isa;
    let (n, d) = matrix.shape();
    let (prepared, frame) = (&candidates.0, &frame.0);
    let candidates = &prepared.candidates;
    expect("a candidate", &[candidates.columns], &[d])?;
    expect("the frame", &[frame.shift.len()], &[d])?;
    expect("distances", distances.shape(), &[n])?;
    expect("nearest", nearest.shape(), &[n])?;
    let kept = kept.as_ref().map_or(&kept::Kept::None, |kept| &kept.0);
    if !matches!(kept, kept::Kept::Bytes(_)) {
        expect("floors", floors.shape(), &[n])?;
    }
    check_weights(&weights, n)?;
    let (distances, nearest, floors) = (distances.as_slice()?, nearest.as_slice()?, floors.as_slice()?);
    let centers = candidates.quarters.len();
    if centers > 0 && nearest.iter().fold(false, |wrong, &c| wrong | (c as usize >= centers)) {
        return Err(PyValueError::new_err("`nearest` names a centre that was not chosen"));
    }
    let weights = slice(&weights)?;
    let gains = with_rows!(py, matrix, |rows| {
        let near = Near { rows: &rows, weights, distances, nearest, floors, frame, list_one_in };
        workers.run(py, |workers| trials(workers, isa, &near, kept, prepared, exactly))
    })?;
    Ok(Gains(gains))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(try_candidates, module)?)
}
