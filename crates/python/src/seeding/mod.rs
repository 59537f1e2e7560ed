//! What seeding needs of the core.

pub mod candidates;
pub mod gains;
pub mod kept;
pub mod lower;
pub mod sampler;
pub mod trials;

use pyo3::prelude::*;

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    sampler::register(module)?;
    lower::register(module)?;
    candidates::register(module)?;
    kept::register(module)?;
    gains::register(module)?;
    trials::register(module)
}
