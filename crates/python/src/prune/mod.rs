//! Rows, and blocks of rows, that need not be scored.

pub mod blocks;
pub mod hamerly;

use pyo3::prelude::*;

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    hamerly::register(module)?;
    blocks::register(module)
}
