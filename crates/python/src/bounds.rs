//! Sweeps that leave out rows whose label stands.

use centra_core::assign::hamerly::HamerlySweep;
use centra_core::prune::hamerly::CenterDrift;
use numpy::{PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray1, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::matrix::{Matrix, with_rows};
use crate::work::{Team, as_dict, check_finite, check_labels, check_tally, check_weights, expect, slice};
use crate::{Cache, Frame, Tally};

/// How far centers have moved since rows were first labelled with them.
#[pyclass(module = "centra._core")]
pub struct Reach(CenterDrift);

#[pymethods]
impl Reach {
    /// For centers from which rows will be labelled.
    #[new]
    fn new(centers: PyReadonlyArray2<f64>) -> PyResult<Reach> {
        let columns = centers.shape()[1];
        if columns == 0 || centers.shape()[0] == 0 {
            return Err(PyValueError::new_err("there are no centers"));
        }
        let centers = centers.as_slice()?;
        check_finite(centers)?;
        Ok(Reach(CenterDrift::new(centers, columns)))
    }

    /// Takes note of where the centers are now; the frame must be the same each time.
    fn advance(&mut self, frame: &Frame, centers: PyReadonlyArray2<f64>) -> PyResult<()> {
        expect("centers", centers.shape(), &[self.0.clusters(), self.0.columns()])?;
        expect("the frame", &[frame.0.shift.len()], &[self.0.columns()])?;
        let centers = centers.as_slice()?;
        check_finite(centers)?;
        self.0.advance(&frame.0, centers);
        Ok(())
    }
}

/// Labels every dense row with its nearest center, looking only at rows whose label may have fallen.
#[pyfunction]
#[pyo3(signature = (team, matrix, centers, frame, reach, labels, expiry, tally=None, weights=None, longest=None, cache=None))]
#[allow(clippy::too_many_arguments)]
fn assign_bounded<'py>(
    py: Python<'py>,
    team: &Team,
    matrix: &Matrix,
    centers: PyReadonlyArray2<f64>,
    frame: &Frame,
    reach: &Reach,
    mut labels: PyReadwriteArray1<i32>,
    mut expiry: PyReadwriteArray1<f32>,
    mut tally: Option<PyRefMut<Tally>>,
    weights: Option<PyReadonlyArray1<f64>>,
    longest: Option<f64>,
    mut cache: Option<PyRefMut<Cache>>,
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
    module.add_class::<Reach>()?;
    module.add_function(wrap_pyfunction!(assign_bounded, module)?)?;
    Ok(())
}
