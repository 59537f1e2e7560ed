//! Calls that pass over rows: without the GIL, asking for Ctrl-C now and then, never letting a panic through.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use centra_core::assign::exhaustive::Sweep;
use centra_core::assign::worker::Counters;
use centra_core::distance::assigned;
use centra_core::distance::pairwise;
use centra_core::screen::norms::max_norm;
use centra_core::simd::Isa;
use centra_core::sums::cluster_sums::ClusterSums;
use centra_core::sums::column_stats::ColumnStats;
use centra_core::sums::moments::moments as moments_of;
use centra_core::sums::relabel::are_labels;
use centra_core::threads::{self, Interrupted, Workers};
use numpy::{
    IntoPyArray, PyArray1, PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray1, PyReadwriteArray2,
    PyUntypedArrayMethods,
};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::matrix::{Matrix, with_rows};
use crate::standing::Standing;
use crate::{Cache, Frame, Gate, Moments, Plan, Tally};

/// How many threads work, with which instruction set. No result depends on either.
#[pyclass(frozen, module = "centra._core")]
pub struct Team {
    threads: usize,
    pub isa: Isa,
}

#[pymethods]
impl Team {
    /// `isa` is "scalar", "avx2", "avx512", "amx" or None for the best that there is.
    #[new]
    #[pyo3(signature = (n_threads, isa=None))]
    fn new(n_threads: usize, isa: Option<&str>) -> PyResult<Team> {
        let isa = match isa {
            None => Isa::best(),
            Some(name) => match Isa::named(name) {
                Some(isa) if isa.available() => isa,
                Some(_) => return Err(PyValueError::new_err(format!("this machine does not have {name}"))),
                None => {
                    return Err(PyValueError::new_err(format!(
                        "unknown instruction set '{name}': use scalar, avx2, avx512 or amx"
                    )));
                }
            },
        };
        Ok(Team { threads: n_threads.clamp(1, threads::MOST), isa })
    }

    /// How many may work: no more than are ever started.
    #[getter]
    fn n_threads(&self) -> usize {
        self.threads
    }

    #[getter]
    fn isa(&self) -> &'static str {
        self.isa.name()
    }

    /// Instruction sets of this machine.
    #[staticmethod]
    fn available() -> Vec<&'static str> {
        Isa::ALL.iter().filter(|isa| isa.available()).map(|isa| isa.name()).collect()
    }

    /// Processors that this process may use: affinity and cgroup quota are counted.
    #[staticmethod]
    fn processors() -> usize {
        std::thread::available_parallelism().map_or(1, |count| count.get())
    }
}

impl Team {
    /// Runs `work` without the GIL; Ctrl-C raises what the signal handler raised, a panic becomes a RuntimeError.
    pub fn run<T: Send>(
        &self,
        py: Python<'_>,
        work: impl Send + FnOnce(&Workers) -> Result<T, Interrupted>,
    ) -> PyResult<T> {
        let (threads, raised) = (self.threads, std::sync::Mutex::new(None));
        let done = py.detach(|| {
            let signal = RefCell::new(None);
            let pulse = || match Python::attach(|py| py.check_signals()) {
                Ok(()) => true,
                Err(error) => {
                    *signal.borrow_mut() = Some(error);
                    false
                }
            };
            let done = catch_unwind(AssertUnwindSafe(|| work(&Workers::new(threads, &pulse))));
            if let Ok(mut raised) = raised.lock() {
                *raised = signal.into_inner();
            }
            done
        });
        match done {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(Interrupted)) => {
                Err(raised.into_inner().ok().flatten().unwrap_or_else(|| PyRuntimeError::new_err("interrupted")))
            }
            Err(panic) => Err(internal(panic)),
        }
    }
}

fn internal(panic: Box<dyn Any + Send>) -> PyErr {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    PyRuntimeError::new_err(format!("centra's compiled core failed, which is a bug; please report it: {text}"))
}

pub fn expect(what: &str, found: &[usize], wanted: &[usize]) -> PyResult<()> {
    if found == wanted {
        return Ok(());
    }
    Err(PyValueError::new_err(format!("{what} has shape {found:?}, expected {wanted:?}")))
}

/// Centers must be numbers: a NaN would be nearest to nothing.
pub fn check_finite(centers: &[f64]) -> PyResult<()> {
    if are_finite(centers) {
        return Ok(());
    }
    Err(PyValueError::new_err("the centers contain NaN or infinity"))
}

/// The same by many threads: centers of sparse rows may be as large as the rows, and are looked at in every sweep.
pub fn check_many_finite(py: Python<'_>, team: &Team, centers: &[f64]) -> PyResult<()> {
    if team.run(py, |workers| workers.all(centers, 1 << 14, are_finite))? { Ok(()) } else { check_finite(centers) }
}

fn are_finite(numbers: &[f64]) -> bool {
    numbers.iter().fold(true, |all, c| all & c.is_finite())
}

/// A tally must be of these clusters and columns, and the labels of the rows that it counts among its clusters.
pub fn check_tally(
    (py, team): (Python<'_>, &Team),
    tally: &Option<PyRefMut<Tally>>,
    shape: &[usize; 2],
    labels: &[i32],
) -> PyResult<()> {
    let Some(tally) = tally else { return Ok(()) };
    expect("the tally", &[tally.0.clusters(), tally.0.columns()], shape)?;
    check_labels((py, team), labels, shape[0])
}

/// Labels must be those of clusters, or negative.
pub fn check_labels((py, team): (Python<'_>, &Team), labels: &[i32], clusters: usize) -> PyResult<()> {
    if team.run(py, |workers| are_labels(workers, team.isa, labels, clusters))? {
        return Ok(());
    }
    Err(PyValueError::new_err("a label is not that of a cluster of the tally"))
}

pub fn check_weights(weights: &Option<PyReadonlyArray1<f64>>, rows: usize) -> PyResult<()> {
    weights.as_ref().map_or(Ok(()), |weights| expect("weights", weights.shape(), &[rows]))
}

/// The numbers of an argument that may be left out.
pub fn slice<'a>(weights: &'a Option<PyReadonlyArray1<f64>>) -> PyResult<Option<&'a [f64]>> {
    Ok(weights.as_ref().map(|weights| weights.as_slice()).transpose()?)
}

/// The first pass over rows. Without `sums` there is no plan for them.
#[pyfunction]
#[pyo3(signature = (team, matrix, sums=true))]
fn pass_gate(py: Python<'_>, team: &Team, matrix: &Matrix, sums: bool) -> PyResult<Gate> {
    let isa = team.isa;
    with_rows!(py, matrix, |rows| team.run(py, |workers| ColumnStats::pass(workers, isa, &rows, sums)).map(Gate))
}

/// Exact sums of w x^2 and, where `sums`, of x, over the rows whose weight is not 0.
#[pyfunction]
#[pyo3(signature = (team, matrix, plan, weights=None, sums=false))]
fn moments(
    py: Python<'_>,
    team: &Team,
    matrix: &Matrix,
    plan: &Plan,
    weights: Option<PyReadonlyArray1<f64>>,
    sums: bool,
) -> PyResult<Moments> {
    let isa = team.isa;
    let (n, _) = matrix.shape();
    check_weights(&weights, n)?;
    let weights = slice(&weights)?;
    let sums = sums.then(|| ClusterSums::new(1, plan.plain.clone(), None));
    let (squares, sums) = with_rows!(py, matrix, |rows| {
        team.run(py, |workers| moments_of(workers, isa, &rows, weights, &plan.ranges, sums.as_ref()))
    })?;
    let rows = weights.map_or(n, |weights| weights.iter().filter(|weight| **weight != 0.0).count());
    Ok(Moments { squares, sums, rows: rows as u64 })
}

/// An upper bound of the norms of dense rows in a frame.
#[pyfunction]
fn longest(py: Python<'_>, team: &Team, matrix: &Matrix, frame: &Frame) -> PyResult<f64> {
    let isa = team.isa;
    expect("the frame", &[frame.0.shift.len()], &[matrix.shape().1])?;
    if matrix.is_sparse() {
        return Err(PyValueError::new_err("sparse rows are not screened in int16"));
    }
    with_rows!(py, matrix, |rows| team.run(py, |workers| max_norm(workers, isa, &rows, &frame.0)))
}

/// Labels every row with its nearest center; the tally follows. Returns what was done, as counts, and, if centers near these
/// are given, the rows that may have another nearest center among those.
#[pyfunction]
#[pyo3(signature = (team, matrix, centers, frame, labels, tally=None, weights=None, cache=None, nearby=None, longest=None, standing=None, scores=None))]
#[allow(clippy::too_many_arguments, clippy::type_complexity)]
fn assign<'py>(
    py: Python<'py>,
    team: &Team,
    matrix: &Matrix,
    centers: PyReadonlyArray2<f64>,
    frame: &Frame,
    mut labels: PyReadwriteArray1<i32>,
    mut tally: Option<PyRefMut<Tally>>,
    weights: Option<PyReadonlyArray1<f64>>,
    mut cache: Option<PyRefMut<Cache>>,
    nearby: Option<PyReadonlyArray2<f64>>,
    longest: Option<f64>,
    standing: Option<&Standing>,
    mut scores: Option<PyReadwriteArray2<f32>>,
) -> PyResult<(Bound<'py, PyDict>, Option<Bound<'py, PyArray1<u32>>>)> {
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
    let (centers_shape, weights) = (centers.shape(), slice(&weights)?);
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
    if let Some(nearby) = &nearby {
        expect("nearby", nearby.shape(), centers_shape)?;
        check_many_finite(py, team, nearby.as_slice()?)?;
        if n > u32::MAX as usize {
            return Err(PyValueError::new_err("too many rows to list the doubtful ones"));
        }
    }
    let (tally, cache) = (tally.as_mut().map(|tally| &mut tally.0), cache.as_mut().map(|cache| &mut cache.0));
    let others = nearby.as_ref().map(|nearby| nearby.as_slice()).transpose()?;
    let mut doubtful = Vec::new();
    let counters = with_rows!(py, matrix, |rows| {
        let nearby = others.map(|others| (others, &mut doubtful));
        let (packed_rows, sums, max_norm, activity) = (cache, tally, longest, standing);
        let sweep =
            Sweep { rows: &rows, weights, labels, frame: &frame.0, packed_rows, sums, nearby, max_norm, activity };
        team.run(py, |workers| sweep.run(workers, isa, centers))
    })?;
    let doubtful = others.map(|_| doubtful.into_pyarray(py));
    Ok((as_dict(py, &counters)?, doubtful))
}

/// Counts as Python has them.
pub fn as_dict<'py>(py: Python<'py>, counters: &Counters) -> PyResult<Bound<'py, PyDict>> {
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

/// Reported squared distance of every row to the center of its label.
#[pyfunction]
fn own_distances(
    py: Python<'_>,
    team: &Team,
    matrix: &Matrix,
    centers: PyReadonlyArray2<f64>,
    labels: PyReadonlyArray1<i32>,
    mut out: PyReadwriteArray1<f64>,
) -> PyResult<()> {
    let isa = team.isa;
    let (n, d) = matrix.shape();
    expect("centers", &centers.shape()[1..], &[d])?;
    expect("labels", labels.shape(), &[n])?;
    expect("out", out.shape(), &[n])?;
    let labels = labels.as_slice()?;
    own_labels(labels, centers.shape()[0])?;
    let (centers, out) = (centers.as_slice()?, out.as_slice_mut()?);
    with_rows!(py, matrix, |rows| team
        .run(py, |workers| assigned::distances(workers, isa, &rows, centers, labels, out)))
}

/// Where distances go.
#[derive(FromPyObject)]
enum Distances<'py> {
    Single(PyReadwriteArray2<'py, f32>),
    Double(PyReadwriteArray2<'py, f64>),
}

/// Euclidean distances of every row to every center, n x k, roots of the reported squared ones; False where the type of `out` does not
/// hold all of them.
#[pyfunction]
fn all_distances(
    py: Python<'_>,
    team: &Team,
    matrix: &Matrix,
    centers: PyReadonlyArray2<f64>,
    out: Distances<'_>,
) -> PyResult<bool> {
    let isa = team.isa;
    let (n, d) = matrix.shape();
    let shape = [n, centers.shape()[0]];
    expect("centers", &centers.shape()[1..], &[d])?;
    let centers = centers.as_slice()?;
    match out {
        Distances::Single(mut out) => {
            expect("out", out.shape(), &shape)?;
            let out = out.as_slice_mut()?;
            with_rows!(py, matrix, |rows| team.run(py, |workers| pairwise::all(workers, isa, &rows, centers, out)))
        }
        Distances::Double(mut out) => {
            expect("out", out.shape(), &shape)?;
            let out = out.as_slice_mut()?;
            with_rows!(py, matrix, |rows| team.run(py, |workers| pairwise::all(workers, isa, &rows, centers, out)))
        }
    }
}

/// Refuses labels that are no center's.
pub fn own_labels(labels: &[i32], clusters: usize) -> PyResult<()> {
    if labels.iter().any(|&label| label < 0 || label as usize >= clusters) {
        return Err(PyValueError::new_err("a label is not that of a centre"));
    }
    Ok(())
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(pass_gate, module)?)?;
    module.add_function(wrap_pyfunction!(moments, module)?)?;
    module.add_function(wrap_pyfunction!(longest, module)?)?;
    module.add_function(wrap_pyfunction!(assign, module)?)?;
    module.add_function(wrap_pyfunction!(own_distances, module)?)?;
    module.add_function(wrap_pyfunction!(all_distances, module)?)?;
    Ok(())
}
