//! Screening in low precision.

pub mod activity;
pub mod frame;
pub mod norms;
pub mod packed_rows;

use pyo3::prelude::*;

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    frame::register(module)?;
    packed_rows::register(module)?;
    activity::register(module)?;
    norms::register(module)
}
