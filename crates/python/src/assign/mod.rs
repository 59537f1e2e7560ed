//! The nearest center of every row.

pub mod blocks;
mod counters;
pub mod exhaustive;
pub mod hamerly;

use pyo3::prelude::*;

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    exhaustive::register(module)?;
    hamerly::register(module)?;
    blocks::register(module)
}
