//! Rows as the filters of seeding read them.

use centra_core::rows::Rows;
use centra_core::seeding::filters::i8::{Bytes, MOST_COLUMNS};
use centra_core::seeding::filters::{self, kept};
use numpy::{PyReadwriteArray1, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::check::expect;
use crate::rows::{Matrix, with_rows};
use crate::screen::frame::Frame;
use crate::threads::Team;

/// Rows packed for trials, kept between steps.
#[pyclass(module = "centra._core")]
pub struct Kept(pub kept::Kept);

#[pymethods]
impl Kept {
    #[new]
    fn new() -> Kept {
        Kept(kept::Kept::default())
    }

    /// Bytes that a row of so many columns takes when rounded to bytes; None where that is not possible.
    #[staticmethod]
    fn row_bytes(columns: usize) -> Option<usize> {
        (columns <= MOST_COLUMNS).then(|| Bytes::row_bytes(columns))
    }
}

/// What each row brings to the filters of trials, and its packed form where that is to be kept.
#[pyfunction]
#[pyo3(signature = (workers, matrix, frame, out, kept=None))]
fn floors(
    py: Python<'_>,
    workers: &Team,
    matrix: &Matrix,
    frame: &Frame,
    mut out: PyReadwriteArray1<f64>,
    mut kept: Option<PyRefMut<'_, Kept>>,
) -> PyResult<()> {
    let isa = workers.isa;
    let (n, d) = matrix.shape();
    expect("the frame", &[frame.0.shift.len()], &[d])?;
    expect("out", out.shape(), &[n])?;
    let out = out.as_slice_mut()?;
    let mut packed = kept.is_some().then(Vec::new);
    with_rows!(py, matrix, |rows| {
        workers.run(py, |workers| match rows.is_dense() {
            true => filters::f32::floors(workers, isa, &rows, &frame.0, out, packed.as_mut()),
            false => filters::sparse::floors(workers, isa, &rows, out),
        })
    })?;
    if let (Some(kept), Some(packed)) = (kept.as_mut(), packed.filter(|_| !matrix.is_sparse())) {
        kept.0 = kept::Kept::Floats(packed);
    }
    Ok(())
}

/// Keeps dense rows rounded to bytes, which need no floors.
#[pyfunction]
fn round_rows(
    py: Python<'_>,
    workers: &Team,
    matrix: &Matrix,
    frame: &Frame,
    mut kept: PyRefMut<'_, Kept>,
) -> PyResult<()> {
    let isa = workers.isa;
    expect("the frame", &[frame.0.shift.len()], &[matrix.shape().1])?;
    if matrix.is_sparse() || matrix.shape().1 > MOST_COLUMNS {
        return Err(PyValueError::new_err("only dense rows that are not too wide are rounded to bytes"));
    }
    let bytes = with_rows!(py, matrix, |rows| workers.run(py, |workers| Bytes::of(workers, isa, &rows, &frame.0)))?;
    kept.0 = kept::Kept::Bytes(bytes);
    Ok(())
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Kept>()?;
    module.add_function(wrap_pyfunction!(floors, module)?)?;
    module.add_function(wrap_pyfunction!(round_rows, module)?)
}
