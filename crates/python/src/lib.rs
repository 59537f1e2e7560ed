//! The binding: borrows NumPy arrays, lets go of the GIL, maps errors. Names only; the work is in `centra-core`, and
//! the folders are those of its layers.

mod assign;
mod check;
mod distance;
mod pickle;
mod prune;
mod rows;
mod screen;
mod seeding;
mod steps;
mod sums;
mod threads;

use pyo3::prelude::*;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    threads::register(module)?;
    rows::register(module)?;
    distance::register(module)?;
    sums::register(module)?;
    screen::register(module)?;
    prune::register(module)?;
    seeding::register(module)?;
    assign::register(module)?;
    steps::register(module)
}
