//! The binding: borrows NumPy arrays, lets go of the GIL, maps errors. Names only; the work is in `centra-core`.

mod bounds;
mod boxes;
mod matrix;
mod rivals;
mod seeding;
mod standing;
mod work;

use std::sync::Arc;

use centra_core::exact::fixed_point::{FixedPointFormat, Range};
use centra_core::exact::superaccumulator::Superaccumulator;
use centra_core::rows::Dense;
use centra_core::screen::frame::Frame as CoreFrame;
use centra_core::screen::kernel::i16::Layout;
use centra_core::screen::packed_rows::PackedRows;
use centra_core::simd::Isa;
use centra_core::sums::cluster_sums::ClusterSums;
use centra_core::sums::column_stats::ColumnStats;
use centra_core::sums::incremental::{MeanCache, Update};
use centra_core::sums::moments::mean_variance;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray2, PyUntypedArrayMethods};
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;

use matrix::Matrix;
use work::Team;

/// What the first pass over rows found; the gates of two blocks add up.
#[pyclass(frozen, module = "centra._core")]
struct Gate(ColumnStats);

#[pymethods]
impl Gate {
    #[getter]
    fn rows(&self) -> u64 {
        self.0.rows
    }

    /// (row, column) of the first entry that is not finite.
    #[getter]
    fn bad(&self) -> Option<(usize, usize)> {
        self.0.bad
    }

    #[getter]
    fn low<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.0.low.clone().into_pyarray(py)
    }

    #[getter]
    fn high<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.0.high.clone().into_pyarray(py)
    }

    /// Whether all centers lie in the box of the rows.
    fn holds(&self, py: Python<'_>, team: &Team, centers: PyReadonlyArray2<f64>) -> PyResult<bool> {
        let columns = self.0.low.len();
        work::expect("centers", &centers.shape()[1..], &[columns])?;
        let centers = centers.as_slice()?;
        let within = |all: bool, (x, (low, high)): (&f64, (&f64, &f64))| all & (low <= x) & (x <= high);
        let inside = |center: &[f64]| center.iter().zip(self.0.low.iter().zip(&self.0.high)).fold(true, within);
        team.run(py, |workers| workers.all(centers, columns, inside))
    }

    fn __add__(&self, other: &Gate) -> Gate {
        let mut sum = self.0.clone();
        sum.merge(&other.0);
        Gate(sum)
    }
}

/// How columns are split into limbs, for rows (and weights) that passed these gates.
#[pyclass(frozen, module = "centra._core")]
struct Plan {
    plan: Arc<FixedPointFormat>,
    weighing: Option<Arc<FixedPointFormat>>,
    /// For sums without weights.
    plain: Arc<FixedPointFormat>,
    ranges: Vec<Range>,
}

#[pymethods]
impl Plan {
    #[new]
    #[pyo3(signature = (gate, weights=None))]
    fn new(gate: &Gate, weights: Option<&Gate>) -> PyResult<Plan> {
        if !gate.0.summable || weights.is_some_and(|weights| !weights.0.summable) {
            return Err(PyValueError::new_err("the rows passed a gate without sums"));
        }
        let ranges = gate.0.ranges();
        let plain = Arc::new(FixedPointFormat::new(&ranges, gate.0.rows, false));
        Ok(match weights {
            None => Plan { plan: plain.clone(), weighing: None, plain, ranges },
            Some(weights) => {
                let weight = weights.0.ranges()[0];
                let products: Vec<Range> = ranges.iter().map(|range| range.product(weight)).collect();
                Plan {
                    plan: Arc::new(FixedPointFormat::new(&products, gate.0.rows, true)),
                    weighing: Some(Arc::new(FixedPointFormat::new(&[weight], gate.0.rows, false))),
                    plain,
                    ranges,
                }
            }
        })
    }

    /// Largest number of limbs of a column.
    #[getter]
    fn limbs(&self) -> usize {
        self.plan.depth()
    }
}

/// Exact sums of w x^2 and, if asked for, of x.
#[pyclass(frozen, module = "centra._core")]
struct Moments {
    squares: Superaccumulator,
    sums: Option<ClusterSums>,
    /// Rows whose weight is not 0.
    rows: u64,
}

#[pymethods]
impl Moments {
    fn __add__(&self, other: &Moments) -> Moments {
        let mut squares = self.squares.clone();
        squares.merge(&other.squares);
        let sums = self.sums.clone().zip(other.sums.as_ref()).map(|(mut sums, other)| {
            sums.merge(other);
            sums
        });
        Moments { squares, sums, rows: self.rows + other.rows }
    }

    /// Mean over columns of the (unweighted) variances of the rows that weigh something, rounded once. Weights are 0 or 1.
    fn mean_variance(&self) -> PyResult<f64> {
        let sums = self.sums.as_ref().ok_or_else(|| PyValueError::new_err("these moments have no sums of columns"))?;
        let variance = mean_variance(&self.squares, sums, self.rows);
        if variance.is_infinite() {
            return Err(PyOverflowError::new_err(
                "the variance of X exceeds the largest float64; divide X by a power of two",
            ));
        }
        Ok(variance)
    }
}

/// Exact sums of the clusters.
#[pyclass(module = "centra._core")]
struct Tally(ClusterSums);

impl Tally {
    fn check(&self, cluster: usize) -> PyResult<()> {
        if cluster < self.0.clusters() {
            return Ok(());
        }
        Err(PyValueError::new_err(format!("no cluster {cluster}: there are {}", self.0.clusters())))
    }
}

#[pymethods]
impl Tally {
    #[new]
    fn new(clusters: usize, plan: &Plan) -> Tally {
        Tally(ClusterSums::new(clusters, plan.plan.clone(), plan.weighing.clone()))
    }

    fn copy(&self) -> Tally {
        Tally(self.0.clone())
    }

    /// Weights of the clusters, rounded to float64.
    fn weights<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        (0..self.0.clusters()).map(|j| self.0.weight(j)).collect::<Vec<_>>().into_pyarray(py)
    }

    /// Whether the rows of some cluster weigh nothing.
    fn has_empty(&self) -> bool {
        (0..self.0.clusters()).any(|j| self.0.weight(j) == 0.0)
    }

    /// The cluster of the largest exact weight, the lowest index of equals.
    fn heaviest(&self) -> usize {
        let later = |best, j| if self.0.compare_weights(j, best).is_gt() { j } else { best };
        (1..self.0.clusters()).fold(0, later)
    }

    /// Moves a row, given by its values and weight, from one cluster's sums to another's.
    fn relocate(&mut self, row: PyReadonlyArray1<f64>, weight: f64, donor: usize, founded: usize) -> PyResult<()> {
        self.check(donor)?;
        self.check(founded)?;
        let values = row.as_slice()?;
        if values.len() != self.0.columns() {
            return Err(PyValueError::new_err("the row has another number of columns than the tally"));
        }
        let rows = Dense::contiguous(values, 1, values.len()).ok_or_else(|| PyValueError::new_err("no row"))?;
        let mut buffer = Vec::new();
        self.0.count(&rows, 0, donor, weight, true, &mut buffer);
        self.0.count(&rows, 0, founded, weight, false, &mut buffer);
        Ok(())
    }
}

/// Means and inertia of a tally: what did not change since they were taken last is not computed again.
#[pyclass(module = "centra._core")]
struct Ledger(MeanCache);

#[pymethods]
impl Ledger {
    #[new]
    fn new() -> Ledger {
        Ledger(MeanCache::default())
    }

    /// Writes exact means rounded once, k x d; returns which centers moved, and the sum of their squared distances, rounded once.
    /// Clusters of weight zero keep their centers. The centers are those that the last call wrote, and the tally is the same one; or the ledger is new.
    fn advance<'py>(
        &mut self,
        py: Python<'py>,
        team: &Team,
        tally: &Tally,
        centers: PyReadonlyArray2<f64>,
        mut means: PyReadwriteArray2<f64>,
    ) -> PyResult<(Bound<'py, PyArray1<bool>>, f64)> {
        let clusters = tally.0.clusters();
        work::expect("centers", centers.shape(), &[clusters, tally.0.columns()])?;
        work::expect("means", means.shape(), centers.shape())?;
        let (isa, centers, means) = (team.isa, centers.as_slice()?, means.as_slice_mut()?);
        let (mut moved, mut shifts) = (vec![false; clusters], vec![0.0; clusters]);
        let update = Update { means, moved: &mut moved, shifts: &mut shifts };
        team.run(py, |workers| self.0.advance((workers, isa), &tally.0, centers, update))?;
        let infinite = shifts.iter().any(|shift| shift.is_infinite());
        let mut sum = Superaccumulator::new();
        shifts.iter().filter(|shift| !infinite && **shift != 0.0).for_each(|shift| sum.add(*shift));
        Ok((moved.into_pyarray(py), if infinite { f64::INFINITY } else { sum.to_f64() }))
    }

    /// sum w |x - c|^2, exact, rounded once, for centers as `advance` returned them last, or any if the ledger is new.
    fn inertia(
        &mut self,
        py: Python<'_>,
        team: &Team,
        tally: &Tally,
        moments: &Moments,
        centers: PyReadonlyArray2<f64>,
    ) -> PyResult<f64> {
        work::expect("centers", centers.shape(), &[tally.0.clusters(), tally.0.columns()])?;
        let (isa, centers) = (team.isa, centers.as_slice()?);
        let inertia = team.run(py, |workers| self.0.inertia((workers, isa), &tally.0, &moments.squares, centers))?;
        if inertia.is_nan() {
            work::check_finite(centers)?;
        }
        if inertia.is_infinite() {
            return Err(PyOverflowError::new_err(
                "the inertia exceeds the largest float64; divide X by a power of two",
            ));
        }
        Ok(inertia)
    }
}

/// Origin and unit of the float32 filter: no result depends on them.
#[pyclass(frozen, module = "centra._core")]
struct Frame(CoreFrame);

#[pymethods]
impl Frame {
    /// For rows that passed the gate and for centers like these; sparse rows keep their origin at zero.
    #[new]
    fn new(gate: &Gate, centers: PyReadonlyArray2<f64>, sparse: bool) -> PyResult<Frame> {
        let gate = &gate.0;
        let columns = gate.largest.len();
        let origin = if sparse { vec![0.0; columns] } else { gate.origin() };
        let mut reach: Vec<f64> =
            (0..columns).map(|q| (gate.low[q] - origin[q]).abs().max((gate.high[q] - origin[q]).abs())).collect();
        if centers.shape()[1] != columns {
            return Err(PyValueError::new_err("the centres have another number of columns than the rows"));
        }
        for center in centers.as_slice()?.chunks_exact(columns) {
            for (q, c) in center.iter().enumerate() {
                reach[q] = reach[q].max((c - origin[q]).abs());
            }
        }
        Ok(Frame(CoreFrame::new(&origin, &reach)))
    }
}

/// Rows packed for the filter, kept between sweeps.
#[pyclass(module = "centra._core")]
struct Cache(PackedRows);

#[pymethods]
impl Cache {
    #[new]
    fn new() -> Cache {
        Cache(PackedRows::default())
    }

    /// Bytes in use.
    #[getter]
    fn nbytes(&self) -> usize {
        self.0.bytes()
    }

    /// Bytes that a row of so many columns takes in int16.
    #[staticmethod]
    fn row_bytes(team: &Team, columns: usize) -> usize {
        Layout::new(team.isa == Isa::Amx, columns).row_bytes()
    }
}

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<Matrix>()?;
    module.add_class::<Team>()?;
    module.add_class::<Gate>()?;
    module.add_class::<Plan>()?;
    module.add_class::<Moments>()?;
    module.add_class::<Tally>()?;
    module.add_class::<Ledger>()?;
    module.add_class::<Frame>()?;
    module.add_class::<Cache>()?;
    module.add_class::<standing::Standing>()?;
    bounds::register(module)?;
    boxes::register(module)?;
    rivals::register(module)?;
    seeding::register(module)?;
    work::register(module)
}
