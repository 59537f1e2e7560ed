//! Several steps of a small fit in one call.

use centra_core::assign::Counters;
use centra_core::assign::steps::{Fit, Until, steps as core};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray1};
use numpy::{PyUntypedArrayMethods, ToPyArray};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::assign::as_dict;
use crate::check::{check_finite, check_weights, expect, slice};
use crate::rows::{Matrix, with_rows};
use crate::screen::frame::Frame;
use crate::screen::packed_rows::PackedRows;
use crate::sums::cluster_sums::{ClusterSums, check_sums};
use crate::sums::incremental::{MeanCache, checked};
use crate::sums::moments::Moments;
use crate::threads::Team;

/// Where the centers went, which of them moved, how far, and the labels that changed and the inertia by then; None
/// where the assignment is left to the caller.
type Step<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray1<bool>>, f64, Option<(u64, f64)>);

/// Updates and assigns in turn, every row against every center, as single calls would. Returns the steps, and what the
/// assignments did in all. It ends before an assignment that may be the last: after `most` updates, one that shifts the
/// centers by no more than `shift`, or when no label changed; and where a cluster is empty.
#[pyfunction]
#[pyo3(signature = (
    workers, matrix, centers, frame, labels, sums, cache, moments, most, shift, weights=None, packed_rows=None
))]
#[allow(clippy::too_many_arguments)]
fn steps<'py>(
    py: Python<'py>,
    workers: &Team,
    matrix: &Matrix,
    centers: PyReadonlyArray2<f64>,
    frame: &Frame,
    mut labels: PyReadwriteArray1<i32>,
    sums: PyRefMut<ClusterSums>,
    mut cache: PyRefMut<MeanCache>,
    moments: &Moments,
    most: usize,
    shift: f64,
    weights: Option<PyReadonlyArray1<f64>>,
    mut packed_rows: Option<PyRefMut<PackedRows>>,
) -> PyResult<(Vec<Step<'py>>, Bound<'py, PyDict>)> {
    let (isa, (n, d), clusters) = (workers.isa, matrix.shape(), centers.shape()[0]);
    expect("centers", &centers.shape()[1..], &[d])?;
    expect("labels", labels.shape(), &[n])?;
    expect("the frame", &[frame.0.shift.len()], &[d])?;
    check_weights(&weights, n)?;
    let mut sums = Some(sums);
    check_sums((py, workers), &sums, &[clusters, d], labels.as_slice()?)?;
    let Some(sums) = &mut sums else { return Ok((Vec::new(), PyDict::new(py))) };
    let (centers, weights, labels) = (centers.as_slice()?, slice(&weights)?, labels.as_slice_mut()?);
    check_finite(centers)?;
    let (sums, cache, squares) = (&mut sums.0, &mut cache.0, &moments.0.squares);
    let packed = packed_rows.as_mut().map(|packed_rows| &mut packed_rows.0);
    let done = with_rows!(py, matrix, |rows| {
        let fit = Fit { rows: &rows, weights, labels, frame: &frame.0, sums, cache, squares, packed };
        workers.run(py, |workers| core((workers, isa), fit, centers, Until { most, shift }))
    })?;
    let mut counters = Counters::default();
    let mut steps = Vec::with_capacity(done.len());
    for step in done {
        let assigned = match step.assigned {
            Some((counts, inertia)) => {
                counters.merge(&counts);
                Some((counts.changed, checked(inertia, &step.centers)?))
            }
            None => None,
        };
        let centers = PyArray1::from_vec(py, step.centers).reshape([clusters, d])?;
        centers.readwrite().make_nonwriteable();
        steps.push((centers, step.moved.to_pyarray(py), step.shift, assigned));
    }
    Ok((steps, as_dict(py, &counters)?))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(steps, module)?)
}
