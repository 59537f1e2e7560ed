//! Calls that pass over rows: without the GIL, asking for Ctrl-C now and then, never letting a panic through.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use centra_core::memory::OutOfMemory;
use centra_core::simd::Isa;
use centra_core::threads::{self, Interrupted, Workers};
use pyo3::exceptions::{PyMemoryError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyType;

/// How many threads work, with which instruction set. No result depends on either.
#[pyclass(frozen, name = "Workers", module = "centra._core")]
pub struct Team {
    threads: usize,
    pub isa: Isa,
}

#[pymethods]
impl Team {
    /// `isa` is "scalar", "avx2", "avx512", "amx" or None for the best that there is.
    #[new]
    #[pyo3(signature = (n_threads, isa=None))]
    fn new(n_threads: usize, isa: Option<&str>) -> PyResult<Team> {
        let isa = match isa {
            None => Isa::best(),
            Some(name) => match Isa::named(name) {
                Some(isa) if isa.available() => isa,
                Some(_) => return Err(PyValueError::new_err(format!("this machine does not have {name}"))),
                None => {
                    return Err(PyValueError::new_err(format!(
                        "unknown instruction set '{name}': use scalar, avx2, avx512 or amx"
                    )));
                }
            },
        };
        Ok(Team { threads: n_threads.clamp(1, threads::MOST), isa })
    }

    /// How many may work: no more than are ever started.
    #[getter]
    fn n_threads(&self) -> usize {
        self.threads
    }

    #[getter]
    fn isa(&self) -> &'static str {
        self.isa.name()
    }

    /// Instruction sets of this machine.
    #[staticmethod]
    fn available() -> Vec<&'static str> {
        Isa::ALL.iter().filter(|isa| isa.available()).map(|isa| isa.name()).collect()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyType>, (usize, &'static str)) {
        (py.get_type::<Team>(), (self.threads, self.isa.name()))
    }

    /// Processors that this process may use: affinity and cgroup quota are counted.
    #[staticmethod]
    fn processors() -> usize {
        std::thread::available_parallelism().map_or(1, |count| count.get())
    }
}

impl Team {
    /// Runs `work` without the GIL; Ctrl-C raises what the signal handler raised, memory that runs out becomes a
    /// MemoryError, and a panic a RuntimeError.
    pub fn run<T: Send>(
        &self,
        py: Python<'_>,
        work: impl Send + FnOnce(&Workers) -> Result<T, Interrupted>,
    ) -> PyResult<T> {
        let (threads, raised) = (self.threads, Mutex::new(None));
        let pulse = || match Python::attach(|py| py.check_signals()) {
            Ok(()) => true,
            Err(error) => {
                *raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                false
            }
        };
        let done = py.detach(|| catch_unwind(AssertUnwindSafe(|| work(&Workers::new(threads, &pulse)))));
        match done {
            Ok(Ok(value)) => return Ok(value),
            Err(panic) if !panic.is::<Interrupted>() => return Err(internal(panic)),
            Ok(Err(Interrupted)) | Err(_) => (),
        }
        let raised = raised.into_inner().unwrap_or_else(PoisonError::into_inner);
        Err(raised.unwrap_or_else(|| PyRuntimeError::new_err("interrupted")))
    }
}

/// Runs short work, which needs no threads; memory that runs out becomes a MemoryError, and a panic a RuntimeError.
pub fn caught<T>(work: impl FnOnce() -> T) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(internal)
}

fn internal(panic: Box<dyn Any + Send>) -> PyErr {
    if let Some(OutOfMemory { bytes }) = panic.downcast_ref() {
        return PyMemoryError::new_err(format!("there is no memory for {bytes} more bytes"));
    }
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    PyRuntimeError::new_err(format!("centra's compiled core failed, which is a bug; please report it: {text}"))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Team>()
}
