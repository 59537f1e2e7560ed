//! Centers of sparse rows, and which of them stand still.

use centra_core::screen::activity::{self, MovedCenters};
use centra_core::simd::Isa;
use numpy::{PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::check::{check_finite, expect, slice};
use crate::rows::Matrix;
use crate::screen::frame::Frame;
use crate::threads::Team;

/// The centers of the last sweep, transposed.
#[pyclass(name = "CenterActivity", module = "centra._core")]
pub struct CenterActivity(pub activity::CenterActivity, Option<Isa>);

#[pymethods]
impl CenterActivity {
    #[new]
    fn new() -> CenterActivity {
        CenterActivity(activity::CenterActivity::default(), None)
    }

    /// Takes note of where the centers are now, and which are others than the last time, if there was one; the frame
    /// must be the same each time.
    #[pyo3(signature = (workers, frame, centers, moved=None))]
    fn advance(
        &mut self,
        py: Python<'_>,
        workers: &Team,
        frame: &Frame,
        centers: PyReadonlyArray2<f64>,
        moved: Option<PyReadonlyArray1<bool>>,
    ) -> PyResult<()> {
        let (isa, columns) = (workers.isa, frame.0.shift.len());
        expect("centers", &centers.shape()[1..], &[columns])?;
        if centers.shape()[0] == 0 || columns == 0 {
            return Err(PyValueError::new_err("there are no centers"));
        }
        if let Some(moved) = &moved {
            expect("moved", moved.shape(), &centers.shape()[..1])?;
        }
        let moved = slice(&moved)?;
        // Those of another number, or for another instruction set, are unknown.
        let moved = moved.filter(|moved| self.1 == Some(isa) && moved.len() == self.0.clusters());
        let went = MovedCenters { centers: centers.as_slice()?, columns, moved };
        self.1 = None;
        if !workers.run(py, |workers| self.0.advance(workers, isa, &frame.0, went))? {
            check_finite(went.centers)?;
        }
        self.1 = Some(isa);
        Ok(())
    }
}

impl CenterActivity {
    /// Whether these are for sparse rows like those, so many centers and this instruction set.
    pub fn check(&self, workers: &Team, matrix: &Matrix, clusters: usize) -> PyResult<()> {
        let columns = self.0.prepared().map_or(0, |prepared| prepared.columns);
        expect("the centers that stand", &[self.0.clusters(), columns], &[clusters, matrix.shape().1])?;
        if !matrix.is_sparse() || self.1 != Some(workers.isa) {
            return Err(PyValueError::new_err("the centers were placed for other rows or another instruction set"));
        }
        Ok(())
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<CenterActivity>()
}
