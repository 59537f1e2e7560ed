//! Distances of rows to centers, as they are reported.

pub mod assigned;
pub mod pairwise;
pub mod two_nearest;

use pyo3::prelude::*;

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    assigned::register(module)?;
    pairwise::register(module)?;
    two_nearest::register(module)
}
