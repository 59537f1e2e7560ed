//! Exact sums over rows, and what is rounded of them.

pub mod cluster_sums;
pub mod column_stats;
pub mod formats;
pub mod incremental;
pub mod moments;

use pyo3::prelude::*;

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    column_stats::register(module)?;
    formats::register(module)?;
    moments::register(module)?;
    cluster_sums::register(module)?;
    incremental::register(module)
}
