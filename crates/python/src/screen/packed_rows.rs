//! Rows that stay packed.

use centra_core::screen::kernel::i16::Layout;
use centra_core::screen::packed_rows;
use centra_core::simd::Isa;
use pyo3::prelude::*;

use crate::threads::Team;

/// Rows packed for the filter, kept between sweeps.
#[pyclass(name = "PackedRows", module = "centra._core")]
pub struct PackedRows(pub packed_rows::PackedRows);

#[pymethods]
impl PackedRows {
    #[new]
    fn new() -> PackedRows {
        PackedRows(packed_rows::PackedRows::default())
    }

    /// Bytes in use.
    #[getter]
    fn nbytes(&self) -> usize {
        self.0.bytes()
    }

    /// Bytes that a row of so many columns takes in int16.
    #[staticmethod]
    fn row_bytes(workers: &Team, columns: usize) -> usize {
        Layout::new(workers.isa == Isa::Amx, columns).row_bytes()
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PackedRows>()
}
