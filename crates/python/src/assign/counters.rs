//! What an assignment did.

use centra_core::assign::worker::Counters;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Counts as Python has them.
pub fn as_dict<'py>(py: Python<'py>, counters: &Counters) -> PyResult<Bound<'py, PyDict>> {
    let counts = PyDict::new(py);
    counts.set_item("rows", counters.rows)?;
    counts.set_item("changed", counters.changed)?;
    counts.set_item("examined", counters.examined)?;
    counts.set_item("scored", counters.scored)?;
    counts.set_item("compared", counters.compared)?;
    counts.set_item("repeated", counters.repeated)?;
    counts.set_item("exact", counters.exact)?;
    Ok(counts)
}
