//! What seeding needs of the core: the urn, trials of candidates, and what rules rows out of them.

use centra_core::rows::Rows;
use centra_core::seeding::candidates::Near;
use centra_core::seeding::filters;
use centra_core::seeding::filters::i8::{Bytes, MOST_COLUMNS};
use centra_core::seeding::filters::kept::Kept as CoreKept;
use centra_core::seeding::filters::prepared::PreparedCandidates;
use centra_core::seeding::gains;
use centra_core::seeding::lower::lower as lower_distances;
use centra_core::seeding::sampler::WeightedSampler;
use centra_core::seeding::trials::trials;
use numpy::{PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray1, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::Frame;
use crate::matrix::{Matrix, with_rows};
use crate::work::{Team, check_finite, check_weights, expect, slice};

/// Exact sums of w D, to draw rows from.
#[pyclass(module = "centra._core")]
struct Urn(WeightedSampler);

#[pymethods]
impl Urn {
    #[new]
    fn new() -> Urn {
        Urn(WeightedSampler::default())
    }

    /// Sums anew.
    #[pyo3(signature = (team, distances, weights=None))]
    fn fill(
        &mut self,
        py: Python<'_>,
        team: &Team,
        distances: PyReadonlyArray1<f64>,
        weights: Option<PyReadonlyArray1<f64>>,
    ) -> PyResult<()> {
        check_weights(&weights, distances.shape()[0])?;
        let (distances, weights) = (distances.as_slice()?, slice(&weights)?);
        team.run(py, |workers| self.0.fill(workers, weights, distances))
    }

    /// The exact sum of w D, rounded once (infinite where float64 cannot hold it), and for each share the first row at which
    /// the exact running sum reaches `share * sum` (n where none does). `distances` and `weights` are those of `fill`.
    #[pyo3(signature = (shares, distances, weights=None))]
    fn draw(
        &mut self,
        shares: PyReadonlyArray1<f64>,
        distances: PyReadonlyArray1<f64>,
        weights: Option<PyReadonlyArray1<f64>>,
    ) -> PyResult<(f64, Vec<usize>)> {
        expect("distances", distances.shape(), &[self.0.rows()])?;
        check_weights(&weights, self.0.rows())?;
        Ok(self.0.draw(slice(&weights)?, distances.as_slice()?, shares.as_slice()?))
    }
}

/// The candidates of a step, made ready to rule out rows by.
#[pyclass(frozen, module = "centra._core")]
struct Candidates(PreparedCandidates);

#[pymethods]
impl Candidates {
    /// `centers`: those chosen so far, to rule out rows by their nearest center; none for doing without.
    #[new]
    fn new(
        team: &Team,
        frame: &Frame,
        sparse: bool,
        places: PyReadonlyArray2<f64>,
        centers: PyReadonlyArray2<f64>,
    ) -> PyResult<Candidates> {
        let columns = frame.0.shift.len();
        if columns == 0 || places.shape()[0] == 0 || places.shape()[1] != columns || centers.shape()[1] != columns {
            return Err(PyValueError::new_err("frame, places and centers must have the same columns"));
        }
        let (places, centers) = (places.as_slice()?, centers.as_slice()?);
        check_finite(places)?;
        Ok(Candidates(PreparedCandidates::new(team.isa, &frame.0, sparse, places, centers)))
    }
}

/// Rows packed for trials, kept between steps.
#[pyclass(module = "centra._core")]
struct Kept(CoreKept);

#[pymethods]
impl Kept {
    #[new]
    fn new() -> Kept {
        Kept(CoreKept::default())
    }

    /// Bytes that a row of so many columns takes when rounded to bytes; None where that is not possible.
    #[staticmethod]
    fn row_bytes(columns: usize) -> Option<usize> {
        (columns <= MOST_COLUMNS).then(|| Bytes::row_bytes(columns))
    }
}

/// What the candidates of a step would gain. Those of two blocks of rows add up.
#[pyclass(frozen, module = "centra._core")]
struct Gains(gains::Gains);

#[pymethods]
impl Gains {
    fn __add__(&self, other: &Gains) -> Gains {
        let mut sum = self.0.clone();
        sum.merge(&other.0);
        Gains(sum)
    }

    /// Rows that passed.
    #[getter]
    fn rows(&self) -> u64 {
        self.0.counts.rows
    }

    /// Distances that turned out no less.
    #[getter]
    fn missed(&self) -> u64 {
        self.0.counts.missed
    }

    /// Rows that their nearest center ruled out.
    #[getter]
    fn skipped(&self) -> u64 {
        self.0.counts.skipped
    }

    /// The candidate that gains most, the first of equals; None where only an exact pass can tell.
    #[pyo3(signature = (distances, weights=None))]
    fn best(
        &self,
        distances: PyReadonlyArray1<f64>,
        weights: Option<PyReadonlyArray1<f64>>,
    ) -> PyResult<Option<usize>> {
        expect("distances", distances.shape(), &[self.0.counts.rows as usize])?;
        check_weights(&weights, distances.shape()[0])?;
        Ok(self.0.best(slice(&weights)?, distances.as_slice()?))
    }

    /// Gives a candidate the rows that it takes, under a label; False where they were too many to be listed.
    #[pyo3(signature = (candidate, label, distances, nearest, urn, weights=None))]
    fn take(
        &self,
        candidate: usize,
        label: i32,
        mut distances: PyReadwriteArray1<f64>,
        mut nearest: PyReadwriteArray1<i32>,
        urn: &mut Urn,
        weights: Option<PyReadonlyArray1<f64>>,
    ) -> PyResult<bool> {
        let rows = [self.0.counts.rows as usize];
        expect("distances", distances.shape(), &rows)?;
        expect("nearest", nearest.shape(), &rows)?;
        expect("the urn", &[urn.0.rows()], &rows)?;
        check_weights(&weights, rows[0])?;
        if candidate >= self.0.count() {
            return Err(PyValueError::new_err(format!("no candidate {candidate}: there are {}", self.0.count())));
        }
        let (distances, nearest) = (distances.as_slice_mut()?, nearest.as_slice_mut()?);
        Ok(self.0.take(candidate, label, slice(&weights)?, distances, nearest, &mut urn.0))
    }
}

/// Lowers the distances to those to a new center where it is nearer, and notes its label there.
#[pyfunction]
fn lower(
    py: Python<'_>,
    team: &Team,
    matrix: &Matrix,
    center: PyReadonlyArray1<f64>,
    label: i32,
    mut distances: PyReadwriteArray1<f64>,
    mut nearest: PyReadwriteArray1<i32>,
) -> PyResult<()> {
    let isa = team.isa;
    let (n, d) = matrix.shape();
    expect("center", center.shape(), &[d])?;
    expect("distances", distances.shape(), &[n])?;
    expect("nearest", nearest.shape(), &[n])?;
    let (center, distances, nearest) = (center.as_slice()?, distances.as_slice_mut()?, nearest.as_slice_mut()?);
    with_rows!(py, matrix, |rows| {
        team.run(py, |workers| lower_distances(workers, isa, &rows, center, label, distances, nearest))
    })
}

/// What each row brings to the filters of trials, and its packed form where that is to be kept.
#[pyfunction]
#[pyo3(signature = (team, matrix, frame, out, kept=None))]
fn floors(
    py: Python<'_>,
    team: &Team,
    matrix: &Matrix,
    frame: &Frame,
    mut out: PyReadwriteArray1<f64>,
    mut kept: Option<PyRefMut<'_, Kept>>,
) -> PyResult<()> {
    let isa = team.isa;
    let (n, d) = matrix.shape();
    expect("the frame", &[frame.0.shift.len()], &[d])?;
    expect("out", out.shape(), &[n])?;
    let out = out.as_slice_mut()?;
    let mut packed = kept.is_some().then(Vec::new);
    with_rows!(py, matrix, |rows| {
        team.run(py, |workers| match rows.is_dense() {
            true => filters::f32::floors(workers, isa, &rows, &frame.0, out, packed.as_mut()),
            false => filters::sparse::floors(workers, isa, &rows, out),
        })
    })?;
    if let (Some(kept), Some(packed)) = (kept.as_mut(), packed.filter(|_| !matrix.is_sparse())) {
        kept.0 = CoreKept::Floats(packed);
    }
    Ok(())
}

/// Keeps dense rows rounded to bytes, which need no floors.
#[pyfunction]
fn round_rows(
    py: Python<'_>,
    team: &Team,
    matrix: &Matrix,
    frame: &Frame,
    mut kept: PyRefMut<'_, Kept>,
) -> PyResult<()> {
    let isa = team.isa;
    expect("the frame", &[frame.0.shift.len()], &[matrix.shape().1])?;
    if matrix.is_sparse() || matrix.shape().1 > MOST_COLUMNS {
        return Err(PyValueError::new_err("only dense rows that are not too wide are rounded to bytes"));
    }
    let bytes = with_rows!(py, matrix, |rows| team.run(py, |workers| Bytes::of(workers, isa, &rows, &frame.0)))?;
    kept.0 = CoreKept::Bytes(bytes);
    Ok(())
}

/// What each candidate would gain; `start` is the number of the first row.
#[pyfunction(name = "trials")]
#[pyo3(signature = (team, matrix, start, frame, candidates, distances, nearest, floors, kept=None, weights=None, exactly=false, list_one_in=2))]
#[allow(clippy::too_many_arguments)]
fn try_candidates(
    py: Python<'_>,
    team: &Team,
    matrix: &Matrix,
    start: usize,
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
    let isa = team.isa;
    let (n, d) = matrix.shape();
    let (prepared, frame) = (&candidates.0, &frame.0);
    let candidates = &prepared.candidates;
    expect("a candidate", &[candidates.columns], &[d])?;
    expect("the frame", &[frame.shift.len()], &[d])?;
    expect("distances", distances.shape(), &[n])?;
    expect("nearest", nearest.shape(), &[n])?;
    let kept = kept.as_ref().map_or(&CoreKept::None, |kept| &kept.0);
    if !matches!(kept, CoreKept::Bytes(_)) {
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
        let list_one_in = list_one_in.max(1);
        let near = Near { rows: &rows, start, weights, distances, nearest, floors, frame, list_one_in };
        team.run(py, |workers| trials(workers, isa, &near, kept, prepared, exactly))
    })?;
    Ok(Gains(gains))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Urn>()?;
    module.add_class::<Candidates>()?;
    module.add_class::<Kept>()?;
    module.add_class::<Gains>()?;
    module.add_function(wrap_pyfunction!(lower, module)?)?;
    module.add_function(wrap_pyfunction!(floors, module)?)?;
    module.add_function(wrap_pyfunction!(round_rows, module)?)?;
    module.add_function(wrap_pyfunction!(try_candidates, module)?)?;
    Ok(())
}
