"""Sparse rows that are broken, and sparse rows that only look so.

scipy lets anybody write into the three arrays of a CSR matrix. Whatever they then hold, there is
one clear error or the right answer: the one of the dense copy. Never a crash, never a read outside
the arrays, and the caller's matrix is not touched.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from compare import check_same_fit, fit_from, same

DENSE = np.array(
    [[0, 1, 0, 2], [0, 0, 0, 0], [3, 0, 0, 1], [0, 5, 0, 0], [0, 1, 0, 2.5], [3, 0, 0, 0]]
)
START = DENSE[[0, 2]]


def matrix(**arrays: Any) -> sp.csr_matrix:
    """Return DENSE as CSR, with some of its arrays replaced behind scipy's back."""
    S = sp.csr_matrix(DENSE)
    for name, array in arrays.items():
        setattr(S, name, np.asarray(array))
    return S


def changed(array: str, at: int, value: Any, dtype: Any = None) -> sp.csr_matrix:
    """Return DENSE as CSR with one number of one of its arrays replaced."""
    numbers = getattr(sp.csr_matrix(DENSE), array).copy()
    numbers = numbers if dtype is None else numbers.astype(dtype)
    numbers[at] = value
    return matrix(**{array: numbers})


def coo(array: str, value: int) -> sp.coo_matrix:
    """Return DENSE as COO with one row or column number replaced."""
    S = sp.csr_matrix(DENSE).tocoo()
    getattr(S, array)[2] = value
    return S


def csc(at: int, value: int) -> sp.csc_matrix:
    """Return DENSE as CSC with one row number replaced."""
    S = sp.csc_matrix(DENSE)
    S.indices[at] = value
    return S


BROKEN = {
    "index beyond the columns": (lambda: changed("indices", 3, 4), "ind|column"),
    "index far beyond": (lambda: changed("indices", 0, 2**31 - 1), "ind|column"),
    "negative index": (lambda: changed("indices", 2, -1), "ind|column|negative"),
    "index beyond 2^32": (lambda: changed("indices", 2, 2**32, np.int64), "ind|column"),
    "indptr that falls": (lambda: changed("indptr", 2, 5), "indptr|index pointer"),
    "indptr that starts at 1": (lambda: changed("indptr", 0, 1), "indptr|index pointer"),
    "indptr that starts below 0": (lambda: changed("indptr", 0, -3), "indptr|index pointer"),
    "indptr beyond the data": (lambda: changed("indptr", 6, 400), "indptr|index pointer|indices"),
    "indptr far beyond": (lambda: changed("indptr", 3, 2**31 - 1), "indptr|index pointer"),
    "indptr beyond 2^62": (lambda: changed("indptr", 6, 2**62, np.int64), "indptr|index|indices"),
    "indptr too short": (lambda: matrix(indptr=[0, 2, 8]), "indptr|index pointer"),
    "indptr too long": (lambda: matrix(indptr=[0, 2, 2, 4, 5, 7, 8, 8]), "indptr|index pointer"),
    "fewer data than indices": (lambda: matrix(data=np.ones(3)), "indptr|indices|data"),
    "fewer indices than data": (lambda: matrix(indices=np.zeros(2, np.int32)), "indptr|ind|data"),
    "COO beyond the columns": (lambda: coo("col", 4), "ind|column"),
    "COO beyond the rows": (lambda: coo("row", 60), "ind|row"),
    "COO negative": (lambda: coo("col", -1), "ind|column|negative"),
    "CSC beyond the rows": (lambda: csc(3, 6), "ind|row"),
    "NaN": (lambda: changed("data", 4, np.nan), "NaN"),
    "infinity": (lambda: changed("data", 4, -np.inf), "infinity"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_matrices_are_refused(name):
    make, text = BROKEN[name]
    text = f"(?i){text}"
    with pytest.raises(ValueError, match=text):
        fit_from(START, make())
    with pytest.raises(ValueError, match=text):
        centra.KMeans(2, random_state=0).fit(make())
    km = fit_from(START, DENSE)
    for call in (km.predict, km.transform, km.score, lambda S: centra.assign(S, START)):
        with pytest.raises(ValueError, match=text):
            call(make())


def keep(S: Any) -> tuple[bytes, ...]:
    """Return what a matrix's arrays hold."""
    return S.data.tobytes(), S.indices.tobytes(), S.indptr.tobytes()


def odd_but_right(dtype: Any) -> dict[str, Any]:
    """Return matrices that mean DENSE, written in ways that a careless reader gets wrong."""
    plain = sp.csr_matrix(DENSE.astype(dtype))
    backwards = plain.copy()
    for i in range(len(DENSE)):
        part = slice(*backwards.indptr[i : i + 2])
        backwards.indices[part] = backwards.indices[part][::-1].copy()
        backwards.data[part] = backwards.data[part][::-1].copy()
    backwards.has_sorted_indices = False
    twice = sp.csr_matrix(
        (
            np.repeat(plain.data / 2, 2),
            np.repeat(plain.indices, 2),
            plain.indptr * 2,
        ),
        shape=plain.shape,
    )
    liar = backwards.copy()
    liar.has_sorted_indices = True
    perjurer = sp.csr_matrix((twice.data, twice.indices, twice.indptr), shape=plain.shape)
    perjurer.has_canonical_format = True
    zeros = sp.csr_matrix((plain.data, plain.indices, plain.indptr), shape=plain.shape)
    zeros = zeros + 0 * sp.csr_matrix(np.ones_like(DENSE, dtype=dtype))
    long = sp.csr_array(plain)
    long.indices, long.indptr = long.indices.astype(np.int64), long.indptr.astype(np.int64)
    mixed = sp.csr_array(plain)
    mixed.indptr = mixed.indptr.astype(np.int64)
    roomy = plain.copy()
    roomy.data = np.r_[plain.data, np.nan].astype(dtype)
    roomy.indices = np.r_[plain.indices, 99].astype(np.int32)
    return {
        "unsorted": backwards,
        "unsorted, said to be sorted": liar,
        "duplicates": twice,
        "duplicates, said to be canonical": perjurer,
        "explicit zeros": zeros,
        "int64": long,
        "int32 beside int64": mixed,
        "entries after the last row": roomy,
        "csc": plain.tocsc(),
        "coo": plain.tocoo(),
        "csr_array": sp.csr_array(plain),
    }


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", odd_but_right(np.float64))
def test_odd_matrices_are_read_right_and_left_alone(name, dtype):
    S = odd_but_right(dtype)[name]
    before = keep(S) if hasattr(S, "indptr") else None
    dense, start = DENSE.astype(dtype), START.astype(dtype)
    if name == "entries after the last row":
        # scipy itself keeps such room after a slice in place; the entries belong to no row.
        try:
            km = fit_from(start, S)
        except ValueError as error:
            assert any(word in str(error) for word in ("indptr", "indices", "NaN", "data"))
            return
    if name == "duplicates, said to be canonical":
        # Whoever sets that flag has it believed; refusing is as good as finding out.
        try:
            km = fit_from(start, S)
        except ValueError as error:
            assert "repeated" in str(error) or "duplicate" in str(error)
            return
    km = fit_from(start, S)
    check_same_fit(km, fit_from(start, dense))
    assert km.predict(S).tolist() == km.labels_.tolist() == km.predict(dense).tolist()
    same(km.transform(S), km.transform(dense))
    assert before is None or keep(S) == before


def test_many_duplicates_of_one_entry_are_summed_and_rounded_as_scipy_does():
    """The sum is a float64 (float32) number, whatever is then done with it."""
    values = np.array([0.1] * 10 + [1.0, 1.0])
    S = sp.csr_matrix((values, np.zeros(12, int), [0, 10, 11, 12]), shape=(3, 1))
    km = fit_from([[0.5]], S)
    summed = S.copy()
    summed.sum_duplicates()
    check_same_fit(km, fit_from([[0.5]], summed.toarray()))


def test_integer_boolean_and_long_double_entries():
    whole = np.round(DENSE)
    for dtype in ("i4", "i8", "u1", "?", "g", ">f8", "f2"):
        S = sp.csr_matrix(whole)
        S.data = S.data.astype(dtype)  # scipy refuses some of these in its constructor
        expected = whole.astype(dtype).astype(np.float64)
        check_same_fit(fit_from(START, S), fit_from(START, expected))


@pytest.mark.parametrize("shape", [(4,), (2, 3, 2)])
def test_sparse_arrays_of_one_or_three_dimensions(shape):
    """Later versions of SciPy have them; they are no rows and columns."""
    kinds = [sp.coo_array] if len(shape) == 3 else [sp.coo_array, sp.csr_array]
    for kind in kinds:
        try:
            rows = kind(np.ones(shape))
        except (TypeError, ValueError):
            continue  # this version has only two
        if rows.shape != shape:
            continue
        for call in (centra.KMeans(1).fit, centra.KMeans(1).fit(DENSE).predict):
            with pytest.raises(ValueError, match=f"Expected 2D array, got a {len(shape)}D sparse"):
                call(rows)
