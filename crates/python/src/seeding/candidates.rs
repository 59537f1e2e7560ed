//! The candidates of a step.

use centra_core::seeding::filters::prepared::PreparedCandidates;
use numpy::{PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::check::check_finite;
use crate::screen::frame::Frame;
use crate::threads::{Team, caught};

/// The candidates of a step, made ready to rule out rows by.
#[pyclass(frozen, module = "centra._core")]
pub struct Candidates(pub PreparedCandidates);

#[pymethods]
impl Candidates {
    /// `centers`: those chosen so far, to rule out rows by their nearest center; none for doing without.
    #[new]
    fn new(
        workers: &Team,
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
        caught(|| PreparedCandidates::new(workers.isa, &frame.0, sparse, places, centers)).map(Candidates)
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Candidates>()
}
