//! A NumPy or SciPy matrix, borrowed: the one place where types are told apart.

use numpy::{Element, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::{PyIndexError, PyMemoryError, PyTypeError, PyValueError};
use pyo3::prelude::*;

use centra_core::rows::{Csr, Dense, Index, Real, Rows};

/// Rows of a dense array, or of a CSR matrix.
#[pyclass(frozen, module = "centra._core")]
pub struct Matrix {
    pub kind: Kind,
    shape: (usize, usize),
}

pub enum Kind {
    Dense32(Py<PyArray2<f32>>),
    Dense64(Py<PyArray2<f64>>),
    Csr32Short(Sparse<f32, i32>),
    Csr64Short(Sparse<f64, i32>),
    Csr32Long(Sparse<f32, i64>),
    Csr64Long(Sparse<f64, i64>),
}

pub struct Sparse<T, I> {
    values: Py<PyArray1<T>>,
    indices: Py<PyArray1<I>>,
    starts: Py<PyArray1<I>>,
    columns: usize,
}

/// The rows of a dense array as the core reads them. The guard keeps the array borrowed.
pub fn dense<'a, T: Real + Element>(guard: &'a PyReadonlyArray2<'_, T>) -> PyResult<Dense<'a, T>> {
    let size = size_of::<T>() as isize;
    let (shape, strides) = (guard.shape(), guard.strides());
    let (rows, columns) = (shape[0], shape[1]);
    if strides.iter().any(|stride| stride % size != 0) || !guard.data().is_aligned() {
        return Err(PyValueError::new_err("the array is not aligned to its element size; make a copy of it"));
    }
    let strides = (strides[0] / size, strides[1] / size);
    if columns == 0 {
        return Err(PyValueError::new_err("the array is empty: it has no columns"));
    }
    if rows == 0 {
        return Dense::new(&[], 0, (rows, columns), strides)
            .ok_or_else(|| PyValueError::new_err("the array has strides that leave its memory"));
    }
    // The elements lie between two corners; negative strides put the first element at the end.
    let reach = |count: usize, stride: isize| (count - 1) as isize * stride;
    let (down, across) = (reach(rows, strides.0), reach(columns, strides.1));
    let before = down.min(0) + across.min(0);
    let after = down.max(0) + across.max(0);
    // SAFETY: NumPy's shape and strides describe memory that the array owns or keeps alive: every element from `data +
    // before` to `data + after` lies in one allocation, initialised, aligned (checked above). The read-only guard keeps
    // the array from being borrowed for writing through this library; that nobody else writes to it during the call is
    // what every NumPy extension asks of its callers.
    let data = unsafe { std::slice::from_raw_parts(guard.data().offset(before), (after - before) as usize + 1) };
    Dense::new(data, -before as usize, (rows, columns), strides)
        .ok_or_else(|| PyValueError::new_err("the array's strides leave its memory"))
}

impl<T: Real + Element, I: Index + Element> Sparse<T, I> {
    fn new(
        values: &Bound<'_, PyAny>,
        indices: &Bound<'_, PyAny>,
        starts: &Bound<'_, PyAny>,
        columns: usize,
    ) -> PyResult<Self> {
        let sparse = Sparse {
            values: values.cast::<PyArray1<T>>()?.clone().unbind(),
            indices: indices.cast::<PyArray1<I>>()?.clone().unbind(),
            starts: starts.cast::<PyArray1<I>>()?.clone().unbind(),
            columns,
        };
        let guards = sparse.borrow(values.py())?;
        guards.rows()?;
        Ok(sparse)
    }

    pub fn borrow<'py>(&self, py: Python<'py>) -> PyResult<Guards<'py, T, I>> {
        Ok(Guards {
            values: self.values.bind(py).try_readonly()?,
            indices: self.indices.bind(py).try_readonly()?,
            starts: self.starts.bind(py).try_readonly()?,
            columns: self.columns,
        })
    }
}

/// Borrowed parts of a CSR matrix.
pub struct Guards<'py, T: Element, I: Element> {
    values: PyReadonlyArray1<'py, T>,
    indices: PyReadonlyArray1<'py, I>,
    starts: PyReadonlyArray1<'py, I>,
    columns: usize,
}

impl<T: Real + Element, I: Index + Element> Guards<'_, T, I> {
    pub fn rows(&self) -> PyResult<Csr<'_, T, I>> {
        Csr::new(self.values.as_slice()?, self.indices.as_slice()?, self.starts.as_slice()?, self.columns)
            .map_err(|wrong| PyValueError::new_err(format!("X is not a valid CSR matrix: {wrong}")))
    }
}

/// Rows without columns have nothing to be near to.
fn some_columns(columns: usize) -> PyResult<usize> {
    match columns {
        0 => Err(PyValueError::new_err("a matrix needs at least one column")),
        1..=MOST_COLUMNS => Ok(columns),
        _ => Err(PyMemoryError::new_err(format!("X has {columns} columns; at most {MOST_COLUMNS} are possible"))),
    }
}

/// The core numbers columns in 32 bits.
const MOST_COLUMNS: usize = i32::MAX as usize;

#[pymethods]
impl Matrix {
    /// A two-dimensional array of float32 or float64 with any strides.
    #[staticmethod]
    fn dense(array: &Bound<'_, PyAny>) -> PyResult<Matrix> {
        if let Ok(array) = array.cast::<PyArray2<f64>>() {
            dense(&array.try_readonly()?)?;
            let shape = (array.shape()[0], some_columns(array.shape()[1])?);
            return Ok(Matrix { kind: Kind::Dense64(array.clone().unbind()), shape });
        }
        if let Ok(array) = array.cast::<PyArray2<f32>>() {
            dense(&array.try_readonly()?)?;
            let shape = (array.shape()[0], some_columns(array.shape()[1])?);
            return Ok(Matrix { kind: Kind::Dense32(array.clone().unbind()), shape });
        }
        Err(PyTypeError::new_err("expected a two-dimensional array of float32 or float64 in native byte order"))
    }

    /// CSR parts: float32 or float64 values, int32 or int64 indices (of both index arrays alike).
    #[staticmethod]
    fn csr(
        values: &Bound<'_, PyAny>,
        indices: &Bound<'_, PyAny>,
        starts: &Bound<'_, PyAny>,
        columns: usize,
    ) -> PyResult<Matrix> {
        let (double, long) = (values.cast::<PyArray1<f64>>().is_ok(), indices.cast::<PyArray1<i64>>().is_ok());
        let kind = match (double, long) {
            (true, false) => Kind::Csr64Short(Sparse::new(values, indices, starts, columns)?),
            (true, true) => Kind::Csr64Long(Sparse::new(values, indices, starts, columns)?),
            (false, false) => Kind::Csr32Short(Sparse::new(values, indices, starts, columns)?),
            (false, true) => Kind::Csr32Long(Sparse::new(values, indices, starts, columns)?),
        };
        let rows = starts.len()?.saturating_sub(1);
        Ok(Matrix { kind, shape: (rows, some_columns(columns)?) })
    }

    #[getter]
    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// Some rows, dense, as float64.
    fn take<'py>(&self, py: Python<'py>, rows: PyReadonlyArray1<isize>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (n, d) = self.shape;
        let wanted = rows.as_slice()?;
        if let Some(row) = wanted.iter().find(|&&row| row < 0 || row as usize >= n) {
            return Err(PyIndexError::new_err(format!("there is no row {row}: there are {n}")));
        }
        let mut out = vec![0.0; wanted.len() * d];
        with_rows!(py, self, |rows| {
            wanted.iter().zip(out.chunks_exact_mut(d)).for_each(|(&row, out)| rows.write(row as usize, out));
        });
        PyArray1::from_vec(py, out).reshape([wanted.len(), d])
    }

    #[getter(sparse)]
    pub fn is_sparse(&self) -> bool {
        !matches!(self.kind, Kind::Dense32(_) | Kind::Dense64(_))
    }
}

/// Binds `$rows` to the matrix's rows, whatever their type, and evaluates `$body` for each type once.
macro_rules! with_rows {
    ($py:expr, $matrix:expr, |$rows:ident| $body:expr) => {{
        use $crate::rows::Kind;
        match &$matrix.kind {
            Kind::Dense32(array) => {
                let guard = numpy::PyArrayMethods::try_readonly(array.bind($py))?;
                let $rows = $crate::rows::dense(&guard)?;
                $body
            }
            Kind::Dense64(array) => {
                let guard = numpy::PyArrayMethods::try_readonly(array.bind($py))?;
                let $rows = $crate::rows::dense(&guard)?;
                $body
            }
            Kind::Csr32Short(sparse) => {
                let guards = sparse.borrow($py)?;
                let $rows = guards.rows()?;
                $body
            }
            Kind::Csr64Short(sparse) => {
                let guards = sparse.borrow($py)?;
                let $rows = guards.rows()?;
                $body
            }
            Kind::Csr32Long(sparse) => {
                let guards = sparse.borrow($py)?;
                let $rows = guards.rows()?;
                $body
            }
            Kind::Csr64Long(sparse) => {
                let guards = sparse.borrow($py)?;
                let $rows = guards.rows()?;
                $body
            }
        }
    }};
}
pub(crate) use with_rows;

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Matrix>()
}
