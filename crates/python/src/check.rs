//! What is asked of arguments before the core has them.

use centra_core::sums::relabel::are_labels;
use numpy::{Element, PyReadonlyArray1, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::threads::Team;

/// An argument must have a shape.
pub fn expect(what: &str, found: &[usize], wanted: &[usize]) -> PyResult<()> {
    if found == wanted {
        return Ok(());
    }
    Err(PyValueError::new_err(format!("{what} has shape {found:?}, expected {wanted:?}")))
}

/// Centers must be numbers: a NaN would be nearest to nothing.
pub fn check_finite(centers: &[f64]) -> PyResult<()> {
    if are_finite(centers) {
        return Ok(());
    }
    Err(PyValueError::new_err("the centers contain NaN or infinity"))
}

/// The same by many threads: centers of sparse rows may be as large as the rows, and are looked at in every sweep.
pub fn check_many_finite(py: Python<'_>, workers: &Team, centers: &[f64]) -> PyResult<()> {
    if workers.run(py, |workers| workers.all(centers, 1 << 14, are_finite))? { Ok(()) } else { check_finite(centers) }
}

fn are_finite(numbers: &[f64]) -> bool {
    numbers.iter().fold(true, |all, c| all & c.is_finite())
}

pub fn check_weights<T: Element>(weights: &Option<PyReadonlyArray1<T>>, rows: usize) -> PyResult<()> {
    weights.as_ref().map_or(Ok(()), |weights| expect("weights", weights.shape(), &[rows]))
}

/// The numbers of an argument that may be left out.
pub fn slice<'a, T: Element>(argument: &'a Option<PyReadonlyArray1<T>>) -> PyResult<Option<&'a [T]>> {
    Ok(argument.as_ref().map(|argument| argument.as_slice()).transpose()?)
}

/// Labels must be those of clusters, or negative.
pub fn check_labels((py, workers): (Python<'_>, &Team), labels: &[i32], clusters: usize) -> PyResult<()> {
    let isa = workers.isa;
    if workers.run(py, |workers| are_labels(workers, isa, labels, clusters))? {
        return Ok(());
    }
    Err(PyValueError::new_err("a label is not that of a cluster of the sums"))
}

/// Refuses labels that are no center's.
pub fn own_labels(labels: &[i32], clusters: usize) -> PyResult<()> {
    if labels.iter().any(|&label| label < 0 || label as usize >= clusters) {
        return Err(PyValueError::new_err("a label is not that of a centre"));
    }
    Ok(())
}
