//! Pickles: objects that passes carry, and that passes return, as bytes (crates/core/src/messages.rs).
//!
//! A class pickles as its own `from_bytes` and the bytes. What is wrong with them is a ValueError.

use centra_core::messages::{FORMAT, Message, Refused, from_bytes, to_bytes};
use pyo3::PyClass;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// How an object is made again: a function and its arguments.
pub type Reduced<'py> = (Bound<'py, PyAny>, (Bound<'py, PyBytes>,));

/// What `__reduce__` of a class returns.
pub fn reduce<'py, Class: PyClass>(py: Python<'py>, message: &impl Message) -> PyResult<Reduced<'py>> {
    let bytes = to_bytes(message)
        .map_err(|error| PyRuntimeError::new_err(format!("{} does not pickle: {error}", Class::NAME)))?;
    Ok((py.get_type::<Class>().getattr("from_bytes")?, (PyBytes::new(py, &bytes),)))
}

/// The object of some bytes.
pub fn read<Class: PyClass, T: Message>(bytes: &[u8]) -> PyResult<T> {
    from_bytes(bytes).map_err(|refused| {
        PyValueError::new_err(match refused {
            Refused::Damaged => format!("the bytes of a pickled {} are damaged: pickle it again", Class::NAME),
            Refused::Format(format) => format!(
                "a pickled {} is in format {format}, and this version of centra reads format {FORMAT}: use one version \
                 everywhere",
                Class::NAME
            ),
        })
    })
}
