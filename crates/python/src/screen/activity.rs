//! Centers of sparse rows, and which of them stand still.

use centra_core::assign::LEAD;
use centra_core::prune::hamerly::CenterDrift;
use centra_core::screen::activity::{self, MovedCenters};
use centra_core::simd::Isa;
use numpy::{PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::check::{check_finite, expect, slice};
use crate::rows::Matrix;
use crate::screen::frame::Frame;
use crate::threads::Team;

/// The centers of the last sweep, transposed, and how far they have moved.
#[pyclass(name = "CenterActivity", module = "centra._core")]
pub struct CenterActivity {
    pub activity: activity::CenterActivity,
    pub drift: CenterDrift,
    isa: Option<Isa>,
}

#[pymethods]
impl CenterActivity {
    #[new]
    fn new() -> CenterActivity {
        CenterActivity { activity: Default::default(), drift: CenterDrift::unplaced(0), isa: None }
    }

    /// Takes note of where the centers are now, and which are others than the last time, if there was one; the frame
    /// must be the same each time. `before` has the centers of the last time, if they are still there.
    #[pyo3(signature = (workers, frame, centers, moved=None, before=None))]
    fn advance(
        &mut self,
        py: Python<'_>,
        workers: &Team,
        frame: &Frame,
        centers: PyReadonlyArray2<f64>,
        moved: Option<PyReadonlyArray1<bool>>,
        before: Option<PyReadonlyArray2<f64>>,
    ) -> PyResult<()> {
        let (isa, columns) = (workers.isa, frame.0.shift.len());
        expect("centers", &centers.shape()[1..], &[columns])?;
        if centers.shape()[0] == 0 || columns == 0 {
            return Err(PyValueError::new_err("there are no centers"));
        }
        if let Some(moved) = &moved {
            expect("moved", moved.shape(), &centers.shape()[..1])?;
        }
        if let Some(before) = &before {
            expect("before", before.shape(), centers.shape())?;
        }
        let moved = slice(&moved)?;
        // Those of another number, or for another instruction set, are unknown.
        let moved = moved.filter(|moved| self.isa == Some(isa) && moved.len() == self.activity.clusters());
        let before = before.as_ref().map(|before| before.as_slice()).transpose()?;
        let went = MovedCenters { centers: centers.as_slice()?, columns, moved, before };
        self.isa = None;
        if !workers.run(py, |workers| self.activity.advance(workers, isa, &frame.0, went))? {
            check_finite(went.centers)?;
        }
        match self.activity.shifts() {
            Some(shifts) => self.drift.advance_by(shifts, if self.activity.all_active() { 0.0 } else { LEAD }),
            None => self.drift = CenterDrift::unplaced(self.activity.clusters()),
        }
        self.isa = Some(isa);
        Ok(())
    }
}

impl CenterActivity {
    /// Whether these are for sparse rows like those, so many centers and this instruction set.
    pub fn check(&self, workers: &Team, matrix: &Matrix, clusters: usize) -> PyResult<()> {
        let columns = self.activity.prepared().map_or(0, |prepared| prepared.columns);
        expect("the centers that stand", &[self.activity.clusters(), columns], &[clusters, matrix.shape().1])?;
        if !matrix.is_sparse() || self.isa != Some(workers.isa) {
            return Err(PyValueError::new_err("the centers were placed for other rows or another instruction set"));
        }
        Ok(())
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<CenterActivity>()
}
